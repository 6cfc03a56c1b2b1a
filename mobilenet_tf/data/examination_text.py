"""The examination of photos as people read it: a few lines before a run, and all of it for --examine."""

from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.terminal import printable, shortened_list, table, wrapped

from .examination import ClassCounts, Copies, Examination, Side
from .left_out_text import folded
from .photo_looks import TINY_SIDE

__all__ = [
    "ODD",
    "brief_copies_lines",
    "copies_page",
    "copies_text",
    "examination_lines",
    "examination_page",
    "left_out_page",
    "relative_name",
]

MOST_CLASSES = 8  # that the short form names; of more it names the largest and the smallest
ENDS = 3  # of these so many each
NAMED_IMBALANCE = 2  # times the photos of the smallest class that the largest has, from which on it is said
MOST_NAMED = 5  # photos of one picture that a line names
MOST_COPIES = 3  # groups of copies that the short form names
ODD = ("tiny", "grey", "rotated")
ONLY_EXACT = "Only copies byte for byte were searched for."


def examination_lines(examination: Examination, folder: Path) -> list[str]:
    """The short form: sentences without line breaks. folder: the one that names are relative to."""
    counts = _counts_line(examination)
    return [counts, *_odd_lines(examination), *_imbalance_lines(examination), *_copies_lines(examination, folder)]


def examination_page(examination: Examination, folder: Path, skipped: Sequence[str]) -> str:
    """All of it: a table of the classes, what is left out, of which `skipped` has lines, and every group of copies."""
    known = examination.classes[0].tiny is not None
    header = ["class", "photos", "share", "to train on", "to validate", *(ODD if known else ())]
    rows = [_row(one, examination.photos, known) for one in examination.classes]
    lines = [table(header, rows), "", *map(wrapped, examination_lines(examination, folder)[1:])]
    if skipped:
        lines += ["", "Left out:", *(f"  {printable(line)}" for line in folded(skipped))]
    return "\n".join([*lines, *copies_page(examination.copies, folder)])


def _row(one: ClassCounts, photos: int, known: bool) -> list[str]:
    cells = [printable(one.name), str(one.photos), _share(one.photos, photos), str(one.train), str(one.validation)]
    return cells + [str(getattr(one, kind)) for kind in ODD] if known else cells


def _counts_line(examination: Examination) -> str:
    classes, photos = examination.classes, examination.photos

    def named(some: Sequence[ClassCounts]) -> str:
        return ", ".join(f"{printable(one.name)} {one.photos} ({_share(one.photos, photos)})" for one in some)

    if len(classes) == 1:  # which stands for all photos: those of classes have two or more
        return f"{photos} photos without classes."
    start = f"{photos} photos of {len(classes)} classes"
    if len(classes) <= MOST_CLASSES:
        return f"{start}: {named(classes)}."
    if len({one.photos for one in classes}) == 1:
        return f"{start}, {classes[0].photos} of each."
    by_size = sorted(classes, key=lambda one: -one.photos)
    return f"{start}. Largest: {named(by_size[:ENDS])}; smallest: {named(by_size[-ENDS:])}."


def _odd_lines(examination: Examination) -> list[str]:
    """How many photos are odd, and the class that two thirds of them are of, if one is: the network may learn their
    oddness in place of the class.
    """
    broken = f"Broken {examination.broken}"
    if examination.classes[0].tiny is None:
        return [f"{broken}."]
    tiny, grey, rotated = (_with_class({one.name: getattr(one, kind) for one in examination.classes}) for kind in ODD)
    return [f"{broken}, tiny {tiny} (short side under {TINY_SIDE} pixels), grey {grey}, rotated by EXIF {rotated}."]


def _with_class(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    name, most = max(counts.items(), key=lambda item: item[1])
    return f"{total} ({most} of {printable(name)})" if len(counts) > 1 < total and 3 * most > 2 * total else str(total)


def _imbalance_lines(examination: Examination) -> list[str]:
    trained = [one for one in examination.classes if one.train]  # others only validate
    largest, smallest = (choose(trained, key=lambda one: one.train) for choose in (max, min))
    if largest.train < NAMED_IMBALANCE * smallest.train:
        return []
    small = examination.small_classes
    times = f"{largest.train / max(1, smallest.train):.1f}"
    line = f"Imbalance: {printable(largest.name)} has {times} times the photos of {printable(smallest.name)}."
    less = f" Less than a fifth of the largest: {shortened_list([*map(printable, small)])}." if small else ""
    return [line + less]


def _copies_lines(examination: Examination, folder: Path) -> list[str]:
    copies = examination.copies
    lines = [copies_line(copies)] if copies else []
    if not copies and not examination.only_exact:
        lines = ["No two photos show the same picture."]
    lines += _contradictions([group for group in copies if group.in_several_classes], folder)
    lines += left_out_lines(sum(one.left_out for one in examination.classes))
    if examination.only_exact:
        lines.append(ONLY_EXACT)
    return lines


def copies_line(copies: Sequence[Copies]) -> str:
    """How many photos show how many pictures."""
    photos, exact = sum(len(group.names) for group in copies), sum(group.exact for group in copies)
    pictures = "1 picture" if len(copies) == 1 else f"{len(copies)} pictures"
    return f"Copies: {photos} photos show only {pictures} ({exact} byte for byte); each stays on one side."


def left_out_lines(count: int) -> list[str]:
    """A sentence on photos that are not trained on because copies of them validate; none if there are none."""
    if not count:
        return []
    are = "1 photo to train on is" if count == 1 else f"{count} photos to train on are"
    return [f"{are} left out, because a copy validates."]


def brief_copies_lines(copies: Sequence[Copies], left_out: int, *, only_exact: bool) -> list[str]:
    """On copies of photos that have no single class, between which there could be a contradiction."""
    if not copies:
        return [ONLY_EXACT if only_exact else "No two photos show the same."]
    return [copies_line(copies), *left_out_lines(left_out)]


def copies_page(copies: Sequence[Copies], folder: Path) -> list[str]:
    """The lines of the whole page on copies: one for each picture."""
    if not copies:
        return []
    named = [wrapped(f"  {copies_text(group, folder)}", indent=4) for group in copies]
    return ["", "Copies, a line for each picture:", *named]


def left_out_page(heading: str, skipped: Sequence[str]) -> list[str]:
    """The lines of the whole page on what is left out, below a heading; none if nothing is."""
    return ["", heading, *(wrapped(f"  {printable(line)}", indent=4) for line in folded(skipped))] if skipped else []


def _contradictions(groups: Sequence[Copies], folder: Path) -> list[str]:
    if not groups:
        return []
    named = [copies_text(group, folder) for group in groups]
    what = "1 picture is" if len(groups) == 1 else f"{len(groups)} pictures are"
    return [f"{what} in several classes: {shortened_list(named, MOST_COPIES)}."]


def copies_text(group: Copies, folder: Path) -> str:
    """The names of the photos, relative to `folder` if they are in it, and which of them are not trained on."""
    names = [relative_name(name, folder) for name in group.names]
    marks = [" (left out)" if side == Side.LEFT_OUT else "" for side in group.sides]
    shown = [f"{name}{mark}" for name, mark in zip(names, marks, strict=True)]
    more = f" and {len(shown) - MOST_NAMED} more" if len(shown) > MOST_NAMED else ""
    return " = ".join(shown[:MOST_NAMED]) + more


def relative_name(name: str, folder: Path) -> str:
    """The name of a photo for people, relative to `folder` if the photo is in it."""
    path = Path(name)
    return printable(str(path.relative_to(folder)) if path.is_relative_to(folder) else name)


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}"
