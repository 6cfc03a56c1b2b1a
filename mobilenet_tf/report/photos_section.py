"""A part of the page on the photos of a training run: their counts, what is odd about them, and copies among them."""

from html import escape
from pathlib import Path

from mobilenet_tf.data.examination import Copies, Examination
from mobilenet_tf.data.examination_text import ODD, copies_text, examination_lines
from mobilenet_tf.results.training_record import ExaminedPhotos

from .document import Section
from .html_table import Cell, Heading, sortable_table
from .run_parts import found_list

__all__ = ["photos_section"]

MOST_COPIES = 100  # pictures whose copies are listed
HERE = Path()  # names are relative to the folder of the photos already


def photos_section(examined: ExaminedPhotos) -> Section:
    """What the examination found, the notes that the run began with, the counts of each class, and the copies."""
    found = examined.found
    counts, *sentences = examination_lines(found, HERE)
    total = counts.partition(":")[0].partition(",")[0].rstrip(".")  # the table has the counts of the classes
    return Section(
        f'<h3>The photos</h3><p class="soft">What was found before training: {escape(total)}.</p>'
        f"{found_list([*sentences, *examined.notes])}{_table(found)}{_copies(found)}"
    )


def _table(found: Examination) -> str:
    known = found.classes[0].tiny is not None
    headings = [
        Heading("class", "", "name"),
        Heading("photos", "that can be read"),
        Heading("share", "of all photos"),
        Heading("to train on", "photos"),
        Heading("to validate", "photos"),
    ]
    left_out = any(one.left_out for one in found.classes)
    headings += [Heading("left out", "of training, because a copy validates")] if left_out else []
    headings += [Heading(kind, "photos, trained on or not") for kind in ODD] if known else []
    rows = []
    for one in found.classes:
        numbers = [one.train, one.validation, *([one.left_out] if left_out else [])]
        numbers += [getattr(one, kind) for kind in ODD] if known else []
        share = one.photos / found.photos if found.photos else 0.0
        start = [Cell(one.name, one.name), Cell(str(one.photos), one.photos), Cell(f"{share:.1%}", share, bar=share)]
        rows.append([*start, *(Cell(str(number), number) for number in numbers)])
    return sortable_table("Table of the photos", headings, rows)


def _copies(found: Examination) -> str:
    """The pictures that several photos show, those in several classes first, behind a line that opens them."""
    if not found.copies:
        return ""
    order = sorted(found.copies, key=lambda group: not group.in_several_classes)
    items = "".join(f"<li>{_copy(group)}</li>" for group in order[:MOST_COPIES])
    more = len(order) - MOST_COPIES
    rest = f"<p>{more} more are not listed; mobilenet-train --examine names all.</p>" if more > 0 else ""
    pictures = "1 picture" if len(order) == 1 else f"{len(order)} pictures"
    return (
        f'<details><summary>{pictures} that several photos show</summary><ul class="found">{items}</ul>{rest}</details>'
    )


def _copy(group: Copies) -> str:
    several = " <b>In several classes.</b>" if group.in_several_classes else ""
    return f"{escape(copies_text(group, HERE))}{several}"
