"""The thresholds of tags: the score from which on each is true."""

from collections.abc import Sequence

__all__ = ["thresholds_problem"]


def thresholds_problem(thresholds: Sequence[float], tags: int) -> str | None:
    """Why these cannot be the thresholds of so many tags; None if they can."""
    if len(thresholds) == tags and all(0 <= value <= 1 for value in thresholds):
        return None
    return f"expected a score from 0 to 1 for each of the {tags} tags; got {[*thresholds][:5]}"
