"""What the manifest of a detector says of its outputs and its score. docs/manifest.md explains every field."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["BoxScore", "DetectionRecord"]


@dataclass(frozen=True)
class BoxScore:
    """How well a file finds the boxes of those verified photos whose boxes are known, by tasks/detection_score.py.

    boxes:              how many boxes are to be found.
    ap50, ap:           AP at an overlap of 0.5, and COCO's mAP; from 0 to 1.
    ap50_lost, ap_lost: how much more the float model itself has, as it was made; negative if it has less.
    """

    boxes: int
    ap50: float
    ap: float
    ap50_lost: float
    ap_lost: float


@dataclass(frozen=True)
class DetectionRecord:
    """How detections are chosen, and what the files give.

    outputs: `detections`: location (1, n, 4), category (1, n), score (1, n) and number of detections (1,); or `raw`:
             boxes (1, anchors, 4), encoded, and scores (1, anchors, classes).
    anchors: of raw outputs, each as (ycenter, xcenter, height, width), shares of the photo; empty else.
    box_scales: what the encodings of a box were multiplied by.
    score_threshold, iou_threshold, most, per_class: see tasks/post_processing.py.
    shown_from: the score from which a detection is shown, if a person says no other.
    """

    outputs: Literal["detections", "raw"]
    score_threshold: float
    iou_threshold: float
    most: int
    per_class: bool
    shown_from: float
    box_scales: list[float]
    anchors: list[list[float]]
