"""How long work reports its progress: every function that takes long takes an `on_progress` like this."""

from collections.abc import Callable

__all__ = ["OnProgress", "ignore_progress", "part_of"]

# Called with what is being done, in a few words, and the share of the whole that is done, from 0 to 1.
OnProgress = Callable[[str, float], None]


def ignore_progress(task: str, share: float) -> None:
    """Report nothing: the default of every `on_progress`."""


def part_of(on_progress: OnProgress, start: float, end: float) -> OnProgress:
    """The `on_progress` for a part of the work: its shares, from 0 to 1, become the whole's from `start` to `end`."""
    return lambda task, share: on_progress(task, start + (end - start) * share)
