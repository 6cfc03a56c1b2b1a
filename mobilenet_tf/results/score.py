"""The share by which models are compared: top-1 of classes, recall@1 of embeddings."""

from dataclasses import dataclass, field

from .chance import answers_differ_by_chance, shares_differ_by_chance, wilson_interval
from .records import Accuracy, Result

__all__ = ["Score", "differs_by_chance", "score_of", "score_of_accuracy", "scores_named"]


@dataclass(frozen=True)
class Score:
    """A share from 0 to 1 of so many photos; `name` is what it is called. The other fields are those of Accuracy."""

    name: str
    share: float
    photos: int
    folder: str
    images_sha256: str
    trained_left_out: int = 0
    answers: str = ""
    doubts: list[str] = field(default_factory=list)

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share."""
        return wilson_interval(self.share, self.photos)

    @property
    def interval_text(self) -> str:
        """As people read it: `83.5% to 91.7%`."""
        low, high = self.interval
        return f"{low:.1%} to {high:.1%}"


def score_of(result: Result) -> Score | None:
    """Top-1 of a classifier, or recall@1 of an embedding; None if neither was measured."""
    if result.accuracy is not None:
        return score_of_accuracy(result.accuracy)
    found = result.embedding
    if found is None or found.recall_at_1 is None:
        return None
    photos = (found.recall_photos, found.folder, found.images_sha256, found.trained_left_out)
    return Score("recall@1", found.recall_at_1, *photos)


def score_of_accuracy(found: Accuracy) -> Score:
    """Top-1."""
    photos = (found.images, found.folder, found.images_sha256, found.trained_left_out)
    return Score("top-1", found.top1, *photos, found.answers, found.doubts)


def scores_named(results: list[Result]) -> str:
    """What the scores of results are called: `top-1`, `recall@1`, or both."""
    names = {score.name: None for score in map(score_of, results) if score is not None}
    return " or ".join(names) or "top-1"


def differs_by_chance(one: Score, other: Score) -> bool:
    """Whether the scores of two models on the same photos differ by no more than chance explains, at 95 %: a tie.

    If both records hold the answers to each photo, these are compared; else the two shares are.
    """
    if one.answers and len(one.answers) == len(other.answers):
        return answers_differ_by_chance(one.answers, other.answers)
    return shares_differ_by_chance((one.share, one.photos), (other.share, other.photos))
