"""What lies at a path, told by its content, or by its name if the content does not tell: for messages about files of
another kind than was expected. Nothing is unpickled: a pickle can run any program.
"""

import errno
import os
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mobilenet_tf.contract.manifest import MANIFEST_FILE

__all__ = ["CHECKPOINT", "RUN_FILE", "FileKind", "absence", "files_in", "kind_of_file", "kind_of_folder"]

RUN_FILE = "best.keras"  # the model in the folder of a training run
HEAD_SIZE = 64

# What a command can say about all kinds of one group at once; a kind with a remedy of its own is in none.
Group = Literal[
    "keras", "tflite", "saved_model", "arrays", "frozen", "framework", "export", "run", "photo", "description", ""
]


@dataclass(frozen=True)
class FileKind:
    """What a file or folder is, in words, and what to do: `remedy`, or what the command says about its `group`."""

    what: str
    group: Group = ""
    remedy: str = ""

    def advice(self, of_group: dict[str, str]) -> str:
        """What to do. of_group: the command's advice for each group."""
        return self.remedy or of_group[self.group]


CHECKPOINT = FileKind(
    "a TensorFlow checkpoint, which holds variables and no model",
    remedy="Restore it into the Keras model that wrote it, and save that: model.save('model.keras').",
)
SAVED_MODEL = FileKind("a TensorFlow SavedModel", "saved_model")
PYTORCH = FileKind("a file of PyTorch", "framework")
PICKLE = FileKind("a Python pickle, as PyTorch, scikit-learn and others write it", "framework")
KERAS = FileKind("a Keras file", "keras")
PHOTO = FileKind("a photo", "photo")

# How a file begins -> what it is.
BY_HEAD = (
    (re.compile(rb"\x80[\x02-\x05]"), PICKLE),
    (re.compile(rb"\x89HDF"), KERAS),
    (re.compile(rb".{4}TFL3", re.DOTALL), FileKind("a .tflite file", "tflite")),
    (re.compile(rb"\xff\xd8\xff|\x89PNG\r\n|GIF8|RIFF.{4}WEBP", re.DOTALL), PHOTO),
    (
        re.compile(rb"version https://git-lfs"),
        FileKind("a pointer of Git LFS, not the file itself", remedy="Fetch it: git lfs pull."),
    ),
    (
        re.compile(rb"\s*<(!doctype|html|\?xml)", re.IGNORECASE),
        FileKind(
            "a web page, saved in the place of the file", remedy="Download it again, by the link to the file itself."
        ),
    ),
    (
        re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf"),
        FileKind("a compressed archive", remedy="Unpack it, and give the file inside."),
    ),
    (re.compile(rb".{8}\{\"", re.DOTALL), FileKind("a safetensors file", "framework")),
    (
        re.compile(rb"\s*\{"),
        FileKind("JSON: the description of a model without its weights", "description"),
    ),
)
# How a file's name ends -> the same, if its content does not tell.
BY_NAME = (
    (re.compile(r"\.onnx"), FileKind("an ONNX model", "framework")),
    (re.compile(r"saved_model\.pb(txt)?"), SAVED_MODEL),
    (re.compile(r"\.pb(txt)?"), FileKind("a frozen graph of TensorFlow 1", "frozen")),
    (re.compile(r"\.(index|meta|ckpt|data-\d+-of-\d+)|(^|/)checkpoint"), CHECKPOINT),
    (re.compile(r"\.(pth|pt|ckpt|bin)"), PYTORCH),
    (re.compile(r"\.(pkl|pickle|joblib)"), PICKLE),
    (re.compile(r"\.tar"), FileKind("an archive", remedy="Unpack it, and give the file inside.")),
    (re.compile(r"\.(npy|npz|mat)"), FileKind("a file of arrays without a model", "arrays")),
    (
        re.compile(r"\.(caffemodel|prototxt|mlmodel|params|cfg|weights|engine)"),
        FileKind("of another framework", "framework"),
    ),
)


def kind_of_file(path: Path) -> FileKind | None:
    """What the file is; None if nothing tells. Raises OSError."""
    with path.open("rb") as file:
        head = file.read(HEAD_SIZE)
    if not head:
        return FileKind("an empty file", remedy="Copy or download it again.")
    if head[:2] == b"PK":
        return _kind_of_archive(path)
    for pattern, kind in BY_HEAD:
        if pattern.match(head):
            return kind
    return next((kind for name, kind in BY_NAME if re.search(f"({name.pattern})$", path.name.lower())), None)


def _kind_of_archive(path: Path) -> FileKind:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        remedy = "Copy or download it again, and compare its size with the original's."
        return FileKind("truncated or damaged", remedy=remedy)
    if "config.json" in names:
        return KERAS
    if any(name.endswith("data.pkl") for name in names):
        return PYTORCH
    if any(name.endswith("saved_model.pb") for name in names):
        return FileKind("an archive with a SavedModel in it", "saved_model")
    if names and all(name.endswith(".npy") for name in names):
        return FileKind("an archive of NumPy arrays without a model", "arrays")
    inside = next((name for name in names if Path(name).suffix in (".keras", ".h5", ".tflite")), None)
    remedy = f"Unpack it, and give {inside}." if inside else "Unpack it, and give the file of weights."
    return FileKind("an archive, and not one that Keras wrote", remedy=remedy)


def kind_of_folder(folder: Path) -> FileKind | None:
    """What the folder is by what lies in it; None if nothing tells. Raises OSError."""
    names = {path.name for path in folder.iterdir()}
    if names & {"saved_model.pb", "saved_model.pbtxt"}:
        return FileKind("the folder of a TensorFlow SavedModel", "saved_model")
    if (folder / RUN_FILE).is_file():
        return FileKind("the folder of a training run", "run")
    if "state.npz" in names:
        remedy = "Go on with it: the same mobilenet-train with --resume."
        return FileKind("a run that has no model yet", remedy=remedy)
    if MANIFEST_FILE in names:
        return FileKind("the folder of an export", "export")
    if {"metadata.json", "config.json", "model.weights.h5"} <= names:
        remedy = f"Pack it again: cd {folder} && zip -0 -r ../model.keras ."
        return FileKind("an unpacked .keras file", remedy=remedy)
    if "checkpoint" in names or any(name.endswith(".index") for name in names):
        return FileKind(f"a folder with {CHECKPOINT.what}", remedy=CHECKPOINT.remedy)
    if names & {"pytorch_model.bin", "model.safetensors"}:
        return FileKind("the folder of a PyTorch model", "framework")
    return None


def files_in(folder: Path, suffixes: tuple[str, ...]) -> list[str]:
    """The names of the files and folders in `folder` that end in one of these, sorted. Raises OSError."""
    return sorted(path.name for path in folder.iterdir() if path.suffix in suffixes)


def absence(path: Path) -> str | None:
    """Why there is nothing at `path`, as the end of a sentence; None if there is something. Raises OSError."""
    try:
        os.stat(path)
    except OSError as error:
        if error.errno == errno.ELOOP:
            return "is a loop of symbolic links"
        if error.errno not in (errno.ENOENT, errno.ENOTDIR):
            raise
        if path.is_symlink():
            return f"is a symbolic link to {path.readlink()}, which is not there"
        return "does not exist"
    return None
