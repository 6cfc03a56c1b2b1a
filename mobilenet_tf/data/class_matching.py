"""Which class a name means: the name of a folder, or a label in a list."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from mobilenet_tf.contract.labels import imagenet_wnids

__all__ = ["ClassMatcher", "normalized"]

_WNID = re.compile(r"n\d{8}(?=$|[_.\-])")
_NUMBER = re.compile(r"^\d+[\s.:_)-]+(?=\S)", re.ASCII)
_KEPT_SIGNS = "+#"  # C, C++ and C# are three


def normalized(name: str) -> str:
    """The name without what people write differently: case, the composition of accents, spaces and other signs."""
    composed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    signs = {c for c in composed if unicodedata.category(c)[0] not in "LMN"} - {*_KEPT_SIGNS}
    return " ".join("".join(" " if c in signs else c for c in composed).split()) or composed.strip()


@dataclass(frozen=True)
class ClassMatcher:
    """Finds the class that a name means.

    labels:     of the classes, in order.
    imagenet:   whether they are ImageNet's: then a wnid means one too, and so does each of a label's synonyms.
    background: whether class 0 is the background, before ImageNet's first class.
    """

    labels: Sequence[str]
    imagenet: bool = False
    background: bool = False
    _by_name: dict[str, int] = field(init=False, repr=False)
    _by_wnid: dict[str, int] = field(init=False, repr=False)
    _by_normalized: dict[str, set[int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        by_normalized: dict[str, set[int]] = {}
        for index, label in enumerate(self.labels):
            for name in (label, *(label.split(",") if self.imagenet else ())):
                by_normalized.setdefault(normalized(name), set()).add(index)
        by_name = {label: index for index, label in reversed(list(enumerate(self.labels)))}
        wnids = enumerate(imagenet_wnids(), self.background) if self.imagenet else ()
        object.__setattr__(self, "_by_name", by_name)
        object.__setattr__(self, "_by_wnid", {wnid: index for index, wnid in wnids})
        object.__setattr__(self, "_by_normalized", by_normalized)

    def exact(self, name: str) -> int | None:
        """The class that has this very name; None if none has. Of several the first."""
        return self._by_name.get(name)

    def wnid(self, name: str) -> int | None:
        """ImageNet's class whose wnid `name` begins with, such as n01440764_tench.JPEG; None if there is none."""
        found = _WNID.match(name)
        return self._by_wnid.get(found[0]) if found else None

    def loose(self, name: str) -> int | None:
        """The only class whose name is the same once both are normalized; None if there is none, or more than one."""
        found = self.similar(name)
        return found[0] if len(found) == 1 else None

    def exact_or_loose(self, name: str) -> int | None:
        """The class that has this name, to the letter or once both are normalized; None if there is none."""
        exact = self.exact(name)
        return self.loose(name) if exact is None else exact

    def similar(self, name: str) -> list[int]:
        """The classes whose name is the same once both are normalized.

        A number before the name, as in `0 cat`, does not count if no class has it. Of several that have it among their
        synonyms, that whose first it is: `crayfish` is the first of one of ImageNet's classes and another's last.
        """
        for tried in (name, _NUMBER.sub("", name)):
            found = sorted(self._by_normalized.get(normalized(tried), set()))
            if found:
                begin = [i for i in found if normalized(self.labels[i].split(",")[0]) == normalized(tried)]
                return begin if self.imagenet and len(begin) == 1 else found
        return []
