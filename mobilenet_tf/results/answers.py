"""Which class each photo of known class was given: confusion, precision and recall, calibration, the photos that were
wrong. Training and benchmark count alike with it, and the report shows it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "MOST_WRONG",
    "Answers",
    "ClassFigures",
    "ConfidenceBin",
    "WrongPhoto",
    "answers_problem",
    "balanced_accuracy",
    "class_figures",
    "confidence_bins",
    "confusion_counts",
    "confusion_problem",
    "differs_from_top1",
    "expected_calibration_error",
    "most_confident_wrong",
    "most_confused",
]

MOST_WRONG = 48  # photos that were wrong, which a record keeps thumbnails of
BINS = 10
NAMED_DIFFERENCE = 0.005  # between balanced accuracy and top-1: a smaller one is not shown


@dataclass(frozen=True)
class ConfidenceBin:
    """Photos whose top-1 score lies in [low, low + 0.1): how many were right, how many wrong.

    mean: of these scores; None if there is no photo, and in results of before it was kept.
    """

    low: float
    right: int
    wrong: int
    mean: float | None = None


@dataclass(frozen=True)
class WrongPhoto:
    """A photo that was given a wrong class.

    name:       its path, or its place in the data set.
    true:       the index of its class; `predicted`: of the class that it was given.
    confidence: the score of that class, from 0 to 1.
    thumbnail:  what the model saw of it, as a JPEG in base64; empty if the photo could not be read again.
    """

    name: str
    true: int
    predicted: int
    confidence: float
    thumbnail: str = ""


@dataclass(frozen=True)
class Answers:
    """What a model answered on photos of known class, summed up.

    classes:    the names of the classes, in the order of the model's outputs.
    confusion:  [true class, class that was given, photos] for each pair with photos.
    confidence: the photos by the score of the class that they were given.
    wrong:      those of the wrong photos that had the highest confidence, the highest first, MOST_WRONG at most.
    """

    classes: list[str]
    confusion: list[list[int]]
    confidence: list[ConfidenceBin]
    wrong: list[WrongPhoto]

    @property
    def photos(self) -> int:
        """How many photos were answered."""
        return sum(count for _, _, count in self.confusion)

    @property
    def wrong_photos(self) -> int:
        """How many of them were given a wrong class."""
        return sum(count for true, given, count in self.confusion if true != given)


@dataclass(frozen=True)
class ClassFigures:
    """How a class fared: `photos` are of it, `given` were given it, and `right` are both."""

    index: int
    name: str
    photos: int
    given: int
    right: int

    @property
    def recall(self) -> float | None:
        """Of its photos, the share that was given it; None if it has none."""
        return self.right / self.photos if self.photos else None

    @property
    def precision(self) -> float | None:
        """Of the photos that were given it, the share that is of it; None if there is none."""
        return self.right / self.given if self.given else None


def answers_problem(answers: Answers) -> str | None:
    """Why answers from a file, whose confusion has no problem, cannot be any; None if nothing is wrong."""
    indices = [index for row in answers.confusion for index in row[:2]]
    indices += [index for photo in answers.wrong for index in (photo.true, photo.predicted)]
    if not all(0 <= index < len(answers.classes) for index in indices):
        return f"classes: expected class indices from 0 to {len(answers.classes) - 1}"
    return None


def confusion_problem(confusion: Sequence[Sequence[int]]) -> str | None:
    """Why the rows of a confusion from a file cannot be any; None if nothing is wrong."""
    if all(len(row) == 3 and row[2] >= 0 for row in confusion):
        return None
    return "confusion: expected [true class, class that was given, photos] in each row"


def class_figures(answers: Answers) -> list[ClassFigures]:
    """The figures of every class, those without photos included, in the order of the model's outputs."""
    photos, given, right = Counter[int](), Counter[int](), Counter[int]()
    for true, predicted, count in answers.confusion:
        photos[true] += count
        given[predicted] += count
        right[true] += count if true == predicted else 0
    return [
        ClassFigures(index, name, photos[index], given[index], right[index])
        for index, name in enumerate(answers.classes)
    ]


def balanced_accuracy(confusion: Sequence[Sequence[int]]) -> float | None:
    """The mean recall of the classes that have photos, each counted once, however many it has; None if none has.

    confusion: as in Answers. Brodersen et al. 2010, "The balanced accuracy and its posterior distribution", section II,
    for more than two classes.
    """
    photos, right = Counter[int](), Counter[int]()
    for true, given, count in confusion:
        photos[true] += count
        right[true] += count if true == given else 0
    recalls = [right[index] / count for index, count in photos.items() if count]
    return sum(recalls) / len(recalls) if recalls else None


def differs_from_top1(balanced: float | None, top1: float) -> bool:
    """Whether a balanced accuracy is known and so far from top-1 that people should see both."""
    return balanced is not None and abs(balanced - top1) >= NAMED_DIFFERENCE


def most_confused(answers: Answers, most: int) -> list[tuple[int, int, int]]:
    """(true class, class that was given, photos) of the most frequent confusions, at most `most`, the first first."""
    pairs = [(true, given, count) for true, given, count in answers.confusion if true != given]
    return sorted(pairs, key=lambda pair: (-pair[2], pair[0], pair[1]))[:most]


def expected_calibration_error(bins: Sequence[ConfidenceBin]) -> float | None:
    """The mean distance of accuracy from confidence over the bins, each weighted by its photos, as a share from 0 to 1.

    Guo et al. 2017, "On calibration of modern neural networks", equation 3. None if there is no photo, or if the means
    were not kept.
    """
    filled = [(one, one.right + one.wrong) for one in bins if one.right + one.wrong]
    if not filled or any(one.mean is None for one, _ in filled):
        return None
    gaps = (abs(one.right - count * (one.mean or 0.0)) for one, count in filled)
    return sum(gaps) / sum(count for _, count in filled)


def confusion_counts(true: NDArray[np.int64], predicted: NDArray[np.int64]) -> list[list[int]]:
    """[true class, class that was given, photos] for each pair with photos, from (n,) class indices each, sorted."""
    pairs = Counter(zip(true.tolist(), predicted.tolist(), strict=True))
    return [[is_class, given, count] for (is_class, given), count in sorted(pairs.items())]


def confidence_bins(
    confidence: NDArray[np.float32] | NDArray[np.float64], right: NDArray[np.bool_]
) -> list[ConfidenceBin]:
    """Ten bins of equal width, from (n,) scores from 0 to 1 and whether each answer was right."""
    places = np.clip((confidence * BINS).astype(int), 0, BINS - 1)
    bins = []
    for number in range(BINS):
        inside = places == number
        mean = round(float(confidence[inside].mean()), 6) if inside.any() else None
        counts = int((right & inside).sum()), int((~right & inside).sum())
        bins.append(ConfidenceBin(number / BINS, *counts, mean))
    return bins


def most_confident_wrong(
    confidence: NDArray[np.float32] | NDArray[np.float64], right: NDArray[np.bool_], most: int = MOST_WRONG
) -> list[int]:
    """The indices of the wrong answers of highest confidence, from (n,) each, the highest first, at most `most`."""
    wrong = np.flatnonzero(~right)
    return [int(index) for index in wrong[np.argsort(-confidence[wrong], kind="stable")][:most]]
