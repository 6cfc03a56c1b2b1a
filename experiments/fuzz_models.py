"""Small .tflite classifiers to put wrong contents into: a convolution, its mean, a dense layer and a softmax."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.tflite.model_builder import ModelBuilder, Steps

__all__ = ["BASES", "CONV", "DENSE", "IMAGE", "KERNEL", "MEAN", "SCORES", "SOFTMAX", "Change"]

# What is wrong with a file: a function that changes its ModelT.
Change = Callable[[Any, np.random.Generator], None]

RES, CHANNELS, CLASSES = 32, 8, 4
CONV, MEAN, DENSE, SOFTMAX = range(4)  # the ops
IMAGE, KERNEL, SCORES = 0, 1, 9  # tensors; the output is the last


def float_model() -> Any:
    """The ModelT of the classifier in float32."""
    return _model("float32")


def int8_model() -> Any:
    """The ModelT of the classifier in int8."""
    return _model("int8")


BASES: dict[str, Callable[[], Any]] = {"float32": float_model, "int8": int8_model}


def _model(dtype: str) -> Any:
    from ai_edge_litert import schema_py_generated as schema

    rng, builder, whole = np.random.default_rng(0), ModelBuilder("hostile"), dtype == "int8"

    def steps(scale: float, zero_point: int = 0) -> Steps | None:
        return Steps.of(scale, zero_point) if whole else None

    def weights(name: str, *shape: int) -> int:
        values: NDArray[Any] = rng.normal(0, 0.3, shape).astype(np.float32)
        kept = np.clip(np.rint(values / 0.01), -127, 127).astype(np.int8) if whole else values
        return builder.constant(name, kept, steps(0.01))

    def bias(name: str, size: int, scale: float) -> int:
        values: NDArray[Any] = np.zeros(size, np.int32 if whole else np.float32)
        return builder.constant(name, values, steps(scale))

    def options(kind: str, **fields: int | float) -> Any:
        table = getattr(schema, f"{kind}T")()
        for name, value in fields.items():
            setattr(table, name, value)
        return table

    side = RES // 2
    image = builder.tensor("image", dtype, (1, RES, RES, 3), steps(1 / 127.5, -1))
    kernel, kernel_bias = weights("kernel", CHANNELS, 3, 3, 3), bias("bias", CHANNELS, 0.01 / 127.5)
    features = builder.tensor("features", dtype, (1, side, side, CHANNELS), steps(0.02, -128))
    strides = options("Conv2DOptions", strideW=2, strideH=2, dilationWFactor=1, dilationHFactor=1)
    builder.op("CONV_2D", 3, (image, kernel, kernel_bias), features, strides)
    axes = builder.constant("axes", np.array([1, 2], np.int32))
    pooled = builder.tensor("pooled", dtype, (1, CHANNELS), steps(0.02, -128))
    builder.op("MEAN", 2, (features, axes), pooled, options("ReducerOptions", keepDims=False))
    dense, dense_bias = weights("dense", CLASSES, CHANNELS), bias("dense bias", CLASSES, 0.0002)
    logits = builder.tensor("logits", dtype, (1, CLASSES), steps(0.05))
    builder.op("FULLY_CONNECTED", 4, (pooled, dense, dense_bias), logits, options("FullyConnectedOptions"))
    scores = builder.tensor("scores", dtype, (1, CLASSES), steps(1 / 256, -128))
    builder.op("SOFTMAX", 2, (logits,), scores, options("SoftmaxOptions", beta=1.0))
    return builder.finish(image, scores)
