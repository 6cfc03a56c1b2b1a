"""What is told of photos that are left out: ten lines and a count, however many there are."""

import re
from collections.abc import Sequence

__all__ = ["MOST_NAMED", "first_lines", "folded"]

MOST_NAMED = 10
# A line on one photo that cannot be read: a file, or a record of a shard.
ONE_PHOTO = re.compile(r"^cannot read |, (record|photo) \d+: ")


def folded(skipped: Sequence[str]) -> list[str]:
    """The lines on what is left out: the first ten of those on one photo each, and the first ten others; how many more
    there are of both.
    """
    photos = [line for line in skipped if ONE_PHOTO.search(line)]
    others = [line for line in skipped if not ONE_PHOTO.search(line)]
    return [
        *first_lines(photos, "{count} more photos cannot be read."),
        *first_lines(others, "{count} more things are left out."),
    ]


def first_lines(lines: Sequence[str], more: str) -> list[str]:
    """The first ten lines and, if there are others, `more` with their `{count}`."""
    rest = len(lines) - MOST_NAMED
    return [*lines[:MOST_NAMED], *([more.format(count=rest)] if rest > 0 else [])]
