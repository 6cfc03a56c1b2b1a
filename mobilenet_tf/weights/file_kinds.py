"""What lies at the path of --weights: a file that is read here, the folder of a run, or another, which is named."""

import difflib
from pathlib import Path

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.tflite.file_kind import (
    CHECKPOINT,
    RUN_FILE,
    FileKind,
    absence,
    files_in,
    kind_of_file,
    kind_of_folder,
)

__all__ = ["note_on_folder", "unread_kind", "weights_file"]

GRAPH_FILE = "saved_model.pb"  # in the folder of a SavedModel

READ_KINDS = "a .keras, .h5, .weights.h5 or .tflite file, or the folder of a SavedModel"

AS_KERAS = "Open it in Python with what made it and save the model as a .keras file: model.save('model.keras')."
OTHER_FRAMEWORK = (
    "Convert the model to a float .tflite: of PyTorch by litert_torch.convert(model.eval(), (image,)), of ONNX by "
    "onnx2tf -i model.onnx."
)
FROZEN = (
    "Convert it to a float .tflite: tf.compat.v1.lite.TFLiteConverter.from_frozen_graph(file, [its input], [its "
    "output]).convert()."
)
ADVICE = {
    "saved_model": AS_KERAS,
    "arrays": AS_KERAS,
    "frozen": FROZEN,
    "framework": OTHER_FRAMEWORK,
    "photo": "Give the file of the weights.",
    "description": "Give the file that holds the weights.",
    "export": "Give the file that it was exported from.",
}
UNKNOWN = FileKind("no file of weights that is known here", remedy="Compare its size and sha256 with the original's.")


def weights_file(source: str, known: tuple[str, ...] = ()) -> Path:
    """The file that `source` means: itself, or best.keras in the folder of a run; of a SavedModel, its folder, also if
    the saved_model.pb in it is named.

    known: the words that are no path; one that is misspelled is suggested.
    Raises WeightsError for what is no readable file; the message says what it is, and what to do.
    """
    if not source.strip():
        raise WeightsError(f"expected --weights to be {', '.join(known)}{' or ' * bool(known)}a file; got nothing.")
    path = Path(source)
    try:
        if path.is_dir():
            return _file_of_folder(path)
        if not path.is_file():
            raise WeightsError(_absent(path, known))
        if path.name == GRAPH_FILE:
            return path.parent
    except OSError as error:  # a name that is too long, or a folder that may not be looked into
        raise WeightsError(f"cannot read {path}: {error.strerror}. Expected {READ_KINDS}.") from error
    return path


def note_on_folder(source: str, file: Path) -> str:
    """That `file`, in the folder of a run that `source` names, is taken, and no SavedModel that lies there too."""
    others = ", and not the SavedModel in it" if (file.parent / GRAPH_FILE).is_file() else ""
    return f"{source} is the folder of a run: {file} is taken{others}."


def unread_kind(path: Path) -> str:
    """The error message for a file that is none of those that are read here: what it is, and what to do."""
    kind = kind_of_file(path) or UNKNOWN
    return f"{path} is {kind.what}; expected {READ_KINDS}.\n{kind.advice(ADVICE)}"


def _file_of_folder(folder: Path) -> Path:
    """best.keras in the folder of a run, or the folder of a SavedModel.

    Raises WeightsError, which names what the folder holds instead.
    """
    if (folder / RUN_FILE).is_file():
        return folder / RUN_FILE
    if (folder / GRAPH_FILE).is_file():
        return folder
    kind = kind_of_folder(folder) or _folder_of_others(folder)
    raise WeightsError(
        f"{folder} is {kind.what}; expected {READ_KINDS}, or the folder of a run.\n{kind.advice(ADVICE)}"
    )


def _folder_of_others(folder: Path) -> FileKind:
    names = sorted(path.name for path in folder.iterdir())
    inside = files_in(folder, (".keras", ".h5", ".tflite"))
    folders = [name for name in names if any((folder / name / file).is_file() for file in (RUN_FILE, GRAPH_FILE))]
    if inside or folders:
        choices = [str(folder / name) for name in dict.fromkeys((*inside, *folders))]
        more = f" or {len(choices) - 3} more" if len(choices) > 3 else ""
        return FileKind("a folder", remedy=f"Give one of what it holds: {', '.join(choices[:3])}{more}.")
    what = f"a folder without a {RUN_FILE}" if names else "an empty folder"
    return FileKind(what, remedy="Give the file itself.")


def _absent(path: Path, known: tuple[str, ...]) -> str:
    expected = f"expected --weights to be {', '.join(known)}{' or ' * bool(known)}a file"
    if path.with_name(f"{path.name}.index").is_file():
        return f"{path} is {CHECKPOINT.what}; expected {READ_KINDS}.\n{CHECKPOINT.remedy}"
    problem = absence(path)
    if problem is None:
        return f"{expected}; {path} is no regular file."
    if path.is_symlink():
        return f"{expected}; {path} {problem}."
    folder = next(parent for parent in path.absolute().parents if parent.is_dir())
    similar = difflib.get_close_matches(path.name, [*known, *(entry.name for entry in _entries(folder))], 1, 0.75)
    meant = f"\nDid you mean {similar[0] if similar[0] in known else folder / similar[0]}?" if similar else ""
    return f"{expected}; {path} {problem}.{meant}"


def _entries(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
