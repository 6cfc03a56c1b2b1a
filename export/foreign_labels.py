"""The class names of a network of anybody's: given, beside its file, inside it, those of ImageNet, or numbers."""

from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.contract.labels import BACKGROUND, LABELS_FILE, imagenet_labels, read_labels, without_numbers
from mobilenet_tf.contract.places import PlaceCell
from mobilenet_tf.errors import InputError, LabelsError
from mobilenet_tf.terminal import printable
from mobilenet_tf.tflite.metadata_reader import embedded_labels, is_own_export
from mobilenet_tf.tflite.places_file import embedded_cells

from .settings import ExportSettings

__all__ = ["IMAGENET", "WITH_BACKGROUND", "cells_in", "found_labels", "labels_of_outputs", "refuse_labels"]

NAMES_BESIDE = (LABELS_FILE, "dict.txt")  # those of Teachable Machine and of ours; that of AutoML Vision
IMAGENET, WITH_BACKGROUND = 1000, 1001  # classes


def found_labels(path: Path, given: Path | None) -> tuple[list[str] | None, list[str]]:
    """(the labels of the model at `path`, None if there are none; notes).

    given: the file of --labels. Without it those beside the file, else those in the metadata of a .tflite.
    Raises LabelsError for labels that cannot be read.
    """
    file = given or _file_beside(path)
    if file is not None:
        labels, note = without_numbers(read_labels(file), str(file))
        said = [] if given else [f"the labels are those in {file}."]
        return labels, [*said, *([note] if note else [])]
    if path.is_file() and (content := path.read_bytes())[4:8] == b"TFL3":
        embedded = embedded_labels(content, path.name)
        if embedded is not None and not is_own_export(content):
            embedded, note = without_numbers(embedded, path.name)
            return embedded, [note] if note else []
        return embedded, []
    return None, []


def cells_in(path: Path | None, classes: int) -> tuple[PlaceCell, ...]:
    """The cells of the earth that a .tflite has for its classes; none if the file is another, or its classes are.

    Raises ModelError for cells that cannot be read, or of another number.
    """
    if path is None or not path.is_file():
        return ()
    with path.open("rb") as file:
        if file.read(8)[4:] != b"TFL3":
            return ()
    return tuple(embedded_cells(path.read_bytes(), classes, path.name) or ())


def labels_of_outputs(labels: Sequence[str] | None, outputs: int, source: str) -> tuple[list[str], list[str]]:
    """(one label for each of `outputs`; notes on labels that were made up).

    labels: those that were found; None if there are none. One label alone is that of the one output of a network of two
            classes, which says how much a photo is of this class.
    source: what errors call the model. Raises LabelsError for another number of labels.
    """
    if labels is None and outputs in (IMAGENET, WITH_BACKGROUND):
        names = [BACKGROUND] * (outputs - IMAGENET) + imagenet_labels()
        note = f"no labels given: the {outputs} classes are taken for those of ImageNet, in their usual order"
        first = ", behind a background" if outputs == WITH_BACKGROUND else ""
        return names, [f"{note}{first}. If they are others, name them with --labels FILE."]
    if labels is None:
        note = f"no labels given: the {outputs} outputs are named by number; --labels FILE names them."
        return [f"class {index}" for index in range(outputs)], [note]
    if len(labels) == 1 and outputs == 2:
        negative = f"not {labels[0]}"
        note = f"one label for two classes: the first class is '{printable(negative)}', the second '{labels[0]}'."
        return [negative, *labels], [note]
    if len(labels) != outputs:
        expected = f"{outputs} labels, one for each output of {source}"
        if outputs == 2:
            expected = f"2 labels for the two classes of {source}, or 1, that of the second class"
        of_one = " For one sigmoid unit, the second class is what a high score stands for." if outputs == 2 else ""
        raise LabelsError(
            f"expected {expected}; got {len(labels)}.\n"
            f"Give the list that it was trained with, by --labels FILE, one label a line.{of_one}"
        )
    return list(labels), []


def refuse_labels(settings: ExportSettings) -> None:
    """Raise InputError if names are given to the parts of an embedding."""
    if settings.labels is not None:
        raise InputError(
            f"--labels names classes; {settings.weights} is exported as an embedding, a vector whose parts have no "
            "names.\nLeave --labels out, or --task embedding."
        )


def _file_beside(path: Path) -> Path | None:
    """The list of labels beside a file, or in the folder of a model or beside that."""
    folders = [path, path.parent] if path.is_dir() else [path.parent]
    places = (folder / name for folder in folders for name in NAMES_BESIDE)
    return next((place for place in places if place.is_file()), None)
