"""Whether a network of ours is that of Keras Applications."""

import numpy as np

from mobilenet_tf.keras_loader import keras
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.tasks.classification import build_model, logits_model
from tests.support.networks import lively


def assert_same_function(theirs, spec):
    """With the weights of `theirs`, a model that ends in logits, ours gives the same, and has as many parameters.

    Both run the same operations in the same order, so that 1e-5 of the largest logit, a hundred times a float's last
    digit, is all that another order inside a sum may cost.
    """
    ours, rng = build_model(spec), np.random.default_rng(0)
    images = rng.uniform(-1, 1, (8, spec.res, spec.res, 3)).astype(np.float32)
    weights = normalized_weights(theirs, images, rng)
    ours.set_weights([*weights[:-2], weights[-2].reshape(weights[-2].shape[-2:]), weights[-1]])
    expected = np.asarray(theirs(images, training=False))
    found = np.asarray(logits_model(ours)(images, training=False))
    largest = np.abs(expected).max()
    assert np.abs(expected[0] - expected[1]).max() > 0.01 * largest  # else the image would not matter
    assert np.abs(found - expected).max() <= 1e-5 * max(largest, 1)
    probabilities = np.asarray(ours(images, training=False)), np.asarray(keras.ops.softmax(expected))
    assert np.abs(probabilities[0] - probabilities[1]).max() < 1e-5
    assert ours.count_params() == theirs.count_params() == totals(spec)[1]


def normalized_weights(model, images, rng):
    """Random weights, set and returned, whose batch norm has the statistics of `images`: without them hard-swish takes
    values of a thousand, at which it is another function than in a trained network.
    """
    model.set_weights(lively(model, rng))
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
    model(images, training=True)
    return model.get_weights()
