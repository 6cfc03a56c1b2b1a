"""Whether the model in a file is a network of ours: it answers photos as the network that its arrays are filled into.

Arrays alone do not show it: another activation or pooling, or a Rescaling inside the model, leaves no trace in them.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import load_rgb, preprocess
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.tasks.classification import agreement, best_class_per_photo
from mobilenet_tf.tflite.given_input import BYTES
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION
from mobilenet_tf.weights.load import Weights, model_with

from .normalization import ChosenInput
from .owner import Owner
from .source import keras_scores

__all__ = ["input_of_our_network"]

COMPARED = 16  # photos
# Largest difference, as a share of a photo's highest score. Sums in another order give 1e-5, a wrong layer 1e-2.
EXACT_LIMIT = 1e-3
# Of a quantized file with the float network of the same weights. Of few classes the best one is easily the same, so the
# difference of its probability counts too: Google's hosted files have 0.04 at most, a wrong input range gives 0.11.
MIN_QUANTIZED_AGREEMENT = 0.8
MAX_QUANTIZED_CHANGE = 0.08  # mean over the photos

Float32 = NDArray[np.float32]


def input_of_our_network(owner: Owner, weights: Weights) -> ChosenInput | None:
    """What bytes become for the model in a file if it is the network of `weights`; None if it is another."""
    rebuilt = model_with(replace(weights, spec=replace(weights.spec, res=owner.res)))
    photos = sorted(bundled_photos().glob("*.jpg"))[:COMPARED]
    images = np.stack([preprocess(load_rgb(photo), owner.res) for photo in photos])
    expected = keras_scores(rebuilt, images)
    for given in (ChosenInput(OUR_NORMALIZATION), ChosenInput(BYTES)):
        outputs = owner.run(given.values(images))
        if outputs.shape[1] == expected.shape[1] + 1:
            outputs = _without_background(outputs)
        if _is_same(outputs, expected, exact=owner.exact):
            return given
    return None


def _without_background(scores: Float32) -> Float32:
    """The scores of 1000 classes by a network that has a background, which --drop-background leaves out."""
    kept = scores[:, 1:]
    return kept / np.maximum(kept.sum(1, keepdims=True), np.finfo(np.float32).tiny)


def _is_same(outputs: Float32, expected: Float32, *, exact: bool) -> bool:
    """Whether two networks answer alike, (n, classes) each, by the limits above.

    Scores close to 0 are compared with the highest of the photo, and parts of a vector with the largest: by themselves
    they may differ twofold.
    """
    if outputs.shape != expected.shape or expected.shape[1] < 2:
        return False
    best, rows = best_class_per_photo(expected), np.arange(len(expected))
    if not exact:
        change = np.abs(outputs[rows, best] - expected[rows, best]).mean()
        return agreement(outputs, expected) >= MIN_QUANTIZED_AGREEMENT and bool(change <= MAX_QUANTIZED_CHANGE)
    return bool((np.abs(outputs - expected).max(1) <= EXACT_LIMIT * np.abs(expected).max(1)).all())
