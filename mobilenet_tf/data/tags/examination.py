"""What a person should know of photos with tags before training on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.data.examination import IMBALANCE, Copies, Examination, Side
from mobilenet_tf.data.examination_text import brief_copies_lines, copies_page, left_out_page
from mobilenet_tf.tasks.tags import UNKNOWN
from mobilenet_tf.terminal import printable, shortened_list, table, wrapped

from .tagged_photos import TaggedPhotos

__all__ = ["TagClass", "TagExamination", "examination_lines", "examination_page", "examine_tags", "untrained_note"]

MOST_TAGS = 8  # that the short form names


@dataclass(frozen=True)
class TagClass:
    """photos: of how many the tag is true; unknown: of how many nothing says it; (to train on, to validate with)."""

    name: str
    photos: tuple[int, int]
    unknown: tuple[int, int]


@dataclass(frozen=True)
class TagExamination:
    """Photos on both sides, and copies of pictures.

    photos:   (to train on, to validate with).
    unlabelled: of how many of these nothing says any tag.
    none, several: of how many photos no tag is true, and of how many several are.
    left_out: how many photos to train on are not, because a copy of them validates.
    broken:   how many photos cannot be read.
    merged:   how many files are further copies of a photo that stands in several folders.
    """

    classes: tuple[TagClass, ...]
    photos: tuple[int, int]
    unlabelled: tuple[int, int]
    none: int
    several: int
    copies: tuple[Copies, ...]
    left_out: int = 0
    broken: int = 0
    merged: int = 0
    only_exact: bool = False


def examine_tags(
    tags: Sequence[str], sides: tuple[TaggedPhotos, TaggedPhotos], found: Examination, broken: int, merged: int
) -> TagExamination:
    """Summarize the photos to train on and to validate with. found: the examination that has their copies."""
    train, validation = sides
    true = [side.counts().tolist() for side in sides]
    unknown = [(side.labels == UNKNOWN).sum(0).tolist() for side in sides]
    rows = tuple(
        TagClass(name, (true[0][number], true[1][number]), (unknown[0][number], unknown[1][number]))
        for number, name in enumerate(tags)
    )
    totals = [(side.labels == 1).sum(1) for side in sides]
    known = [(side.labels != UNKNOWN).any(1) for side in sides]
    return TagExamination(
        rows,
        (len(train), len(validation)),
        (int((~known[0]).sum()), int((~known[1]).sum())),
        none=sum(int(((total == 0) & one).sum()) for total, one in zip(totals, known, strict=True)),
        several=sum(int((total > 1).sum()) for total in totals),
        copies=found.copies,
        left_out=sum(side == Side.LEFT_OUT for group in found.copies for side in group.sides),
        broken=broken,
        merged=merged,
        only_exact=found.only_exact,
    )


def examination_lines(found: TagExamination, folder: Path) -> list[str]:
    """The short form: sentences without line breaks. folder: the one that names are relative to."""
    del folder
    total, unlabelled = sum(found.photos), sum(found.unlabelled)
    named = sorted(found.classes, key=lambda one: -sum(one.photos))
    labelled = total - unlabelled
    copies = brief_copies_lines(found.copies, found.left_out, only_exact=found.only_exact)
    if not labelled:
        return [
            f"{total} photos without labels. Broken {found.broken}.",
            *copies,
        ]
    rest = f" and {len(named) - MOST_TAGS} more" if len(named) > MOST_TAGS else ""
    counts = ", ".join(
        f"{printable(one.name)} {sum(one.photos)} ({sum(one.photos) / labelled:.1%})" for one in named[:MOST_TAGS]
    )
    without = f", {unlabelled} of them without labels" if unlabelled else ""
    lines = [f"{total} photos with {len(named)} tags{without}: {counts}{rest}."]
    unknown = sum(sum(one.unknown) for one in found.classes) - unlabelled * len(found.classes)
    gaps = f" {unknown} times it is not known whether a tag is true, which counts neither way." if unknown else ""
    merged = f" {found.merged} files are copies in several folders, whose photo has all their tags." * bool(
        found.merged
    )
    lines.append(
        f"Broken {found.broken}. Several tags are true of {found.several} photos, none of {found.none}.{gaps}{merged}"
    )
    return [
        *lines,
        *_imbalance_lines(found),
        *copies,
    ]


def _imbalance_lines(found: TagExamination) -> list[str]:
    photos = found.photos[0] - found.unlabelled[0]
    rare = [printable(one.name) for one in found.classes if (IMBALANCE + 1) * one.photos[0] < photos]
    if not rare:
        return []
    return [f"Rare: true of less than a fifth as many photos to train on as not: {shortened_list(rare)}."]


def examination_page(found: TagExamination, folder: Path, skipped: Sequence[str]) -> str:
    """All of it: a table of the tags, what is left out, of which `skipped` has lines, and every group of copies."""
    total = max(1, sum(found.photos) - sum(found.unlabelled))
    header = ["tag", "photos", "share", "to train on", "to validate", "not known"]
    rows = [
        [
            *(printable(one.name), str(sum(one.photos)), f"{sum(one.photos) / total:.1%}"),
            *(*map(str, one.photos), str(sum(one.unknown))),
        ]
        for one in found.classes
    ]
    lines = [table(header, rows), "", *map(wrapped, examination_lines(found, folder))]
    return "\n".join([*lines, *left_out_page("Left out:", skipped), *copies_page(found.copies, folder)])


def untrained_note(found: TagExamination) -> tuple[str, ...]:
    """A line for the person to read if tags cannot be learned, or cannot be validated; else nothing."""
    photos = [count - without for count, without in zip(found.photos, found.unlabelled, strict=True)]
    notes = []
    for side, doing in ((0, "train on"), (1, "validate with")):
        ones = [
            printable(one.name)
            for one in found.classes
            if photos[side] and one.photos[side] in (0, photos[side] + found.unlabelled[side] - one.unknown[side])
        ]
        if ones:
            notes.append(f"Of the photos to {doing}, all or none have these tags: {shortened_list(ones)}.")
    return tuple(notes)
