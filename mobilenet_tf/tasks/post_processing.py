"""From a detector's raw outputs to its detections: decoding, a threshold, and non-maximum suppression. NumPy only.

It computes what the TFLite op TFLite_Detection_PostProcess computes on one thread, in the same order, so that a file
with the op and one with the raw outputs give the same boxes.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .boxes import decode, overlaps

__all__ = ["Detections", "PostProcessing", "detect", "lost_class", "no_detections"]

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class PostProcessing:
    """How detections are chosen.

    score_threshold: detections below it are left out.
    iou_threshold:   of two boxes that overlap more, the one with the lower score is left out.
    most:            number of detections per photo at most.
    per_class:       whether only boxes of the same class suppress each other (Liu et al. 2016, section 2.2); else each
                     anchor stands for its best class alone, and a box suppresses those of all classes. TFLite's op
                     loses a class on several threads if this is true: see lost_class.
    """

    score_threshold: float = 0.01
    iou_threshold: float = 0.6
    most: int = 100
    per_class: bool = False


@dataclass(frozen=True)
class Detections:
    """What a detector finds on one photo, best first.

    boxes: (n, 4) float32 as (ymin, xmin, ymax, xmax), shares of the photo; they may reach beyond it.
    scores: (n,) float32 from 0 to 1. classes: (n,) int64, without a background.
    """

    boxes: Float32
    scores: Float32
    classes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.scores)

    def above(self, threshold: float) -> "Detections":
        """Those with at least this score."""
        kept = self.scores >= threshold
        return replace(self, boxes=self.boxes[kept], scores=self.scores[kept], classes=self.classes[kept])

    def first(self, most: int) -> "Detections":
        """The best `most`."""
        return replace(self, boxes=self.boxes[:most], scores=self.scores[:most], classes=self.classes[:most])


def lost_class(chosen: PostProcessing, classes: int, threads: int) -> int | None:
    """The class that TFLite's op never finds on so many threads, from 0; None if it finds all.

    With several threads and more classes than these, per-class suppression leaves out the class whose number is that of
    the threads (https://github.com/tensorflow/tensorflow/issues/56058).
    """
    return threads if chosen.per_class and 1 < threads < classes else None


def no_detections() -> Detections:
    """Those of a photo on which nothing is found."""
    return Detections(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))


def detect(encodings: Float32, scores: Float32, anchors: Float32, chosen: PostProcessing) -> Detections:
    """The detections on one photo.

    encodings: (anchors, 4), see boxes.encode; scores: (anchors, classes) from 0 to 1; anchors: (anchors, 4) as
    (ycenter, xcenter, height, width).
    """
    boxes = decode(encodings, anchors)
    if not chosen.per_class:
        best = scores.argmax(1)
        rows = _suppressed(boxes, scores.max(1), chosen)
        return Detections(boxes[rows], scores[rows, best[rows]], best[rows])
    kept = [_suppressed(boxes, scores[:, number], chosen) for number in range(scores.shape[1])]
    # Of equal scores, which integer files have many of, the earlier class comes first, as in the op.
    classes = np.concatenate([np.full(len(rows), number) for number, rows in enumerate(kept)]).astype(np.int64)
    rows = np.concatenate(kept)
    order = (-scores[rows, classes]).argsort(kind="stable")[: chosen.most]
    rows, classes = rows[order], classes[order]
    return Detections(boxes[rows], scores[rows, classes], classes)


def _suppressed(boxes: Float32, scores: Float32, chosen: PostProcessing) -> NDArray[np.int64]:
    """The rows of the boxes that stay, best first, at most `chosen.most`: greedy non-maximum suppression."""
    rows = np.flatnonzero(scores >= np.float32(chosen.score_threshold))
    rows = rows[(-scores[rows]).argsort(kind="stable")]
    kept: list[int] = []
    while len(rows) and len(kept) < chosen.most:
        kept.append(int(rows[0]))
        covered = overlaps(boxes[rows[:1]], boxes[rows[1:]])[0] > np.float32(chosen.iou_threshold)
        rows = rows[1:][~covered]
    return np.array(kept, np.int64)
