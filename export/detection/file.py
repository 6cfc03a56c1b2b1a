"""A file of a detector's export and everything that is known about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from export.recipes import Recipe

from .verify import DetectorCheck

__all__ = ["DetectorFile"]


@dataclass(frozen=True)
class DetectorFile:
    """A file of an export and everything that is known about it; fields as those of make_file.VerifiedFile."""

    name: str
    recipe: Recipe
    content: bytes
    correction: str
    notes: tuple[str, ...]
    float_ops: Mapping[str, int]
    slow_ops: Sequence[str]
    check: DetectorCheck
    latency_ms: float
