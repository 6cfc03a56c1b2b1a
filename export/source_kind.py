"""What a file of weights is: with a model or without one, and in which format."""

import hashlib
from pathlib import Path

from mobilenet_tf.weights.another_network import holds_model
from mobilenet_tf.weights.arrays import sha256_of

__all__ = ["converted_from", "hash_of", "is_tflite"]


def converted_from(path: Path, *, exact: bool = True) -> str:
    """What the manifest says that an export was made from. exact: whether its weights are floats."""
    if path.is_dir():
        return "a SavedModel"
    if is_tflite(path):
        return "a float .tflite" if exact else "a quantized .tflite"
    if _head(path)[:4] == b"\x89HDF":
        return "a Keras .h5 file" if holds_model(path) else "a Keras .h5 file of weights alone"
    return "a .keras file"


def is_tflite(path: Path) -> bool:
    """Whether it is a .tflite, by its first bytes."""
    return path.is_file() and _head(path)[4:8] == b"TFL3"


def hash_of(path: Path) -> str:
    """The sha256 of a file, or of the names and hashes of all files in the folder of a model."""
    if not path.is_dir():
        return sha256_of(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    lines = (f"{sha256_of(file)} {file.relative_to(path).as_posix()}\n" for file in files)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)
