"""Photos with boxes, read, checked, and split so that no picture is on both sides."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mobilenet_tf.data.class_order import labels_file_in, order_of_classes
from mobilenet_tf.data.layout import TEST, TRAIN, VALIDATION, side_of, with_photos
from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .annotations import AnnotatedPhoto, Annotations
from .dataset import BoxDataset
from .examination import examine_boxes, untrained_note
from .find import find_boxes
from .read import read_photos
from .sides import split_boxes

__all__ = ["load_boxes"]

SCANNED = 0.95  # share of the time after which all photos are read; the rest finds copies


def load_boxes(
    source: str | Path,
    *,
    validation: Path | None = None,
    validation_share: float = 0.2,
    seed: int = 0,
    labels: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> BoxDataset:
    """Photos with boxes to train on and to validate with, from a folder or a file of annotations, see find.find_boxes.

    Photos of a side to validate with, or else of one to test with, validate; `validation` does in place of both. If
    there are none, `validation_share` of the photos of each class is held out, by `seed`. labels: a file that fixes the
    order of the classes. Raises DataError for what cannot be trained on.
    """
    if not 0 < validation_share < 1:
        raise DataError(f"expected a validation share between 0 and 1, such as 0.2; got {validation_share:g}.")
    with _mentioning_classification(Path(source)):
        found = find_boxes(source)
    others = None if validation is None else find_boxes(validation)
    train, held_out, notes = _sides_of(found, others)
    classes, number_of, order_notes = _classes(found, train, Path(source), labels)
    read = read_photos([*train, *held_out], number_of, part_of(on_progress, 0, SCANNED))
    if not len(read.photos):
        raise DataError(f"expected photos with boxes in {source}; none can be read.\n{read.skipped[0]}")
    is_held_out = read.indices >= len(train)
    on_copies = part_of(on_progress, SCANNED, 1)
    split = split_boxes(read.photos, read.looks, is_held_out, classes, validation_share, seed, on_copies)
    on_sides = (split.train, split.validation)
    of_readers = [one for one in (found, others) if one is not None]
    return BoxDataset(
        classes,
        *on_sides,
        skipped=(*read.broken, *(line for one in of_readers for line in one.skipped), *read.problems.lines()),
        examination=examine_boxes(found.kind, classes, on_sides, split.examination, len(read.broken)),
        left_out=sum(one.left_out for one in of_readers) + len(train) + len(held_out) - len(read.photos),
        notes=(*found.notes, *notes, *order_notes, *split.notes, *untrained_note(classes, *on_sides)),
        boxes_seen=read.problems.seen,
        boxes_lost=read.problems.lost,
    )


@contextmanager
def _mentioning_classification(source: Path) -> Iterator[None]:
    """Add to an error that photos in sub-folders may have been meant for classification."""
    try:
        yield
    except DataError as error:
        below = with_photos(source) if source.is_dir() else []
        if len(below) < 2 or any(side_of(folder.name) for folder in below):
            raise
        raise DataError(f"{error}\n--task classification trains on the sub-folders as classes.") from error


def _sides_of(
    found: Annotations, others: Annotations | None
) -> tuple[Sequence[AnnotatedPhoto], Sequence[AnnotatedPhoto], list[str]]:
    """(the photos to train on, those to validate with, notes). others: what is given to validate with."""
    by_side: dict[str | None, list[AnnotatedPhoto]] = {}
    for photo in found.photos:
        by_side.setdefault(photo.side, []).append(photo)
    if TRAIN not in by_side:
        # Without a side to train on, what the sides are called says nothing.
        return found.photos, () if others is None else others.photos, []
    validating = next((side for side in (VALIDATION, TEST) if side in by_side), None)
    held_out = others.photos if others is not None else by_side[validating] if validating else ()
    used = {TRAIN, validating if others is None else None} - {None}
    counts = ", ".join(f"{side} {len(by_side[side])}" for side in by_side if side in used)
    unused = ", ".join(f"{side or 'no side'} {len(by_side[side])}" for side in by_side if side not in used)
    note = f"The annotations name the sides of a split: {counts} photos are used{unused and f'; not used: {unused}'}."
    return by_side[TRAIN], held_out, [note]


def _classes(
    found: Annotations, train: Sequence[AnnotatedPhoto], source: Path, labels: Path | None
) -> tuple[tuple[str, ...], dict[str, int], tuple[str, ...]]:
    """(the classes in their order, the number of each as boxes name it, notes).

    They are those that the annotations list, or else those of boxes to train on.
    """
    named = {box.label for photo in train for box in photo.boxes if box.corners is not None} - {None}
    classes = found.classes or tuple(sorted(name for name in named if name is not None))
    if not classes:
        raise DataError(f"expected boxes with the names of their classes in {source}; there are none.")
    file = labels or (labels_file_in(source) if source.is_dir() and found.classes is None else None)
    if file is None:
        return classes, {name: number for number, name in enumerate(classes)}, ()
    ordered, numbers, notes = order_of_classes(classes, file)
    return ordered, dict(zip(classes, numbers, strict=True)), notes
