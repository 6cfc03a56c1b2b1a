"""What a result says of how well a detector finds boxes: a frozen dataclass, part of the record of a measurement."""

from dataclasses import dataclass, field

__all__ = ["DetectionAccuracy"]


@dataclass(frozen=True)
class DetectionAccuracy:
    """Over annotated photos that could be read, by tasks/detection_score.py; shares from 0 to 1.

    folder, images_sha256: where the annotations are, and the hash of the photos and of their boxes.
    images, boxes: how many photos, and boxes to find on them.
    ap:       COCO's mAP. ap50: at an overlap of 0.5. ar: with 100 detections per photo. voc_ap50: of Pascal VOC.
    per_class: label -> its AP50, None if it has no box; and the number of its boxes.
    trained_left_out, trained_measured: as those of records.Accuracy.
    left_out: photos and boxes that were not measured, each kind with its reason.
    """

    folder: str
    images_sha256: str
    images: int
    boxes: int
    ap: float
    ap50: float
    ar: float
    voc_ap50: float
    per_class: dict[str, float | None]
    boxes_per_class: dict[str, int]
    images_per_s: float
    trained_left_out: int = 0
    trained_measured: int | None = None
    left_out: list[str] = field(default_factory=list)
