"""A small classifier and images, for tests of what is done to int8 networks."""

import keras
import numpy as np

from .networks import lively


def small_classifier(*, residual: bool = False, uneven: bool = False) -> keras.Model:
    """Convolution, depthwise, pointwise and a classifier of ten classes, on images of 24 pixels.

    residual: with a linear bottleneck that is added to another one, as in MobileNetV2.
    uneven:   channels of the linear bottleneck are of very different size.
    """
    image = x = keras.Input((24, 24, 3))
    x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization()(keras.layers.Conv2D(8, 3, 2)(x)))
    x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization()(keras.layers.DepthwiseConv2D(3, padding="same")(x)))
    if residual:
        narrow = keras.layers.Conv2D(8, 1, name="narrow")(x)
        wide = keras.layers.ReLU(6.0)(keras.layers.Conv2D(24, 1, name="wide")(narrow))
        x = keras.layers.Add()([narrow, keras.layers.Conv2D(8, 1, name="back")(wide)])
    x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization()(keras.layers.Conv2D(16, 1, name="last")(x)))
    x = keras.layers.Dense(10)(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, keras.layers.Softmax()(x))
    model.set_weights(lively(model, np.random.default_rng(0)))
    if uneven:
        sizes = np.geomspace(0.02, 5, 8).astype(np.float32)
        for name, multiply in (("narrow", sizes), ("back", sizes), ("wide", None), ("last", None)):
            kernel, bias = model.get_layer(name).get_weights()
            changed = kernel / sizes[:, None] if multiply is None else kernel * multiply
            model.get_layer(name).set_weights([changed, bias if multiply is None else bias * multiply])
    return model


def coarse_images(count: int) -> np.ndarray:
    """uint8 (count, 24, 24, 3), in squares of 4 pixels."""
    coarse = np.random.default_rng(1).integers(0, 256, (count, 6, 6, 3), dtype=np.uint8)
    return coarse.repeat(4, 1).repeat(4, 2)
