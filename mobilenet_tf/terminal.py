"""What fits the width of a terminal: names on one line, and tables."""

import os
import re
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import accumulate
from typing import TextIO

__all__ = [
    "beginning_of",
    "columns_of",
    "counted_list",
    "end_of",
    "escaped",
    "printable",
    "shortened",
    "shortened_list",
    "table",
    "width_of",
    "without_controls",
    "wrapped",
]

# Control characters but tab and line feed, line separators, and the marks that turn the direction of writing.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
DEFAULT_COLUMNS = 80  # of a terminal that does not say how wide it is


def columns_of(stream: TextIO | None) -> int | None:
    """The width, in columns, of the terminal that `stream` writes to; None if it writes to something else."""
    if stream is None or not stream.isatty():
        return None
    try:
        return os.get_terminal_size(stream.fileno()).columns or DEFAULT_COLUMNS
    except OSError:
        return DEFAULT_COLUMNS


def _columns_of_output() -> int | None:
    """The width that results must fit: that of the terminal, else of what the environment says in COLUMNS; or None."""
    said = os.environ.get("COLUMNS", "")
    return columns_of(sys.stdout) or (int(said) if said.isdecimal() and int(said) else None)


def printable(text: str) -> str:
    """`text` on one line: line breaks, control characters and bytes that are not text become escapes, such as \\n."""
    return "".join(character if character.isprintable() else escaped(character) for character in text)


def escaped(character: str) -> str:
    """A character as an escape of ASCII letters."""
    # Python keeps a byte of a file's name that is not UTF-8 as a surrogate: U+DC00 and the byte.
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode("ascii")


def without_controls(text: str) -> str:
    """`text`, lines and tabs as they are, with escapes for what a terminal obeys or that changes the order of letters.

    Those that JSON allows in a text become escapes of JSON.
    """
    return _OBEYED.sub(_escape_in_json, text)


def _escape_in_json(found: re.Match[str]) -> str:
    return escaped(found[0]) if found[0] < " " else f"\\u{ord(found[0]):04x}"


def width_of(text: str) -> int:
    """The columns that a terminal gives to `text`: two to wide characters, none to accents that follow a letter."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in "WF")
        for character in text
    )


def shortened(text: str, columns: int) -> str:
    """`text`, with "..." for its middle if it is wider than `columns`: the ends of a name tell the most."""
    if width_of(text) <= columns:
        return text
    end = beginning_of(text[::-1], (columns - 3) // 2)[::-1]
    return beginning_of(f"{beginning_of(text, columns - 3 - width_of(end))}...{end}", columns)


def end_of(text: str, columns: int) -> str:
    """`text`, with "..." for its beginning if it is wider than `columns`."""
    if width_of(text) <= columns:
        return text
    return beginning_of(f"...{beginning_of(text[::-1], columns - 3)[::-1]}", columns)


def beginning_of(text: str, columns: int) -> str:
    """As much of the beginning of `text` as fits."""
    return text[: sum(width <= columns for width in accumulate(map(width_of, text)))]


def shortened_list(names: Sequence[str], most: int = 5) -> str:
    """The first of the names, at most `most`, and how many more there are: "a, b and 3 more"."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def counted_list(counts: Mapping[str, int]) -> str:
    """Names, each with how often it occurs if that is more than once: "a, b (3 times)"."""
    return ", ".join(f"{name} ({count} times)" if count > 1 else name for name, count in counts.items())


def wrapped(text: str, stream: TextIO | None = None, *, indent: int = 0) -> str:
    """Sentences broken between words for the terminal that `stream`, by default standard output, writes to; as they are
    if it is none. A word that is longer than a line stays whole, so that a path can be copied.

    indent: the columns by which all lines but the first are indented.
    """
    text = without_controls(text)
    columns = _columns_of_output() if stream is None else columns_of(stream)
    if columns is None:
        return text
    fill = partial(
        textwrap.fill, width=columns, subsequent_indent=" " * indent, break_on_hyphens=False, break_long_words=False
    )
    return "\n".join(map(fill, text.split("\n")))


def table(header: Sequence[str], rows: Sequence[Sequence[str]], columns: int | None = None) -> str:
    """Format rows as a table: the first column is aligned to the left, the others to the right.

    columns: the width that it must fit. By default that of the terminal, if standard output is one, or COLUMNS of the
             environment; otherwise it may be as wide as it is.
    A table that is wider than that takes two lines or more for each row: the first cell stands alone, shortened in its
    middle if need be, and the others below it, indented.
    """
    limit = columns or _columns_of_output()
    lines = [[printable(cell) for cell in line] for line in [header, *rows]]
    widths = [max(width_of(line[column]) for line in lines) for column in range(len(header))]
    groups = [list(range(len(widths)))]
    if limit is not None and _total(widths) > limit:
        groups = [[0], *_groups(widths, limit - 2)]
        widths[0] = min(widths[0], limit)
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(text for line in lines for text in _lines_of(line, widths, groups))


def _lines_of(line: Sequence[str], widths: Sequence[int], groups: Sequence[Sequence[int]]) -> Iterator[str]:
    """The lines of one row of a table: one for each group of columns."""
    for number, group in enumerate(groups):
        cells = [
            _aligned(shortened(line[column], widths[column]), widths[column], to_left=column == 0) for column in group
        ]
        yield "  ".join([""] * (number > 0) + cells).rstrip()


def _groups(widths: Sequence[int], limit: int) -> list[list[int]]:
    """The columns after the first, split into as few groups as fit `limit`, in order."""
    groups: list[list[int]] = []
    for column in range(1, len(widths)):
        if groups and _total([widths[member] for member in [*groups[-1], column]]) <= limit:
            groups[-1].append(column)
        else:
            groups.append([column])
    return groups


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + 2 * (len(widths) - 1)


def _aligned(cell: str, width: int, *, to_left: bool) -> str:
    padding = " " * (width - width_of(cell))
    return cell + padding if to_left else padding + cell
