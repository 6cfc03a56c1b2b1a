"""The order of the classes, which a labels.txt may fix: that of its lines in place of the alphabet's."""

from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.contract.labels import LABELS_FILE, read_labels, without_numbers
from mobilenet_tf.errors import DataError
from mobilenet_tf.terminal import printable, shortened_list

from .class_matching import ClassMatcher
from .photos import is_photo_name

__all__ = ["labels_file_in", "order_of_classes"]


def labels_file_in(folder: Path) -> Path | None:
    """The labels.txt in `folder` that names classes; None if there is none, or if it is a list of photos."""
    file = folder / LABELS_FILE
    if not file.is_file():
        return None
    words = [word for line in read_labels(file)[:20] for word in line.replace(",", " ").split()]
    return None if any(map(is_photo_name, words)) else file


def order_of_classes(found: Sequence[str], file: Path) -> tuple[tuple[str, ...], list[int], tuple[str, ...]]:
    """(the classes in the order of `file`, the new index of each class in `found`, notes).

    A line may differ from a class by case, spaces or other signs, if only one is so similar: it names the class then.
    Classes that are all numbers are those of the lines, from 0. Raises DataError unless each line is one of the classes
    that were found and each of these has a line; LabelsError if the file is no text.
    """
    labels, note = without_numbers(read_labels(file), str(file))
    matcher = ClassMatcher(labels)
    indices = [matcher.exact_or_loose(name) for name in found]
    if None in indices and all(name.isascii() and name.isdecimal() for name in found):
        indices = [int(name) if int(name) < len(labels) else None for name in found]
    unknown = [printable(name) for name, index in zip(found, indices, strict=True) if index is None]
    without = [printable(label) for number, label in enumerate(labels) if number not in indices]
    if unknown or without or len({*indices}) < len(indices):
        lacks = [f"it has no line for {shortened_list(unknown)}"] if unknown else []
        lacks += [f"there are no photos of {shortened_list(without)}"] if without else []
        raise DataError(
            f"expected the classes of the photos in {file}, one a line; "
            f"{' and '.join(lacks) or 'one of its lines names two of them'}.\n"
            "Complete the file, or remove it: the classes are then in alphabetical order."
        )
    fixed = f"{file} gives the order of the classes."
    return tuple(labels), [index for index in indices if index is not None], (*([note] if note else []), fixed)
