"""Class names: those of ImageNet and CIFAR-10, and those in a text file."""

import codecs
import re
import unicodedata
from importlib import resources
from pathlib import Path

from mobilenet_tf.errors import LabelsError
from mobilenet_tf.terminal import printable

__all__ = [
    "BACKGROUND",
    "CIFAR10_CLASSES",
    "LABELS_FILE",
    "begins_with_background",
    "class_folder_problem",
    "class_name_problem",
    "decode_text",
    "imagenet_labels",
    "imagenet_wnids",
    "parse_labels",
    "read_labels",
    "without_numbers",
]

BACKGROUND = "background"
# What detectors' lists of labels call the class that stands for no object.
_BACKGROUNDS = {BACKGROUND, "???", "__background__", "_background_", "unlabeled", "unlabelled", "none", "n/a", "bg"}
CIFAR10_CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
LABELS_FILE = "labels.txt"  # beside an export, and inside each of its files
_NUMBERED = re.compile(r"(\d{1,6})(?:\s*[:,;]\s*|[.)]?\s+)(\S.*)", re.ASCII)


def _imagenet_table() -> list[list[str]]:
    text = (resources.files("mobilenet_tf") / "assets" / "imagenet_classes.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines()[1:]]


def imagenet_labels() -> list[str]:
    """The 1000 ImageNet class names, in the usual order."""
    return [label for _, label in _imagenet_table()]


def imagenet_wnids() -> list[str]:
    """The WordNet ids of the 1000 ImageNet classes, in the same order: n01440764, ..."""
    return [wnid for wnid, _ in _imagenet_table()]


def read_labels(path: Path) -> list[str]:
    """The labels in a text file, see parse_labels. Raises LabelsError."""
    try:
        text = decode_text(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is neither UTF-8 nor UTF-16 text"
        raise LabelsError(
            f"cannot read the labels in {path}: {reason}.\nGive a text file in UTF-8, one label a line."
        ) from error
    return parse_labels(text, str(path))


def decode_text(content: bytes) -> str:
    """The text of a file that editors of any system write: UTF-8 or, if it begins so, UTF-16.

    Line ends become `\\n`, and a byte order mark does not count. Raises UnicodeDecodeError.
    """
    utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = content.decode("utf-16" if utf16 else "utf-8-sig")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parse_labels(text: str, source: str) -> list[str]:
    """The labels in a text, one a line; blank lines at the end do not count.

    source: what errors call the text. Raises LabelsError for a blank line among the labels, or a control character.
    """
    labels = [line.strip() for line in text.rstrip("\0 \t\r\n").replace("\r", "").split("\n")]
    for number, label in enumerate(labels, 1):
        if not label and len(labels) > 1:
            raise LabelsError(f"expected a label on each line of {source}; line {number} is blank.\nGive it a name.")
        problem = class_name_problem(label.replace("\t", " "))
        if problem:
            raise LabelsError(f"line {number} of {source}, '{printable(label)}', {problem}.\nChange it.")
    return labels if any(labels) else []


def without_numbers(labels: list[str], source: str) -> tuple[list[str], str | None]:
    """(the labels of another program's list, without its numbers; a note if there were any).

    Numbers are left out if each line begins with its own, as in `0 cat`, `0: cat` or `1. cat`, counted from 0 or 1.
    The lists that this project writes have none, whatever their labels begin with.
    source: what the note calls the list.
    """
    matches = [_NUMBERED.fullmatch(label) for label in labels]
    numbered = [(int(match[1]), match[2]) for match in matches if match]
    numbers = [number for number, _ in numbered]
    if len(labels) < 2 or numbers not in (list(range(len(labels))), list(range(1, len(labels) + 1))):
        return labels, None
    names = [label for _, label in numbered]
    if len(set(names)) < len(names):
        return labels, None
    example = f"'{printable(labels[0])}' is '{printable(names[0])}'"
    return names, f"{source}: the numbers that count its lines are left out of the labels: {example}."


def begins_with_background(labels: list[str]) -> bool:
    """Whether the first label of a detector's list is one of those that stand for no object."""
    return bool(labels) and labels[0].strip().lower() in _BACKGROUNDS


def class_folder_problem(name: str) -> str | None:
    """Why the name of a folder cannot be that of a class: a labels file would give back another; None if it can."""
    if not name.strip():
        return "is blank"
    if name != name.strip():
        return "begins or ends with a space, which no labels file keeps"
    if name.startswith("\ufeff"):
        return "begins with a byte order mark, which no labels file keeps"
    return class_name_problem(name)


def class_name_problem(name: str) -> str | None:
    """Why `name` cannot be the name of a class, which stands on a line of a UTF-8 file; None if it can."""
    if any("\ud800" <= character <= "\udfff" for character in name):
        return "is not UTF-8"
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in name):
        return "holds a line break or another control character"
    return None
