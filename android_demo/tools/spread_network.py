"""Networks whose answers differ from photo to photo, for the Kotlin tests: the package has no trained V3 and no SSD.

`python -m android_demo.tools.spread_network FOLDER` writes v3.keras and ssdlite.keras: random weights, batch norms with
the statistics of the bundled photos, and logits with a standard deviation of SPREAD.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import load_rgb, normalize, preprocess, stretch
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks import classification, detection

CLASSIFIER = ModelSpec("mobilenet_v3_small", 0.75, 96, 10)
DETECTOR = DetectorSpec("ssdlite_mobilenet_v2", 0.35, 128, 3)
SPREAD = 2.0
FIRST_LOGIT = -3.0  # of a detector: few anchors have an object


def classifier() -> keras.Model:
    """The same network every time."""
    photos = _photos(CLASSIFIER.res, preprocess)
    model = _with_statistics(classification.build_model, CLASSIFIER, photos)
    logits = classification.logits_model(model)(photos, training=False)
    _scale(classification.classifier_layer(model), float(np.std(np.asarray(logits))))
    return model


def detector() -> keras.Model:
    """The same network every time."""
    photos = _photos(DETECTOR.res, stretch)
    model = _with_statistics(detection.build_model, DETECTOR, photos)
    _, logits = detection.logits_model(model)(photos, training=False)
    for head in DETECTOR.plan().class_heads:
        _scale(model.get_layer(head.name), float(np.std(np.asarray(logits))), FIRST_LOGIT)
    return model


def _photos(res: int, rule: Any) -> NDArray[np.float32]:
    paths = find_photos(bundled_photos()).paths
    return normalize(np.stack([rule(load_rgb(path), res) for path in paths]))


def _with_statistics(build: Any, spec: Any, photos: NDArray[np.float32]) -> keras.Model:
    keras.utils.set_random_seed(0)
    model = build(spec)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # so that one pass replaces the statistics
    model(photos, training=True)
    return model


def _scale(layer: keras.layers.Layer, spread: float, bias: float = 0.0) -> None:
    kernel, old = layer.get_weights()
    layer.set_weights([kernel * (SPREAD / spread), np.full_like(old, bias)])


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    classifier().save(folder / "v3.keras")
    detector().save(folder / "ssdlite.keras")
