"""How well boxes are found: AP, AP50 and AR of COCO, by pycocotools; AP50 of Pascal VOC; for each class.

Lin et al. 2014 and cocodataset.org/#detection-eval; Everingham et al. 2010, section 4.2, with the area under the curve
as since 2010. pycocotools is loaded when a score is computed.
"""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import require

from .boxes import clipped
from .post_processing import Detections

__all__ = ["RECALLS", "ClassScore", "DetectionScore", "TrueBoxes", "detection_score"]

AT_50 = 0  # of pycocotools' ten least overlaps, 0.50 to 0.95
ALL_SIZES, MOST_FOUND = 0, -1  # of its sizes of objects and of its numbers of detections per photo: all, and 100
RECALLS = 101  # at which it has a precision: 0.00 to 1.00


@dataclass(frozen=True)
class TrueBoxes:
    """What is on one photo.

    boxes:   (n, 4) as ymin, xmin, ymax, xmax, shares of the photo. classes: (n,).
    ignored: (n,) whether neither finding nor missing it counts.
    size:    (height, width) of the photo in pixels, by which COCO tells small objects from large ones.
    """

    boxes: NDArray[np.float32]
    classes: NDArray[np.int64]
    ignored: NDArray[np.bool_]
    size: tuple[int, int]


@dataclass(frozen=True)
class ClassScore:
    """Of one class; None if it has no box to find.

    boxes:     the number of boxes to find.
    precision: at each of RECALLS recalls from 0 to 1, of boxes that overlap by 0.5.
    """

    ap: float | None
    ap50: float | None
    ar: float | None
    voc_ap50: float | None
    boxes: int
    precision: tuple[float, ...]


@dataclass(frozen=True)
class DetectionScore:
    """Means over the classes that have boxes; shares from 0 to 1.

    ap:         over the least overlaps 0.50 to 0.95, which COCO calls mAP. ap50: at 0.5. ap75: at 0.75.
    ap_small, ap_medium, ap_large: of objects up to 32^2 pixels, up to 96^2, and larger; None if there are none.
    ar:         the highest recall with 100 detections per photo, over the same overlaps.
    voc_ap50:   of Pascal VOC.
    """

    ap: float
    ap50: float
    ap75: float
    ap_small: float | None
    ap_medium: float | None
    ap_large: float | None
    ar: float
    voc_ap50: float
    classes: tuple[ClassScore, ...]


def detection_score(found: Sequence[Detections], truth: Sequence[TrueBoxes], classes: int) -> DetectionScore:
    """The score of what was found on each photo, beside what is there.

    Boxes that are found are cut at the edges of the photo. All scores are 0 if no photo has a box. Raises
    MissingPackageError without pycocotools.
    """
    require("pycocotools")
    from pycocotools.cocoeval import COCOeval

    images = [{"id": n, "height": one.size[0], "width": one.size[1]} for n, one in enumerate(truth, 1)]
    with contextlib.redirect_stdout(io.StringIO()):  # it prints how long each step takes
        expected = _coco(images, [_annotations(n, one) for n, one in enumerate(truth, 1)], classes)
        given = [_results(n, one, truth[n - 1].size) for n, one in enumerate(found, 1)]
        evaluation = COCOeval(expected, _coco(images, given, classes), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    precision, recall = evaluation.eval["precision"], evaluation.eval["recall"]
    of_classes = tuple(_class_score(evaluation, truth, number) for number in range(classes))
    voc = [one.voc_ap50 for one in of_classes if one.voc_ap50 is not None]
    small, medium, large = (_mean(precision[..., size, MOST_FOUND]) for size in (1, 2, 3))
    return DetectionScore(
        ap=_mean(precision[..., ALL_SIZES, MOST_FOUND]) or 0.0,
        ap50=_mean(precision[AT_50, ..., ALL_SIZES, MOST_FOUND]) or 0.0,
        ap75=_mean(precision[5, ..., ALL_SIZES, MOST_FOUND]) or 0.0,
        ap_small=small,
        ap_medium=medium,
        ap_large=large,
        ar=_mean(recall[..., ALL_SIZES, MOST_FOUND]) or 0.0,
        voc_ap50=float(np.mean(voc)) if voc else 0.0,
        classes=of_classes,
    )


def _coco(images: list[Any], annotations: Sequence[list[Any]], classes: int) -> Any:
    """pycocotools' index of annotations, which get their ids here: 0 would mean none."""
    from pycocotools.coco import COCO

    index = COCO()
    flat = [annotation for of_photo in annotations for annotation in of_photo]
    numbered = [{**annotation, "id": number} for number, annotation in enumerate(flat, 1)]
    categories = [{"id": number} for number in range(1, classes + 1)]
    index.dataset = {"images": images, "annotations": numbered, "categories": categories}
    index.createIndex()
    return index


def _annotations(photo: int, truth: TrueBoxes) -> list[dict[str, Any]]:
    return [
        {**_box(photo, box, label, truth.size), "iscrowd": int(ignored)}
        for box, label, ignored in zip(truth.boxes, truth.classes, truth.ignored, strict=True)
    ]


def _results(photo: int, found: Detections, size: tuple[int, int]) -> list[dict[str, Any]]:
    return [
        {**_box(photo, box, label, size), "iscrowd": 0, "score": float(score)}
        for box, label, score in zip(clipped(found.boxes), found.classes, found.scores, strict=True)
    ]


def _box(photo: int, box: NDArray[np.float32], label: int, size: tuple[int, int]) -> dict[str, Any]:
    """One box in COCO's form: x, y, width and height in pixels."""
    ymin, xmin, ymax, xmax = box.astype(np.float64) * np.array([*size, *size])
    sides = [float(xmax - xmin), float(ymax - ymin)]
    return {
        "image_id": photo,
        "category_id": int(label) + 1,
        "bbox": [float(xmin), float(ymin), *sides],
        "area": sides[0] * sides[1],
    }


def _mean(values: NDArray[np.float64]) -> float | None:
    """Of those that are known; None if none is: pycocotools writes -1."""
    known = values[values > -1]
    return float(known.mean()) if known.size else None


def _class_score(evaluation: Any, truth: Sequence[TrueBoxes], number: int) -> ClassScore:
    precision, recall = evaluation.eval["precision"], evaluation.eval["recall"]
    at_50 = precision[AT_50, :, number, ALL_SIZES, MOST_FOUND]
    boxes = int(sum(((one.classes == number) & ~one.ignored).sum() for one in truth))
    return ClassScore(
        ap=_mean(precision[:, :, number, ALL_SIZES, MOST_FOUND]),
        ap50=_mean(at_50),
        ar=_mean(recall[:, number, ALL_SIZES, MOST_FOUND]),
        voc_ap50=_voc_ap50(evaluation, number, boxes),
        boxes=boxes,
        precision=tuple(at_50.tolist()) if boxes else (),
    )


def _voc_ap50(evaluation: Any, number: int, boxes: int) -> float | None:
    """The area under the curve of precision, made decreasing, over recall; from the matches of pycocotools."""
    if not boxes:
        return None
    sizes, photos = len(evaluation.params.areaRng), len(evaluation.params.imgIds)
    start = number * sizes * photos + ALL_SIZES * photos
    of_photos = [one for one in evaluation.evalImgs[start : start + photos] if one is not None]
    scores = _joined([one["dtScores"] for one in of_photos])
    right = _joined([one["dtMatches"][AT_50] > 0 for one in of_photos])
    ignored = _joined([one["dtIgnore"][AT_50] for one in of_photos])
    order = (-scores).argsort(kind="stable")
    right = right[order][ignored[order] == 0].astype(bool)
    found = np.cumsum(right)
    recall, precision = found / boxes, found / np.arange(1, len(found) + 1)
    highest = np.maximum.accumulate(precision[::-1])[::-1]
    return float((np.diff(recall, prepend=0.0) * highest).sum())


def _joined(parts: Sequence[Any]) -> NDArray[np.float64]:
    return np.concatenate([np.zeros(0), *(np.asarray(part, np.float64) for part in parts)])
