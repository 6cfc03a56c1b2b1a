"""Whether a detector's .tflite has the anchors that we give it: its boxes mean nothing without them."""

import numpy as np

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.tasks.boxes import BOX_SCALES

from .tflite_file import StoredTensor

__all__ = ["check_anchors"]

# What TensorFlow's ratio 0.3333, and sums in float32 in another order, may differ from ours.
ROUNDING = 1e-3


def check_anchors(spec: DetectorSpec, stored: StoredTensor, scales: tuple[float, ...], path: object) -> None:
    """Raise WeightsError if the post-processing of the file at `path` has other anchors than `spec`, or another coding
    of boxes.

    stored, scales: the op's anchors, and its box_scales.
    """
    if scales != BOX_SCALES:
        raise WeightsError(
            f"expected the boxes of {path} times {BOX_SCALES}, as TensorFlow's detectors have them; its "
            f"post-processing divides by {scales}.\nmobilenet-detect runs the file as it is."
        )
    found, expected = stored.real(), spec.anchors()
    # Integers are off by half of their step.
    allowed = ROUNDING + (float(stored.scale.max()) / 2 if stored.scale.size else 0)
    if found.shape != expected.shape or not np.abs(found - expected).max() <= allowed:
        raise WeightsError(
            f"expected {path} to have the anchors of TensorFlow's published SSDs for its feature maps; its "
            "post-processing has others.\nmobilenet-detect runs the file as it is."
        )
