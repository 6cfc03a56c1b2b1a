"""What the outputs of a .tflite detector are: four of TFLite's post-processing, in any order, or the raw heads."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import dequantize
from mobilenet_tf.errors import ModelError
from mobilenet_tf.tasks.post_processing import Detections

from .detection_op import DetectionOp, detection_op
from .interpreter import TensorInfo

__all__ = ["DetectorOutputs", "RawOutputs", "detections_of", "outputs_of"]

COUNTED = 4  # outputs of a detector with post-processing


@dataclass(frozen=True)
class DetectorOutputs:
    """The places of the four outputs of post-processing among those of a file.

    classes, scores: in the right order, but if `by_values`: then the one with whole numbers is the classes.
    how:             how they were told apart, in words.
    """

    boxes: int
    classes: int
    scores: int
    count: int
    how: str
    op: DetectionOp | None = None
    by_values: bool = False


@dataclass(frozen=True)
class RawOutputs:
    """The places of the raw heads among the outputs of a file: encoded boxes (1, n, 4), scores (1, n, classes)."""

    boxes: int
    scores: int


def outputs_of(path: Path, content: bytes, outputs: Sequence[TensorInfo]) -> DetectorOutputs | RawOutputs:
    """What the outputs of a file are. Raises ModelError for those of no detector that is read here."""
    op = detection_op(content)
    if op is not None and len(outputs) == COUNTED:
        by_op, classes, scores, count = op.outputs
        return DetectorOutputs(by_op, classes, scores, count, "by the op that makes them", op)
    sizes = [tuple(output.shape) for output in outputs]
    boxes = [place for place, size in enumerate(sizes) if len(size) == 3 and size[-1] == 4]
    if len(outputs) == COUNTED and len(boxes) == 1:
        found = _by_shapes(outputs, boxes[0])
        if found is not None:
            return found
    if len(outputs) == 2 and boxes:
        raw = _raw(sizes, boxes)
        if raw is not None:
            return raw
    raise _no_detector(path, outputs)


def _by_shapes(outputs: Sequence[TensorInfo], boxes: int) -> DetectorOutputs | None:
    """The four outputs by their shapes, and by the numbers in their names, as converters give them in the order of the
    function that was converted: boxes, classes, scores, count, or the other way round.
    """
    most = outputs[boxes].shape[1]
    others = [place for place in range(COUNTED) if place != boxes]
    counts = [place for place in others if prod(outputs[place].shape) == 1]
    rows = [place for place in others if prod(outputs[place].shape) == most]
    if most == 1:
        counts = [place for place in others if len(outputs[place].shape) < 2]
        rows = [place for place in others if place not in counts]
    if len(counts) != 1 or len(rows) != 2:
        return None
    numbers = {place: _number(outputs[place].name) for place in range(COUNTED)}
    first, second = sorted(rows, key=lambda place: numbers[place])
    if len({*numbers.values()}) < COUNTED:
        return DetectorOutputs(boxes, first, second, counts[0], "by their shapes and values", by_values=True)
    if numbers[boxes] > numbers[counts[0]]:
        first, second = second, first
    return DetectorOutputs(boxes, first, second, counts[0], "by their shapes and names")


def _number(name: str) -> int:
    """`StatefulPartitionedCall:3` -> 3; 0 for a name without a number."""
    match = re.search(r":(\d+)$", name)
    return int(match[1]) if match else 0


def _raw(sizes: Sequence[tuple[int, ...]], boxes: Sequence[int]) -> RawOutputs | None:
    if any(len(size) != 3 for size in sizes) or sizes[0][1] != sizes[1][1]:
        return None
    if len(boxes) == 1:
        return RawOutputs(boxes[0], 1 - boxes[0])
    return RawOutputs(0, 1)  # four classes: ours come in this order


def detections_of(values: Sequence[NDArray[Any]], places: DetectorOutputs, infos: Sequence[TensorInfo]) -> Detections:
    """The detections in the four outputs of one inference, best first. Raises ValueError if one is no finite number."""
    boxes, classes, scores, count = (
        dequantize(values[place], infos[place].scale, infos[place].zero_point).astype(np.float32)
        for place in (places.boxes, places.classes, places.scores, places.count)
    )
    classes, scores, boxes = classes.reshape(-1), scores.reshape(-1), boxes.reshape(-1, 4)
    if places.by_values and not _whole(classes) and _whole(scores):
        classes, scores = scores, classes
    if not np.isfinite(count).all():
        raise ValueError("the number of detections")
    found = int(min(max(float(count.reshape(-1)[0]), 0), len(scores)))
    # What follows these is not written by the op, and may be anything.
    boxes, scores, classes = boxes[:found], scores[:found], classes[:found]
    if not all(np.isfinite(part).all() for part in (boxes, scores, classes)):
        raise ValueError("a detection")
    order = (-scores).argsort(kind="stable")
    return Detections(boxes[order], scores[order], np.rint(classes[order]).astype(np.int64))


def _whole(values: NDArray[Any]) -> bool:
    return bool(np.all(values == np.rint(values)))


def _no_detector(path: Path, outputs: Sequence[TensorInfo]) -> ModelError:
    listed = ", ".join(f"{output.name} {output.shape}" for output in outputs)
    if len(outputs) == 1 and prod(outputs[0].shape) == max(outputs[0].shape, default=0):
        return ModelError(
            f"expected {path} to be an object detector; it gives one row of {prod(outputs[0].shape)} scores, as "
            "classifiers do.\nUse mobilenet-classify, or Classifier in Python."
        )
    return ModelError(
        f"expected {path} to be an object detector with the outputs of TFLite_Detection_PostProcess (boxes (1, n, 4), "
        f"classes, scores, count)\nor with raw boxes (1, n, 4) and scores (1, n, classes); it gives {listed}."
    )
