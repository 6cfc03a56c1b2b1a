"""What lies at the path of --weights: a file that is read here, the folder of a run, or something else, which is named.

A file's kind is recognized by its content; by its name only if the content does not tell. Nothing is unpickled: a
pickle can run any program.
"""

import difflib
import re
import zipfile
from pathlib import Path

from mobilenet_tf.errors import WeightsError

__all__ = ["RUN_FILE", "unread_kind", "weights_file"]

RUN_FILE = "best.keras"  # the model in the folder of a training run
READ_KINDS = "a .keras, .weights.h5, .h5 or hosted .tflite file"

AS_KERAS = "Open it in Python with what made it and save the model as a .keras file: model.save('model.keras')."
OTHER_FRAMEWORK = (
    "Weights of other frameworks are not read. Build the network in Keras, copy them, and save a .keras file."
)
CHECKPOINT = (
    "a TensorFlow checkpoint, which holds variables and no model",
    "Restore it into the Keras model that wrote it, and save that: model.save('model.keras').",
)
SAVED_MODEL = ("a TensorFlow SavedModel", AS_KERAS)
PYTORCH = ("a file of PyTorch", OTHER_FRAMEWORK)
PICKLE = ("a Python pickle, as PyTorch, scikit-learn and others write it", OTHER_FRAMEWORK)

# How a file begins -> (what it is, what to do).
BY_HEAD = (
    (re.compile(rb"\x80[\x02-\x05]"), PICKLE),
    (re.compile(rb"version https://git-lfs"), ("a pointer of Git LFS, not the file itself", "Fetch it: git lfs pull.")),
    (
        re.compile(rb"\s*<(!doctype|html|\?xml)", re.IGNORECASE),
        ("a web page, saved in the place of the file", "Download it again, by the link to the file itself."),
    ),
    (
        re.compile(rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf"),
        ("a compressed archive", "Unpack it, and give the file inside."),
    ),
    (re.compile(rb".{8}\{\"", re.DOTALL), ("a safetensors file", OTHER_FRAMEWORK)),
    (
        re.compile(rb"\s*\{"),
        ("JSON: the description of a model without its weights", "Give the file that holds the weights."),
    ),
)
# How a file's name ends -> the same, if its content does not tell.
BY_NAME = (
    (re.compile(r"\.onnx"), ("an ONNX model", OTHER_FRAMEWORK)),
    (re.compile(r"saved_model\.pb(txt)?"), SAVED_MODEL),
    (re.compile(r"\.pb(txt)?"), ("a frozen graph of TensorFlow 1", AS_KERAS)),
    (re.compile(r"\.(index|meta|ckpt|data-\d+-of-\d+)|(^|/)checkpoint"), CHECKPOINT),
    (re.compile(r"\.(pth|pt|ckpt|bin)"), PYTORCH),
    (re.compile(r"\.(pkl|pickle|joblib)"), PICKLE),
    (re.compile(r"\.tar"), ("an archive", "Unpack it, and give the file inside.")),
    (re.compile(r"\.(npy|npz|mat)"), ("a file of arrays without a model", AS_KERAS)),
    (
        re.compile(r"\.(caffemodel|prototxt|mlmodel|params|cfg|weights|engine)"),
        ("of another framework", OTHER_FRAMEWORK),
    ),
)
HEAD_SIZE = 64


def weights_file(source: str, known: tuple[str, ...] = ()) -> Path:
    """The file that `source` means: itself, or best.keras in the folder of a run.

    known: the words that are no path; one that is misspelled is suggested.
    Raises WeightsError for what is no readable file; the message says what it is, and what to do.
    """
    path = Path(source)
    try:
        if path.is_dir():
            return _file_of_folder(path)
        if not path.is_file():
            raise WeightsError(_absent(path, known))
    except OSError as error:  # a name that is too long, or a folder that may not be looked into
        raise WeightsError(f"cannot read {path}: {error.strerror}. Expected {READ_KINDS}.") from error
    return path


def unread_kind(path: Path) -> str:
    """The error message for a file that is none of those that are read here: what it is, and what to do."""
    with path.open("rb") as file:
        head = file.read(HEAD_SIZE)
    what, advice = _kind(path, head)
    return f"{path} is {what}; expected {READ_KINDS}.\n{advice}"


def _kind(path: Path, head: bytes) -> tuple[str, str]:
    if not head:
        return "an empty file", "Copy or download it again."
    if head[:2] == b"PK":
        return _kind_of_archive(path)
    for pattern, kind in BY_HEAD:
        if pattern.match(head):
            return kind
    for name, kind in BY_NAME:
        if re.search(f"({name.pattern})$", path.name.lower()):
            return kind
    return "no file of weights that is known here", "Compare its size and sha256 with the original's."


def _kind_of_archive(path: Path) -> tuple[str, str]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return "truncated or damaged", "Copy or download it again, and compare its size with the original's."
    if any(name.endswith("data.pkl") for name in names):
        return PYTORCH
    if any(name.endswith("saved_model.pb") for name in names):
        return "an archive with a SavedModel in it", AS_KERAS
    if names and all(name.endswith(".npy") for name in names):
        return "an archive of NumPy arrays without a model", AS_KERAS
    inside = next((name for name in names if Path(name).suffix in (".keras", ".h5", ".tflite")), None)
    advice = f"Unpack it, and give {inside}." if inside else "Unpack it, and give the file of weights."
    return "an archive, and not one that Keras wrote", advice


def _file_of_folder(folder: Path) -> Path:
    """best.keras in the folder of a run. Raises WeightsError, which names what the folder holds instead."""
    if (folder / RUN_FILE).is_file():
        return folder / RUN_FILE
    names = {path.name for path in folder.iterdir()}
    what, advice = _kind_of_folder(folder, names)
    raise WeightsError(f"{folder} is {what}; expected {READ_KINDS}, or the folder of a run.\n{advice}")


def _kind_of_folder(folder: Path, names: set[str]) -> tuple[str, str]:
    if names & {"saved_model.pb", "saved_model.pbtxt"}:
        return "the folder of a TensorFlow SavedModel", AS_KERAS
    if "state.npz" in names:
        return "a run that has no model yet", "Go on with it: the same mobilenet-train with --resume."
    if "manifest.json" in names:
        return "the folder of an export", "Give the file that it was exported from."
    if {"metadata.json", "config.json", "model.weights.h5"} <= names:
        return "an unpacked .keras file", f"Pack it again: cd {folder} && zip -0 -r ../model.keras ."
    if "checkpoint" in names or any(name.endswith(".index") for name in names):
        return f"a folder with {CHECKPOINT[0]}", CHECKPOINT[1]
    if names & {"pytorch_model.bin", "model.safetensors"}:
        return "the folder of a PyTorch model", OTHER_FRAMEWORK
    inside = sorted(name for name in names if Path(name).suffix in (".keras", ".h5", ".tflite"))
    runs = sorted(name for name in names if (folder / name / RUN_FILE).is_file())
    if inside or runs:
        choices = [str(folder / name) for name in inside or runs]
        more = f" or {len(choices) - 3} more" if len(choices) > 3 else ""
        return "a folder", f"Give one of what it holds: {', '.join(choices[:3])}{more}."
    return f"a folder without a {RUN_FILE}" if names else "an empty folder", "Give the file itself."


def _absent(path: Path, known: tuple[str, ...]) -> str:
    expected = f"expected --weights to be {', '.join(known)}{' or ' * bool(known)}a file"
    if path.with_name(f"{path.name}.index").is_file():
        return f"{path} is {CHECKPOINT[0]}; expected {READ_KINDS}.\n{CHECKPOINT[1]}"
    if path.is_symlink():
        return f"{expected}; {path} is a symbolic link to {path.readlink()}, which is not there."
    if path.exists():
        return f"{expected}; {path} is no regular file."
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    similar = difflib.get_close_matches(path.name, [*known, *(entry.name for entry in _entries(folder))], 1, 0.75)
    meant = f"\nDid you mean {similar[0] if similar[0] in known else folder / similar[0]}?" if similar else ""
    return f"{expected}; {path} does not exist.{meant}"


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
