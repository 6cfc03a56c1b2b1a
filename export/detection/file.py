"""A file of a detector's export."""

from dataclasses import dataclass

from export.made_file import MadeFile

from .verify import DetectorCheck

__all__ = ["DetectorFile"]


@dataclass(frozen=True)
class DetectorFile(MadeFile):
    """A file of an export of a detector and everything that is known about it."""

    check: DetectorCheck
