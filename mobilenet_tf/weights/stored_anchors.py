"""Which anchors a detector's .tflite has: its boxes mean nothing without them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.detectors import LEAST_ANCHOR, MOST_ANCHOR, DetectorSpec
from mobilenet_tf.tasks.boxes import BOX_SCALES

from .tflite_file import StoredTensor

__all__ = ["with_stored_anchors"]

# What TensorFlow's ratio 0.3333, and sums in float32 in another order, may differ from ours.
ROUNDING = 1e-3


def with_stored_anchors(
    spec: DetectorSpec, stored: StoredTensor, options: Mapping[str, Any], path: object
) -> DetectorSpec:
    """`spec` with the anchors that the post-processing of the file at `path` has.

    stored: the op's anchors. options: the op's. Raises WeightsError for anchors or box scales that none of our
    detectors has.
    """
    scales = tuple(float(options.get(f"{name}_scale", usual)) for name, usual in zip("yxhw", BOX_SCALES, strict=True))
    if scales != BOX_SCALES:
        raise WeightsError(
            f"expected the boxes of {path} times {BOX_SCALES}, as TensorFlow's detectors have them; its "
            f"post-processing divides by {scales}.\nmobilenet-detect runs the file as it is."
        )
    found = stored.real()
    # Integers are off by half of their step.
    allowed = ROUNDING + (float(stored.scale.max()) / 2 if stored.scale.size else 0)
    for hundredths in range(round(100 * LEAST_ANCHOR), round(100 * MOST_ANCHOR) + 1):
        candidate = replace(spec, smallest_anchor=hundredths / 100)
        anchors = candidate.anchors()
        if anchors.shape == found.shape and np.abs(anchors - found).max() <= allowed:
            return candidate
    raise WeightsError(
        f"expected {path} to have the anchors of TensorFlow's published SSDs, or those of ours, for its feature maps; "
        "its post-processing has others.\n"
        "mobilenet-detect runs the file as it is."
    )
