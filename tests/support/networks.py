"""Small networks whose activations and outputs vary."""

import keras
import numpy as np

from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model


def lively(model, rng):
    """Random weights under which every layer's activations and the softmax vary, batch norm included."""
    weights = []
    for weight in model.weights:
        shape, name = weight.shape, weight.name
        if "variance" in name:
            weights.append(rng.uniform(0.5, 1.5, shape))
        elif "gamma" in name:
            weights.append(rng.uniform(0.8, 1.6, shape))
        elif "kernel" in name:
            fan_in = np.prod(shape[:-2]) if "depthwise" in name or shape[-1] == 1 else np.prod(shape[:-1])
            weights.append(rng.normal(0, np.sqrt(2 / fan_in), shape))
        else:
            weights.append(rng.normal(0, 0.2, shape))
    weights[-2] = weights[-2] * 4  # a softmax with a peak
    return [weight.astype(np.float32) for weight in weights]


def lively_model(rng, arch="mobilenet_v1", *, alpha=0.25, res=64, classes=9):
    model = build_model(ModelSpec(arch, alpha, res, classes))
    model.set_weights(lively(model, rng))
    return model


def small_model(seed=0, *, res=32, classes=3):
    """A classifier of two convolutions, each with batch norm, whose outputs vary."""
    image = x = keras.Input((res, res, 3))
    x = keras.layers.Conv2D(8, 3, 2, use_bias=False, name="conv0")(x)
    x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization(name="conv0_bn")(x))
    x = keras.layers.DepthwiseConv2D(3, 2, use_bias=False, name="block1_depthwise")(x)
    x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization(name="block1_depthwise_bn")(x))
    x = keras.layers.Dense(classes, name="classifier")(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, keras.layers.Softmax()(x))
    model.set_weights(lively(model, np.random.default_rng(seed)))
    return model
