"""The photo in a folder that a list means by some name."""

import os
import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .photos import is_photo_name
from .walk import files_under

__all__ = ["PhotosByName"]

_ABSOLUTE = re.compile("/|[a-z]:/")  # how a whole path begins, in lower case


@dataclass(frozen=True)
class PhotosByName:
    """Finds photos under `folder` by the names that lists have for them."""

    folder: Path

    def find(self, name: str) -> Path | None:
        """The photo of this name, relative to the folder; None if there is none.

        The name may lack its suffix, begin with the folder's own name, have Windows' backslashes, lack the sub-folder
        that the photo is in, be the whole path of another computer, or differ by case or by the form of its accents, if
        only one photo is meant then.
        """
        exact = self.folder / name
        if os.path.isfile(exact):  # False, too, for what is no name of a file, such as a long sentence
            return exact
        return self.find_below(name)

    def find_below(self, name: str) -> Path | None:
        """As `find`, but only a photo below the folder."""
        key = _key(name)
        if _ABSOLUTE.match(key):
            key = key.rpartition("/")[2]
        own = f"{_key(self.folder.resolve().name)}/"
        return self._by_key.get(key) or self._by_key.get(key.removeprefix(own)) or self._by_last_name.get(key)

    @cached_property
    def _by_key(self) -> dict[str, Path | None]:
        """None for what more than one photo may be meant by."""
        by_key: dict[str, Path | None] = {}
        for path in filter(is_photo_name, files_under(self.folder).paths):
            name = os.path.relpath(path, self.folder)
            for key in dict.fromkeys((_key(name), _key(os.path.splitext(name)[0]))):
                by_key[key] = None if key in by_key else Path(path)
        return by_key

    @cached_property
    def _by_last_name(self) -> dict[str, Path | None]:
        """The photos by their names without folders; None for what more than one photo may be meant by."""
        by_name: dict[str, Path | None] = {}
        for key, path in self._by_key.items():
            last = key.rpartition("/")[2]
            by_name[last] = None if last in by_name else path
        return by_name


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name.replace("\\", "/").removeprefix("./")).casefold()
