"""Which anchor is to find which box (Liu et al. 2016, section 2.2, "Matching strategy"). NumPy only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.tasks.boxes import anchor_corners, encode, overlaps

__all__ = ["BACKGROUND", "IGNORED", "AnchorMatcher", "Targets"]

Float32 = NDArray[np.float32]

BACKGROUND, IGNORED = -1, -2  # in place of a class: the anchor is to find nothing, or does not count


@dataclass(frozen=True)
class Targets:
    """What each of the anchors is to say.

    labels:    (anchors,) int32: the class, BACKGROUND or IGNORED.
    encodings: (anchors, 4) float32: the box as boxes.encode gives it; 0 where there is none.
    """

    labels: NDArray[np.int32]
    encodings: Float32


class AnchorMatcher:
    """Finds the targets of the anchors (n, 4), given as (ycenter, xcenter, height, width)."""

    def __init__(self, anchors: Float32, least_overlap: float) -> None:
        self._anchors, self._corners, self._least = anchors, anchor_corners(anchors), least_overlap

    def __len__(self) -> int:
        return len(self._anchors)

    def targets(self, boxes: Float32, classes: NDArray[np.int64], ignored: NDArray[np.bool_]) -> Targets:
        """The targets on a view with boxes (k, 4) of classes (k,).

        Each box has the anchor that overlaps it most, and beside it all that overlap it by the least overlap. Anchors
        that overlap an ignored box so much, and no other, are ignored.
        """
        labels = np.full(len(self._anchors), BACKGROUND, np.int32)
        encodings = np.zeros((len(self._anchors), 4), np.float32)
        counted, crowd = np.flatnonzero(~ignored), np.flatnonzero(ignored)
        if len(crowd):
            labels[(overlaps(self._corners, boxes[crowd]) >= self._least).any(1)] = IGNORED
        if len(counted):
            shared = overlaps(self._corners, boxes[counted])
            box_of = np.where(shared.max(1) >= self._least, shared.argmax(1), -1)
            for anchor, box in _best_pairs(shared):
                box_of[anchor] = box
            found = np.flatnonzero(box_of >= 0)
            chosen = counted[box_of[found]]
            labels[found] = classes[chosen]
            encodings[found] = encode(boxes[chosen], self._anchors[found])
        return Targets(labels, encodings)


def _best_pairs(shared: Float32) -> list[tuple[int, int]]:
    """(anchor, box) for each box: the largest overlap first, each anchor once."""
    left, pairs = shared.copy(), []
    for _ in range(shared.shape[1]):
        anchor, box = np.unravel_index(left.argmax(), left.shape)
        if left[anchor, box] <= 0:
            break
        pairs.append((int(anchor), int(box)))
        left[anchor], left[:, box] = -1, -1
    return pairs
