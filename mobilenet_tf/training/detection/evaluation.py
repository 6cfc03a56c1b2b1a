"""What a detector finds on photos, and how well. TensorFlow is loaded when it is needed."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.tasks.post_processing import Detections, PostProcessing, detect

from .photos import StretchedPhotos

__all__ = ["DetectorPredictor", "detections", "predictor_of"]

# (n, res, res, 3) uint8 -> encodings of boxes (n, anchors, 4), scores (n, anchors, classes)
DetectorPredictor = Callable[[NDArray[np.uint8]], tuple[Any, Any]]


def predictor_of(model: Any) -> DetectorPredictor:
    """What a detector of tasks/detection.py gives."""
    from mobilenet_tf.keras_loader import tf

    compute = tf.function(lambda x: model(x, training=False), reduce_retracing=True, autograph=False)

    def predict(images: NDArray[np.uint8]) -> tuple[Any, Any]:
        boxes, scores = compute(normalize(images))
        return boxes, scores

    return predict


def detections(
    predict: DetectorPredictor,
    photos: StretchedPhotos,
    anchors: NDArray[np.float32],
    chosen: PostProcessing | None = None,
    on_photos: Callable[[int], None] = lambda _: None,
) -> list[Detections]:
    """What is found on each photo, in order. on_photos: called with how many photos are done, after each batch."""
    found: list[Detections] = []
    for images in photos.batches():
        boxes, scores = (np.asarray(output, np.float32) for output in predict(images))
        found += [
            detect(one, of_one, anchors, chosen or PostProcessing()) for one, of_one in zip(boxes, scores, strict=True)
        ]
        on_photos(len(found))
    return found
