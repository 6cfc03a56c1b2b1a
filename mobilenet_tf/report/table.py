"""The table of the report's page: a row for each result, with the notes on its figures below."""

from collections.abc import Sequence
from html import escape

from mobilenet_tf.results.groups import Group
from mobilenet_tf.results.records import Result
from mobilenet_tf.results.selection import Choice, pareto_front

from .html_table import breakable
from .text import TOP1, Column, shown_columns

__all__ = ["results_table"]

FRONT = "no other on the same photos is both faster and more accurate"


def results_table(group: Group, choice: Choice, place: int) -> str:
    """The table, what its columns mean, and its notes; `place` is the number of the group on the page."""
    columns = shown_columns(group.results)
    headings = _heading("model", "name of the file", "name")
    headings += "".join(_heading(column.header, column.meaning, _kind(column, group)) for column in columns)
    headings += _heading("Pareto front", FRONT, "text")
    front = {id(result) for result in pareto_front(group.results)}
    rows = []
    for result, label in zip(group.results, group.labels, strict=True):
        cells = _name(group, result, label, place, best=result is choice.result)
        doubts = _marks(group, group.doubt_numbers(result), place)
        cells += "".join(
            _cell(column, result, _kind(column, group), doubts if column.header == TOP1 else "") for column in columns
        )
        on_front = id(result) in front
        cells += f'<td class="text" data-value="{int(on_front)}">{"yes" if on_front else ""}</td>'
        opening = '<tr class="best">' if result is choice.result else "<tr>"
        rows.append(f"{opening}{cells}</tr>")
    return (
        f'<div class="scroll" role="region" aria-label="Table of results" tabindex="0"><table><thead>'
        f"<tr>{headings}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        '<p class="soft">Click a heading to sort by that column, and again to reverse the order. A star and shading '
        f"mark the choice.{' A number in brackets is that of a note below.' if group.footnotes else ''}</p>"
        f"{_notes(group, place)}"
        f"<details><summary>What the columns mean</summary><dl>{_meanings(columns)}</dl></details>"
    )


def _name(group: Group, result: Result, label: str, place: int, *, best: bool) -> str:
    marks = _marks(group, group.other_numbers(result), place)
    star = "★ " if best else ""
    return f'<th scope="row" class="name" data-value="{escape(label)}">{star}{breakable(label)}{marks}</th>'


def _marks(group: Group, numbers: Sequence[int], place: int) -> str:
    """The numbers of footnotes, each a link to it: of doubts behind top-1, of other notes behind the name."""
    return "".join(
        f' <a class="mark" href="#note-{place}-{number}" title="{escape(group.footnotes[number - 1])}">[{number}]</a>'
        for number in numbers
    )


def _notes(group: Group, place: int) -> str:
    items = [
        f'<li id="note-{place}-{number}">[{number}] {breakable(group.footnote_models(text))}: {escape(text)}</li>'
        for number, text in enumerate(group.footnotes, 1)
    ]
    items += [f"<li>{escape(note)}</li>" for note in group.notes]
    return f'<h3>Notes</h3><ul class="notes">{"".join(items)}</ul>' if items else ""


def _meanings(columns: Sequence[Column]) -> str:
    pairs = [*((column.header, column.meaning) for column in columns), ("Pareto front", FRONT)]
    return "".join(f"<dt>{escape(header)}</dt><dd>{escape(meaning)}</dd>" for header, meaning in pairs)


def _kind(column: Column, group: Group) -> str:
    values = (column.value(result) for result in group.results)
    return "text" if any(isinstance(value, str) for value in values) else "number"


def _heading(header: str, meaning: str, kind: str) -> str:
    button = f'<button type="button" title="{escape(meaning)}">{escape(header)}</button>'
    return f'<th scope="col" class="{kind}">{button}</th>'


def _cell(column: Column, result: Result, kind: str, marks: str) -> str:
    value = column.value(result)
    data = "" if value is None else f' data-value="{escape(str(value))}"'
    return f'<td class="{kind}"{data}>{escape(column.text(result))}{marks}</td>'
