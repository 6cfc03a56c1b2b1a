"""Photos whose classes are known: by a folder for each class, a list, or a class or a wnid in the file's name."""

import hashlib
import os
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from mobilenet_tf.contract.places import PlaceCell
from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.data.ground_truth_file import read_ground_truth
from mobilenet_tf.data.photos import find_photos
from mobilenet_tf.data.places.gps import Position
from mobilenet_tf.errors import DataError

from .class_names import IMAGENET_CLASSES, ClassNames, background_note

__all__ = ["CLASS_UNKNOWN", "LabelledPhotos", "Training", "labelled_photos"]

CLASS_UNKNOWN = "its class is not known"  # the reason why a photo is left out


@dataclass(frozen=True)
class Training:
    """What a model's training has to do with the photos that its accuracy is measured on.

    left_out:  photos that are not measured because it was trained on them.
    measured:  photos that are measured although it was trained on them.
    chosen_by: photos that are measured, by whose accuracy its weights were chosen among those of several `epochs`.
    """

    left_out: int
    measured: int
    chosen_by: int
    epochs: int


@dataclass(frozen=True)
class LabelledPhotos:
    """Photos under `folder`, and for each the index of its class in the model's output.

    skipped:      photos that are left out, each with the reason; not those that were trained on.
    unmatched_folders: folders with photos whose name is no class.
    seen:         how many photos there are, those that are left out included.
    by_number:    whether the classes were given as numbers, to which class_offset was added.
    doubts:       why an accuracy on these photos may not be what it seems.
    remarks:      what else to know of them.
    cells:        of the classes, if these are cells of the earth, and where each photo was taken.
    training:     None if nothing says what the model was trained on.
    """

    folder: Path
    paths: list[Path]
    classes: list[int]
    skipped: list[str]
    class_names: ClassNames
    seen: int
    unmatched_folders: tuple[str, ...] = ()
    by_number: bool = False
    class_offset: int = 0
    training: Training | None = None
    doubts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    cells: tuple[PlaceCell, ...] = ()
    positions: Mapping[Path, Position] = field(default_factory=dict)

    def sha256(self, measured: Sequence[bool]) -> str:
        """Hash of the names and classes of the photos that were measured, one bool each, the background not counted.

        The same photos have the same hash.
        """
        background = self.class_names.background
        lines = sorted(
            f"{self.name(path)} {index - background}\n"
            for path, index, counts in zip(self.paths, self.classes, measured, strict=True)
            if counts
        )
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    def name(self, path: Path) -> str:
        """The path below the folder; a ground-truth list may name photos that lie elsewhere."""
        return (path.relative_to(self.folder) if path.is_relative_to(self.folder) else path).as_posix()

    def only(self, paths: Collection[Path]) -> "LabelledPhotos":
        """These of the photos."""
        kept = [(path, index) for path, index in zip(self.paths, self.classes, strict=True) if path in paths]
        return replace(self, paths=[path for path, _ in kept], classes=[index for _, index in kept])


def labelled_photos(
    folder: Path, names: ClassNames, ground_truth: Path | None = None, class_offset: int = 0
) -> LabelledPhotos:
    """The photos under `folder` and their classes. Raises DataError if no photo's class is known.

    ground_truth: a list of `file,label` lines (or a tab or a space between them), files relative to `folder`; a label
    is one of `names`, or a class number not counting the background.
    class_offset: is added to each class number.
    """
    imagenet = len(names.names) - names.background == IMAGENET_CLASSES
    matcher = ClassMatcher(names.names, imagenet, bool(names.background))
    if ground_truth is not None:
        return _listed_photos(folder, names, matcher, ground_truth, class_offset)
    found = find_photos(folder)
    truth = true_classes(found.paths, matcher, folder)
    known = [(path, index) for path, index in zip(found.paths, truth.classes, strict=True) if index is not None]
    unknown = [path for path, index in zip(found.paths, truth.classes, strict=True) if index is None]
    if not known:
        raise DataError(
            f"expected photos of known class in {folder}: sub-folders or files named by class, or files by wnid.\n"
            f"The model's first classes are {', '.join(names.names[:3])}. Or give --ground-truth FILE."
        )
    return LabelledPhotos(
        folder,
        [path for path, _ in known],
        [index for _, index in known],
        [*found.unread, *(f"{path}: {CLASS_UNKNOWN}" for path in unknown)],
        # The folders that match no class are named with the photos that are left out.
        replace(names, notes=(*names.notes, *replace(truth, unmatched={}).notes)),
        seen=found.seen,
        unmatched_folders=tuple(truth.unmatched),
    )


def _listed_photos(
    folder: Path, names: ClassNames, matcher: ClassMatcher, file: Path, class_offset: int
) -> LabelledPhotos:
    paths, classes, skipped, by_number = [], [], [], 0
    for listed in read_ground_truth(file, folder):
        if not os.path.isfile(listed.path):
            skipped.append(f"{listed.path}: does not exist")
            continue
        paths.append(listed.path)
        by_number += matcher.exact(listed.label) is None and _is_number(listed.label)
        classes.append(_class_index(listed.label, matcher, names, class_offset, f"{file}, line {listed.line}"))
    if not paths:
        raise DataError(f"{file} names no photo that is in {folder}.")
    note = background_note(names) if by_number and not names.only_numbers else None
    return LabelledPhotos(
        folder,
        paths,
        classes,
        skipped,
        names if note is None else replace(names, notes=(*names.notes, note)),
        seen=len(paths) + len(skipped),
        by_number=2 * by_number > len(paths),
        class_offset=class_offset,
    )


def _class_index(label: str, matcher: ClassMatcher, names: ClassNames, class_offset: int, place: str) -> int:
    exact = matcher.exact(label)
    if exact is not None:
        return exact
    added = names.background + class_offset
    if _is_number(label) and 0 <= int(label) + added < len(names.names):
        return int(label) + added
    for similar in (matcher.wnid(label), matcher.loose(label)):
        if similar is not None:
            return similar
    if len(several := matcher.similar(label)) > 1:
        meanings = " or ".join(f"'{names.names[index]}'" for index in several)
        raise DataError(f"{place}: {label[:60]!r} may mean {meanings}: write the whole label, or its number.")
    hint = (
        f"\nThe model's class numbers are {-added} to {len(names.names) - 1 - added}: if those of the list begin "
        "elsewhere, give --class-offset N, which is added to each (-1 if they begin at 1)."
    )
    raise DataError(
        f"{place}: expected one of the model's labels or a class number; got {label[:60]!r}."
        f"{hint if _is_number(label) else ''}"
    )


def _is_number(label: str) -> bool:
    return re.fullmatch(r"-?\d{1,7}", label, re.ASCII) is not None
