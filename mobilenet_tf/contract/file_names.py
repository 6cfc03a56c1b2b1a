"""The names of files in a record of anybody's: of what lies beside it, and never a path that leads elsewhere."""

import os
import stat
import unicodedata
from pathlib import Path

__all__ = ["is_plain_name", "outside_folder"]

MAX_BYTES = 255  # of a name, on every file system in use


def is_plain_name(name: str) -> bool:
    """Whether `name` can only be that of a file or folder beside the record: no path, not hidden, printable."""
    if not 0 < len(name.encode("utf-8", "surrogatepass")) <= MAX_BYTES or name.startswith("."):
        return False
    return not any(letter in "/\\" or unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name)


def outside_folder(file: Path, folder: Path) -> str | None:
    """Why `file` is no regular file of `folder` and of the folders in it, as the end of a sentence; None if it is one.

    A link is followed: it may lead to another file of the same folder. Raises OSError if there is nothing.
    """
    place = file.resolve(strict=True)
    if not place.is_relative_to(folder.resolve()):
        return f"is a link to {place}, outside of the folder"
    if not stat.S_ISREG(os.stat(place).st_mode):
        return "is no regular file"
    return None
