"""What a detector found on the validation photos, in the form of the run's record: scores, curves, the worst photos."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.results.detection_record import ClassAnswers, DetectionAnswers, DrawnBox, WorstPhoto
from mobilenet_tf.results.thumbnails import thumbnail_text
from mobilenet_tf.tasks.detection import matched
from mobilenet_tf.tasks.detection_score import ClassScore, DetectionScore, TrueBoxes
from mobilenet_tf.tasks.post_processing import Detections
from mobilenet_tf.terminal import printable

from .photos import StretchedPhotos

__all__ = ["answers_of", "best_threshold"]

MOST_WORST = 12  # photos that are shown
MOST_BOXES = 60  # that are there, and as many that are found, of a photo that are shown
DIGITS = 4
THUMBNAIL_SIDE = 256  # pixels: boxes are drawn over it


@dataclass(frozen=True)
class _Marked:
    """What was found on one photo, and what is there.

    right: (found,), hit: (there,): whether it is in a pair.
    counted: (found,) whether it is in no pair with an ignored box.
    """

    found: Detections
    truth: TrueBoxes
    right: NDArray[np.bool_]
    hit: NDArray[np.bool_]
    counted: NDArray[np.bool_]

    @property
    def missed(self) -> NDArray[np.bool_]:
        """(there,) boxes that count and were not found."""
        return ~self.hit & ~self.truth.ignored


def answers_of(
    epoch: int,
    score: DetectionScore,
    found: Sequence[Detections],
    truth: Sequence[TrueBoxes],
    photos: StretchedPhotos,
) -> DetectionAnswers:
    """The answers of an epoch, from 1, on the photos, in their order."""
    threshold = best_threshold(found, truth)
    marked = [_marked(one.above(threshold), there) for one, there in zip(found, truth, strict=True)]
    errors = np.array([int((~one.right).sum() + one.missed.sum()) for one in marked])
    worst = [int(index) for index in (-errors).argsort(kind="stable")[:MOST_WORST] if errors[index]]
    return DetectionAnswers(
        epoch=epoch,
        photos=len(found),
        **{name: getattr(score, name) for name in SCORES},
        threshold=round(threshold, DIGITS),
        classes=[_class_answers(number, one, marked) for number, one in enumerate(score.classes)],
        worst=[_worst_photo(marked[index], index, photos) for index in worst],
    )


SCORES = ("ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar", "voc_ap50")


def best_threshold(found: Sequence[Detections], truth: Sequence[TrueBoxes]) -> float:
    """The score from which on the boxes that are found have the highest F1; 0.5 if none is right."""
    marked = [_marked(one, there) for one, there in zip(found, truth, strict=True)]
    scores = np.concatenate([np.zeros(0, np.float32), *(one.found.scores for one in marked)])
    order = (-scores).argsort(kind="stable")
    counted = np.concatenate([np.zeros(0, bool), *(one.counted for one in marked)])[order]
    right = np.concatenate([np.zeros(0, bool), *(one.right for one in marked)])[order] & counted
    boxes = sum(int((~one.ignored).sum()) for one in truth)
    if not right.any():
        return 0.5
    f1 = 2 * np.cumsum(right) / (np.cumsum(counted) + boxes)
    return float(scores[order][int(f1.argmax())])


def _marked(found: Detections, truth: TrueBoxes) -> _Marked:
    there = Detections(truth.boxes, np.ones(len(truth.boxes), np.float32), truth.classes)
    right, hit, counted = np.zeros(len(found), bool), np.zeros(len(there), bool), np.ones(len(found), bool)
    for one, other in matched(found, there):
        right[one] = hit[other] = True
        counted[one] = not truth.ignored[other]
    return _Marked(found, truth, right, hit, counted)


def _class_answers(number: int, score: ClassScore, marked: Sequence[_Marked]) -> ClassAnswers:
    fields = {name: getattr(score, name) for name in ("boxes", "ap", "ap50", "ar", "voc_ap50")}
    return ClassAnswers(
        **fields,
        precision=[round(value, DIGITS) for value in score.precision],
        found=sum(int((one.hit & (one.truth.classes == number) & ~one.truth.ignored).sum()) for one in marked),
        false=sum(int((~one.right & (one.found.classes == number)).sum()) for one in marked),
    )


def _worst_photo(marked: _Marked, index: int, photos: StretchedPhotos) -> WorstPhoto:
    found, truth = marked.found, marked.truth
    boxes_there = [
        DrawnBox(_rounded(box), int(label), None, bool(hit or ignored))
        for box, label, hit, ignored in zip(truth.boxes, truth.classes, marked.hit, truth.ignored, strict=True)
    ]
    boxes_found = [
        DrawnBox(_rounded(box), int(label), round(float(score), DIGITS), bool(right))
        for box, label, score, right in zip(found.boxes, found.classes, found.scores, marked.right, strict=True)
    ]
    height, width = truth.size
    return WorstPhoto(
        name=printable(photos.photos.name(index)),
        thumbnail=thumbnail_text(photos[np.array([index])][0], THUMBNAIL_SIDE),
        width=width,
        height=height,
        missed=int(marked.missed.sum()),
        false=int((~marked.right).sum()),
        boxes=[*boxes_there[:MOST_BOXES], *boxes_found[:MOST_BOXES]],
    )


def _rounded(box: NDArray[np.float32]) -> list[float]:
    return [round(float(value), DIGITS) for value in box]
