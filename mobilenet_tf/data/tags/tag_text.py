"""Several tags in one field of a list: `helmet;vest`, `helmet|vest`, `helmet, vest` or `['helmet', 'vest']`."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

__all__ = ["separator", "tags_in"]

CERTAIN = (";", "|")  # no class has these in its name
PLURAL = re.compile(r"\b(tags|labels|classes|categories|attributes|attribute_ids)\b")
_LIST = re.compile(r"\[(.*)\]", re.S)


def separator(labels: Sequence[str], header: str) -> str | None:
    """What stands between the tags in fields `labels`; None if each is a single name. header: the list's first line.

    A semicolon or a bar always separates, and so does a comma inside brackets. A comma may be part of a name, as in
    `tench, Tinca tinca`: it separates if at least half of the parts are in other fields too. So may a space, which
    separates only if the header speaks of several, such as `tags`, too.
    """
    for sign in CERTAIN:
        if any(sign in label for label in labels):
            return sign
    if any(_LIST.fullmatch(label) for label in labels):
        return ","
    if _recur(labels, ","):
        return ","
    return " " if PLURAL.search(header.lower()) and _recur(labels, " ") else None


def tags_in(label: str, sign: str | None) -> list[str]:
    """The tags in a field, each once, in their order."""
    found = _LIST.fullmatch(label.strip())
    parts = [label] if sign is None else (found[1] if found else label).split(sign)
    names = (unicodedata.normalize("NFC", part).strip().strip("'\"").strip() for part in parts)
    return [*dict.fromkeys(name for name in names if name)]


def _recur(labels: Sequence[str], sign: str) -> bool:
    """Whether at least half of the parts of fields with several are in other fields too."""
    fields = {tuple(tags_in(label, sign)) for label in labels}
    counts = Counter(part for field in fields for part in field)
    parts = {part for field in fields if len(field) > 1 for part in field}
    return bool(parts) and 2 * sum(counts[part] > 1 for part in parts) >= len(parts)
