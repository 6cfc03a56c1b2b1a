"""Photos with tags, read, checked, and split so that no picture is on both sides."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.class_order import labels_file_in, order_of_classes
from mobilenet_tf.data.file_looks import look_at_files
from mobilenet_tf.data.layout import ClassSource, Layout, PhotoList, folder_of, with_photos
from mobilenet_tf.data.photo_looks import PhotoLooks
from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.terminal import printable, shortened_list

from .dataset import TagDataset
from .examination import examine_tags, untrained_note
from .find import find_tag_source, read_tags
from .folders import unlabelled_files
from .sides import split_tags
from .tag_files import TagFiles
from .tagged_photos import TaggedPhotos

__all__ = ["TeacherTags", "load_tags"]

SCANNED = 0.95  # share of the time after which all photos are read; the rest finds copies


@dataclass(frozen=True)
class TeacherTags:
    """tags: those of a teacher, in its order. alone: whether it alone is learned from, so that no labels are read."""

    tags: tuple[str, ...]
    alone: bool = False


def load_tags(
    source: str | Path,
    *,
    validation: Path | None = None,
    validation_share: float = 0.2,
    seed: int = 0,
    ground_truth: Path | None = None,
    labels: Path | None = None,
    teacher: TeacherTags | None = None,
    on_progress: OnProgress = ignore_progress,
) -> TagDataset:
    """Photos with tags to train on and to validate with, from a folder or a list, see find.find_tag_source.

    If there are no photos to validate with, `validation_share` of the photos of each tag is held out, by `seed`.
    labels:  a file that fixes the order of the tags.
    teacher: with one, photos may have no labels, and the tags are the teacher's.
    Raises DataError for what cannot be trained on.
    """
    if not 0 < validation_share < 1:
        raise DataError(f"expected a validation share between 0 and 1, such as 0.2; got {validation_share:g}.")
    given, notes = _given(Path(source), validation, ground_truth, labels, teacher)
    scans = []
    for number, files in enumerate(given):
        part = part_of(on_progress, SCANNED * number / len(given), SCANNED * (number + 1) / len(given))
        scans.append(_scan(files, part))
    tags = given[0].tags
    photos, looks = [scan.photos for scan in scans], [scan.looks for scan in scans]
    split = split_tags(tags, photos, looks, validation_share, seed, part_of(on_progress, SCANNED, 1))
    broken, merged = (sum(getattr(scan, name) for scan in scans) for name in ("broken", "merged"))
    examination = examine_tags(tags, (split.train, split.validation), split.examination, broken, merged)
    return TagDataset(
        tags,
        split.train,
        split.validation,
        skipped=tuple(line for scan in scans for line in scan.skipped),
        examination=examination,
        left_out=broken + sum(files.left_out for files in given),
        notes=(*notes, *split.notes, *untrained_note(examination)),
        train_groups=split.train_groups,
    )


def _given(
    source: Path, validation: Path | None, ground_truth: Path | None, labels: Path | None, teacher: TeacherTags | None
) -> tuple[list[TagFiles], tuple[str, ...]]:
    """(the files to train on, and those to validate with if there are any, with the same tags; notes)."""
    layout = _layout(source, validation, ground_truth, teacher)
    if layout is None:  # photos without labels
        assert teacher is not None
        train = unlabelled_files(source, teacher.tags)
        alone = (f"Nothing says the tags of the photos in {source}: the teacher's answers alone are learned.",)
        if validation is None:
            return [train], alone
        layout = find_tag_source(validation, None, None)
        return [train, _fitting(read_tags(layout.train), teacher.tags, layout.train)], alone
    place, notes = layout.train, layout.notes
    if teacher is not None and teacher.alone:
        folder = folder_of(place)
        train = unlabelled_files(folder, teacher.tags)
        notes = (*notes, "--teacher-weight 1: the labels of the photos to train on are not read.")
    else:
        train = read_tags(place)
        train, more = _with_tags_of(train, place, source, labels, teacher)
        notes = (*notes, *train.notes, *more)
    if layout.validation is None:
        return [train], notes
    return [train, _fitting(read_tags(layout.validation), train.tags, layout.validation)], notes


def _layout(
    source: Path, validation: Path | None, ground_truth: Path | None, teacher: TeacherTags | None
) -> Layout | None:
    """What says the tags; None if nothing does, and a teacher will. Raises DataError."""
    if not source.exists():
        raise DataError(f"expected a folder of photos, or a .csv that lists them; {source} does not exist.")
    may_have_none = teacher is not None and ground_truth is None and source.is_dir()
    try:
        found = find_tag_source(source, validation, ground_truth)
    except DataError:
        if may_have_none:
            return None
        raise
    has_folders = isinstance(found.train, PhotoList) or len(with_photos(folder_of(found.train))) > 1
    return None if may_have_none and not has_folders else found


def _with_tags_of(
    train: TagFiles, place: ClassSource, source: Path, labels: Path | None, teacher: TeacherTags | None
) -> tuple[TagFiles, tuple[str, ...]]:
    """(the files with the tags in their final order; notes). Tags that no photo has are left out, which is said."""
    if teacher is not None:
        return _fitting(train, teacher.tags, place, "the teacher's"), ()
    never = [tag for tag, count in zip(train.tags, (train.marks == 1).sum(0).tolist(), strict=True) if not count]
    tags = tuple(tag for tag in train.tags if tag not in never)
    notes = [f"No photo to train on has these tags, which are left out: {_listed(never)}."] if never else []
    if not tags:
        raise DataError(f"expected photos with tags in {place}; none of the tags is true of any photo.")
    folders = [source, folder_of(place)]
    file = labels or next(filter(None, map(labels_file_in, filter(Path.is_dir, folders))), None)
    if file is not None:
        ordered, _, more = order_of_classes(tags, file)
        matcher = ClassMatcher(ordered)
        place_of = {tag: index for tag in tags if (index := matcher.exact_or_loose(tag)) is not None}
        return train.with_tags(ordered, place_of), (*notes, *more)
    return train.with_tags(tags, {tag: number for number, tag in enumerate(tags)}), tuple(notes)


def _fitting(files: TagFiles, tags: Sequence[str], place: ClassSource, whose: str = "training's") -> TagFiles:
    """The files with these tags. Raises DataError for a tag that is none of them."""
    matcher = ClassMatcher(tags)
    place_of = {tag: index for tag in files.tags if (index := matcher.exact_or_loose(tag)) is not None}
    used = {tag for tag, count in zip(files.tags, (files.marks == 1).sum(0).tolist(), strict=True) if count}
    unknown = [tag for tag in files.tags if tag not in place_of and tag in used]
    if unknown:
        remedy = "Rename or remove these tags, or add photos to train on."
        if whose != "training's":
            remedy = "Train the teacher on the same tags; or give --teacher-weight 1, which reads no labels."
        raise DataError(f"expected {whose} tags in {place}: {_listed(tags)}; it also has {_listed(unknown)}.\n{remedy}")
    return files.with_tags(tags, place_of)


def _listed(names: Sequence[str]) -> str:
    return shortened_list([printable(name) for name in names])


@dataclass(frozen=True)
class _Scan:
    """The photos that can be read; broken: how many cannot; merged: how many were copies of others, see TagFiles."""

    photos: TaggedPhotos
    looks: PhotoLooks
    skipped: tuple[str, ...]
    broken: int
    merged: int


def _scan(files: TagFiles, on_progress: OnProgress) -> _Scan:
    looks, broken = look_at_files(files.paths, on_progress)
    skipped = (*broken.values(), *files.skipped)
    whole = np.array([index for index in range(len(files.paths)) if index not in broken], np.int64)
    if not len(whole):
        raise DataError(f"expected photos that can be read; none of {len(files.paths)} can.\n{skipped[0]}")
    marks = files.marks[whole]
    merged = 0
    if files.by_content:
        _, first, inverse = np.unique(looks.digests[whole], return_index=True, return_inverse=True)
        together = np.full((len(first), marks.shape[1]), -1, np.int64)
        np.maximum.at(together, inverse, marks)
        order = np.sort(first)
        marks, merged = together[inverse[order]], len(whole) - len(order)
        whole = whole[order]
    seen = looks.at(whole)
    photos = TaggedPhotos(tuple(files.paths[index] for index in whole), marks, seen.digests)
    return _Scan(photos, seen, skipped, len(broken), merged)
