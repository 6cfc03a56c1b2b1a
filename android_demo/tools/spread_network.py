"""A MobileNetV3 whose answers differ from photo to photo, for the Kotlin tests: of V3 no trained weights are bundled.

`python -m android_demo.tools.spread_network OUT.keras` writes it: random weights, batch norms with the statistics of
the bundled photos, and a classifier whose logits have a standard deviation of 2.
"""

import sys
from pathlib import Path

import numpy as np

from mobilenet_tf.contract.preprocessing import load_rgb, normalize, preprocess
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model, classifier_layer, logits_model

SPEC = ModelSpec("mobilenet_v3_small", 0.75, 96, 10)


def build() -> keras.Model:
    """The same network every time."""
    keras.utils.set_random_seed(0)
    model = build_model(SPEC)
    photos = normalize(np.stack([preprocess(load_rgb(path), SPEC.res) for path in find_photos(bundled_photos()).paths]))
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # so that one pass replaces the statistics
    model(photos, training=True)
    spread = float(np.std(np.asarray(logits_model(model)(photos, training=False))))
    classifier = classifier_layer(model)
    kernel, *others = classifier.get_weights()
    classifier.set_weights([kernel * (2 / spread), *others])
    return model


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.parent.mkdir(parents=True, exist_ok=True)
    build().save(target)
