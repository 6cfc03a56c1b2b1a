"""A table of the page that the page's script sorts by a click on a heading."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Cell", "Heading", "breakable", "sortable_table"]


@dataclass(frozen=True)
class Heading:
    """A column. meaning: shown when the heading is pointed at. kind: `name` in the first column, `number` or `text`."""

    text: str
    meaning: str
    kind: str = "number"


@dataclass(frozen=True)
class Cell:
    """A cell. value: what the column sorts by, None to stay last. bar: a share from 0 to 1 to draw behind the text.

    href: where the text leads, a place of the page.
    """

    text: str
    value: float | str | None = None
    bar: float | None = None
    href: str = ""


def breakable(text: str) -> str:
    """Escaped text, in which a long name may be broken after an underscore."""
    return escape(text).replace("_", "_<wbr>")


def sortable_table(label: str, headings: Sequence[Heading], rows: Sequence[Sequence[Cell]]) -> str:
    """The table, in a box that scrolls. label: what a screen reader calls it."""
    heads = "".join(
        f'<th scope="col" class="{one.kind}"><button type="button" title="{escape(one.meaning)}">{breakable(one.text)}'
        "</button></th>"
        for one in headings
    )
    body = "".join(
        f"<tr>{''.join(_cell(cell, head.kind) for cell, head in zip(row, headings, strict=True))}</tr>" for row in rows
    )
    return (
        f'<div class="scroll tall" role="region" aria-label="{escape(label)}" tabindex="0"><table><thead>'
        f"<tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(cell: Cell, kind: str) -> str:
    data = "" if cell.value is None else f' data-value="{escape(str(cell.value))}"'
    text = escape(cell.text)
    if cell.href:
        text = f'<a href="{escape(cell.href)}">{text}</a>'
    if kind == "name":
        return f'<th scope="row" class="name"{data}>{text}</th>'
    bar = "" if cell.bar is None else f' style="--share:{round(100 * cell.bar)}%"'
    return f'<td class="{kind}{" bar" if bar else ""}"{data}{bar}>{text}</td>'
