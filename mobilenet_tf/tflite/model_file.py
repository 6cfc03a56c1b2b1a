"""The .tflite file at a path, or what lies there in its place and what to do with that."""

import shlex
import stat
from pathlib import Path

from mobilenet_tf.errors import ModelError

from .file_kind import FileKind, absence, kind_of_file, kind_of_folder

__all__ = ["MOST_MODEL_BYTES", "model_file", "read_model", "without_tflite"]

IDENTIFIER = b"TFL3"  # bytes 4 to 8 of a .tflite file
MOST_MODEL_BYTES = 10**9  # of a file: no classifier for a phone has a tenth of that
MOST_NAMES = 8  # of files in a folder that are told
UNKNOWN_FOLDER = FileKind("a folder without a .tflite file", remedy="Export one: mobilenet-export.")


def model_file(path: Path) -> tuple[Path, list[str]]:
    """(The .tflite file that `path` means: itself, or the only one in a folder and its sub-folders; a note if so).

    Raises ModelError for a folder that holds none, or several, which are named.
    """
    try:
        if not path.is_dir():
            return path, []
    except OSError:  # reading it names the reason
        return path, []
    files = sorted(path.rglob("*.tflite"))
    if not files:
        raise without_tflite(path)
    if len(files) > 1:
        listed = "\n".join(f"  {file}" for file in files[:MOST_NAMES])
        more = f"\n  and {len(files) - MOST_NAMES} more" if len(files) > MOST_NAMES else ""
        raise ModelError(f"expected one .tflite file; {path} holds {len(files)}. Give one of them:\n{listed}{more}")
    return files[0], [f"{path} is a folder: {files[0]} is taken, its only .tflite file."]


def read_model(path: Path) -> bytes:
    """The bytes of a .tflite file. Raises ModelError if it cannot be read, or is known as a file of another kind."""
    try:
        if path.is_dir():
            raise without_tflite(path)
        if (problem := absence(path)) is not None:
            raise ModelError(f"expected a .tflite file; {path} {problem}.")
        _check_size(path)
        content = path.read_bytes()
        kind = None if content[4:8] == IDENTIFIER else kind_of_file(path)
    except OSError as error:
        raise ModelError(f"expected a .tflite file; {path} cannot be read: {error.strerror}.") from error
    if kind is not None:
        raise _of_another_kind(path, kind)
    return content


def _check_size(path: Path) -> None:
    """Raise ModelError for what is no regular file, such as a pipe, which may never end, and for too large a file."""
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise ModelError(f"expected a .tflite file; {path} is no regular file, but a pipe or a device. Copy it to one.")
    if found.st_size > MOST_MODEL_BYTES:
        raise ModelError(
            f"expected a .tflite file of at most {MOST_MODEL_BYTES / 1e9:g} GB; {path} has {found.st_size / 1e9:.1f}.\n"
            "Give the file of an image classifier."
        )


def without_tflite(folder: Path) -> ModelError:
    """The error for a folder that holds no .tflite file: what it is, and what to do."""
    try:
        return _of_another_kind(folder, kind_of_folder(folder) or UNKNOWN_FOLDER)
    except OSError as error:
        return ModelError(f"expected .tflite files; {folder} cannot be read: {error.strerror}.")


def _of_another_kind(path: Path, kind: FileKind) -> ModelError:
    advice = {
        **dict.fromkeys(("keras", "run"), f"Export it first: mobilenet-export --weights {shlex.quote(str(path))}"),
        "saved_model": "Convert it with TensorFlow: tf.lite.TFLiteConverter.from_saved_model(folder).convert().",
        "frozen": "Convert it with TensorFlow: tf.compat.v1.lite.TFLiteConverter.from_frozen_graph.",
        "framework": "Convert it to a .tflite file with the tools of its framework.",
        "photo": "The .tflite file comes first, then the photos.",
        "export": "It has lost its .tflite files: export them again with mobilenet-export.",
        **dict.fromkeys(("arrays", "description", "tflite"), "Give the .tflite file of the model."),
    }
    return ModelError(f"{path} is {kind.what}; expected a .tflite file.\n{kind.advice(advice)}")
