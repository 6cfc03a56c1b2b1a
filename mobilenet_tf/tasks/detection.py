"""Detection: each photo has boxes of several classes. The Keras model of an SSD, and how two detectors agree.

TensorFlow is loaded by the functions that need it, not with this module.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mobilenet_tf.errors import ModelError, require
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.networks.layers import Layer
from mobilenet_tf.networks.ssd import BOX_VALUES

from .boxes import overlaps
from .post_processing import Detections

if TYPE_CHECKING:
    import keras

__all__ = [
    "AGREEMENT_SCORE",
    "BOXES",
    "LOGITS",
    "NEAR",
    "SCORES",
    "build_model",
    "detection_agreement",
    "logits_model",
    "matched",
]

BOXES, LOGITS, SCORES = "boxes", "logits", "scores"  # the names of the layers that end the model
# Each class is first given this score everywhere, so that the many anchors without an object do not drown the others in
# the first steps (Lin et al. 2017, section 3.3).
FIRST_SCORE = 0.01
AGREEMENT_SCORE = 0.3  # detections with a lower score are not compared
NEAR = 0.1  # of a score to a threshold
LEAST_OVERLAP = 0.5  # of boxes that stand for the same object


def build_model(spec: DetectorSpec) -> "keras.Model":
    """The Keras model of a detector, randomly initialized.

    Input (batch, res, res, 3), float32 in [-1, 1]; outputs `boxes` (batch, anchors, 4), encoded as in tasks/boxes.py,
    and `scores` (batch, anchors, classes), a sigmoid of each; the anchors are spec.anchors().
    """
    require("keras")
    from mobilenet_tf.keras_loader import keras
    from mobilenet_tf.networks.builder import apply_all

    plan = spec.plan()
    image = keras.Input((spec.res, spec.res, 3), name="image")
    outputs = apply_all(plan.layers, image)
    boxes = _joined(BOXES, plan.box_heads, outputs, BOX_VALUES)
    logits = _joined(LOGITS, plan.class_heads, outputs, spec.classes)
    scores = keras.layers.Activation("sigmoid", name=SCORES)(logits)
    model = keras.Model(image, [boxes, scores], name=spec.name.replace(".", "_"))
    for head in plan.class_heads:
        _, bias = model.get_layer(head.name).weights
        bias.assign(np.full(bias.shape, math.log(FIRST_SCORE / (1 - FIRST_SCORE)), np.float32))
    return model


def _joined(name: str, heads: Sequence[Layer], outputs: dict[str, Any], values: int) -> Any:
    """The outputs of the heads of all feature maps, one anchor after the other: (batch, anchors, values)."""
    from mobilenet_tf.keras_loader import keras

    rows = []
    for head in heads:
        count = math.prod(head.out_size) * head.out_channels // values
        rows.append(keras.layers.Reshape((count, values), name=f"{head.name}_rows")(outputs[head.name]))
    return keras.layers.Concatenate(axis=1, name=name)(rows)


def logits_model(model: "keras.Model") -> "keras.Model":
    """A detector up to what its sigmoid takes: the outputs are `boxes` and `logits`. The weights are shared.

    Raises ModelError for a model that is not of build_model's form.
    """
    from mobilenet_tf.keras_loader import keras

    names = [layer.name for layer in model.layers]
    if BOXES not in names or LOGITS not in names:
        raise ModelError(
            f"expected a detector with layers named {BOXES} and {LOGITS}; {model.name} has none.\n"
            "Give one that mobilenet-train made."
        )
    return keras.Model(model.inputs[0], [model.get_layer(BOXES).output, model.get_layer(LOGITS).output])


def matched(found: Detections, reference: Detections, least_overlap: float = LEAST_OVERLAP) -> list[tuple[int, int]]:
    """The pairs (of `found`, of `reference`) that stand for the same object: the same class, and boxes that overlap by
    `least_overlap`. Each is in one pair at most; better scores of `found` choose first, the largest overlap.
    """
    shared = overlaps(found.boxes, reference.boxes)
    shared[found.classes[:, None] != reference.classes[None, :]] = 0
    pairs = []
    for number in range(len(found)):
        if not shared.shape[1]:
            break
        best = int(shared[number].argmax())
        if shared[number, best] >= least_overlap:
            pairs.append((number, best))
            shared[:, best] = -1
    return pairs


def detection_agreement(found: Sequence[Detections], reference: Sequence[Detections], threshold: float) -> float:
    """How much two detectors agree on photos: the share of all boxes of both with at least this score that the other
    finds too; 1 if neither finds any.

    Boxes that the other finds with a score less than NEAR below the threshold count: else two detectors would differ by
    the boxes alone whose scores happen to be at the threshold.
    """
    pairs = boxes = 0
    for first, second in zip(found, reference, strict=True):
        pairs += sum(
            len(matched(one.above(threshold), other.above(threshold - NEAR)))
            for one, other in ((first, second), (second, first))
        )
        boxes += len(first.above(threshold)) + len(second.above(threshold))
    return pairs / boxes if boxes else 1.0
