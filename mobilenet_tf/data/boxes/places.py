"""Where the photos of annotations are, and to which side of a split their folders say that they belong."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path

from mobilenet_tf.data.layout import side_of
from mobilenet_tf.data.listed_photo import PhotosByName
from mobilenet_tf.data.photos import is_photo_name
from mobilenet_tf.data.walk import files_under

__all__ = ["PhotosInside", "side_under"]


def side_under(folder: Path, path: str) -> str | None:
    """The side that a folder between `folder` and the file names, as train/ and val2017/ do; None if none does."""
    return next((side for part in _folders_of(path, folder) if (side := side_of(part))), None)


@dataclass(frozen=True)
class PhotosInside:
    """Finds photos in `folder` by the names that annotations have for them, but none outside of `root`.

    A stranger's annotations could name any file of the computer otherwise, and a report would show it.
    """

    folder: Path
    root: Path

    def find(self, name: str) -> str | None:
        """The path of the photo of this name, below `root`, see PhotosByName.find; None if there is none."""
        if not name:
            return None
        return self._inside(self._by_name.find(name)) or self._inside(self._by_name.find_below(name))

    def find_near(self, name: str, place: str) -> str | None:
        """The photo of this name, without folders and perhaps without suffix, that shares the most folders with the
        file at `place`: images/val/a.jpg for annotations/val/a.xml. None if there is none, or two are as near.
        """
        near = _folders_of(place, self.root)
        ranked: dict[tuple[int, int], list[str]] = {}
        for path in self._by_last_name.get(name.casefold(), ()):
            ranked.setdefault(_shared(_folders_of(path, self.root), near), []).append(path)
        best = ranked[max(ranked)] if ranked else []
        return best[0] if len(best) == 1 else None

    def _inside(self, found: Path | None) -> str | None:
        """The path of the photo as `root` leads to it, whatever form the name had."""
        if found is None or not is_photo_name(found):
            return None
        below = os.path.relpath(found, self.root)
        return None if below.startswith(os.pardir + os.sep) else os.path.join(self.root, below)

    @cached_property
    def _by_name(self) -> PhotosByName:
        return PhotosByName(self.folder)

    @cached_property
    def _by_last_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in filter(is_photo_name, files_under(self.folder).paths):
            for key in _last_names(path):
                found.setdefault(key, []).append(path)
        return found


def _last_names(path: str) -> Iterator[str]:
    name = os.path.basename(path).casefold()
    yield name
    yield os.path.splitext(name)[0]


def _folders_of(path: str, root: Path) -> tuple[str, ...]:
    """The names of the folders between `root` and the file."""
    return Path(os.path.relpath(path, root)).parts[:-1]


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[int, int]:
    """(how many folders both are in, how many folders of both have a name in common)."""
    return len([*takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))]), len({*one} & {*other})
