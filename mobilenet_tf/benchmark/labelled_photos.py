"""Photos and their true classes: a folder a class, a ground-truth list, or files named by wnid."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.contract.labels import BACKGROUND, imagenet_labels
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.data.photos import list_photos
from mobilenet_tf.errors import DataError, LabelsError

__all__ = ["Labelled", "class_names", "labelled_photos"]

IMAGENET = 1000


@dataclass(frozen=True)
class Labelled:
    """Photos of a folder, and the index of each one's class in the model's output.

    skipped: photos whose class nothing tells.
    """

    folder: Path
    paths: list[Path]
    classes: list[int]
    skipped: list[str]

    def sha256(self, offset: int) -> str:
        """Hash of the photos' names and classes, the background not counted: the same photos have the same."""
        pairs = zip(self.paths, self.classes, strict=True)
        lines = sorted(f"{path.relative_to(self.folder).as_posix()} {index - offset}\n" for path, index in pairs)
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def class_names(
    labels: list[str] | None, classes: int, background_offset: int | None, name: str, *, numbered: bool = False
) -> tuple[list[str], int, str | None]:
    """What each output of a model is called, the offset of its classes over a list without background, and a note.

    labels:   the model's, or those given; None where there are none.
    numbered: whether the truth may come as class numbers, for which no labels are needed.
    Raises LabelsError where labels and offset do not add up to the model's classes, rather than guess.
    """
    note = None
    if labels is None and numbered:
        return [f"class {index}" for index in range(classes)], background_offset or 0, None
    if labels is None:
        if classes - (background_offset or 0) != IMAGENET:
            hint = " and, if class 0 is the background, --background-offset 1" if classes == IMAGENET + 1 else ""
            raise LabelsError(
                f"{name} carries no labels for its {classes} classes.\nGive --labels FILE{hint}, or a ground-truth "
                "list of class numbers."
            )
        labels, note = imagenet_labels(), f"{name} carries no labels: its {classes} classes were taken for ImageNet's."
    offset = classes - len(labels)
    if offset == 0:
        own = int(labels[0].lower() == BACKGROUND)
        if background_offset not in (None, own):
            raise LabelsError(
                f"--background-offset {background_offset} does not fit {name}: of its {classes} labels the first is "
                f"{labels[0]!r}."
            )
        return labels, own, note
    if offset == 1 and background_offset == 1:
        return [BACKGROUND, *labels], 1, note
    hint = "\nIf class 0 is the background, say --background-offset 1." if offset == 1 else ""
    raise LabelsError(f"expected a label for each of the {classes} classes of {name}; there are {len(labels)}.{hint}")


def labelled_photos(folder: Path, names: list[str], offset: int, ground_truth: Path | None = None) -> Labelled:
    """The photos under `folder` and their classes. Raises DataError where no photo's class is known.

    ground_truth: a list of `file,label` lines (or tab or space between them), files relative to `folder`; a label is
    one of `names`, or a class number not counting the background.
    """
    if ground_truth is not None:
        return _listed(folder, names, offset, ground_truth)
    photos = list_photos(folder)
    imagenet = len(names) - offset == IMAGENET
    found = true_classes(photos, names, imagenet=imagenet, background=bool(offset))
    known = [(path, index) for path, index in zip(photos, found, strict=True) if index is not None]
    if not known:
        raise DataError(
            f"expected photos of known class in {folder}: sub-folders named by class, or files named by wnid.\n"
            f"The model's first classes are {', '.join(names[:3])}. Or give --ground-truth FILE."
        )
    skipped = [f"{path}: no class told" for path, index in zip(photos, found, strict=True) if index is None]
    return Labelled(folder, [path for path, _ in known], [index for _, index in known], skipped)


def _listed(folder: Path, names: list[str], offset: int, file: Path) -> Labelled:
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read the ground truth in {file}: {getattr(error, 'strerror', 'no UTF-8')}.") from error
    by_name = {name: index for index, name in reversed(list(enumerate(names)))}
    found = Labelled(folder, [], [], [])
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        path, label = _split(line, file, number)
        if not (folder / path).is_file():
            found.skipped.append(f"{folder / path}: does not exist")
            continue
        found.paths.append(folder / path)
        found.classes.append(_index(label, by_name, offset, len(names), f"{file}, line {number}"))
    if not found.paths:
        raise DataError(f"{file} names no photo that is in {folder}.")
    return found


def _split(line: str, file: Path, number: int) -> tuple[str, str]:
    for separator in (",", "\t", None):
        parts = line.strip().split(separator, 1)
        if len(parts) == 2:
            return parts[0].strip(), parts[1].strip()
    raise DataError(f"{file}, line {number}: expected `file,label`; got {line.strip()[:60]!r}.")


def _index(label: str, by_name: dict[str, int], offset: int, classes: int, where: str) -> int:
    if label in by_name:
        return by_name[label]
    if label.isascii() and label.isdigit() and len(label) < 8 and int(label) + offset < classes:
        return int(label) + offset
    raise DataError(f"{where}: expected one of the model's labels or a class number; got {label[:60]!r}.")
