"""The one way in which work that takes long says how far it is."""

from collections.abc import Callable

__all__ = ["OnProgress", "ignore_progress", "part_of"]

# Called with what is being done, in a few words, and the share of the whole that is done, from 0 to 1.
OnProgress = Callable[[str, float], None]


def ignore_progress(task: str, share: float) -> None:
    """For those who do not want to know."""


def part_of(on_progress: OnProgress, start: float, end: float) -> OnProgress:
    """For one part of the work, which takes the whole from `start` to `end`: the part's own share is from 0 to 1."""
    return lambda task, share: on_progress(task, start + (end - start) * share)
