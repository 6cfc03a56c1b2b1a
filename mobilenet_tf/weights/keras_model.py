"""Read the whole model in a file that Keras wrote, as its owner made it. TensorFlow is loaded when a file is read."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import WeightsError

from .keras_file import load_keras_model

if TYPE_CHECKING:
    import keras

__all__ = ["names_in", "read_keras_model", "run_keras"]

CHUNK = 20  # images that are run at once
MIXED = ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64")

Float32 = NDArray[np.float32]


def read_keras_model(path: Path, suffix: str) -> "keras.Model":
    """The model in a file, in float32, from one image (height, width, 3) to one output.

    suffix: `.keras`, or `.h5` for the older format.
    Raises WeightsError for a model that Keras cannot rebuild, or that has several inputs or outputs.
    """
    from mobilenet_tf.keras_loader import keras

    try:
        model = load_keras_model(path, suffix)
    # Keras raises errors of many kinds for layers that it does not know, or refuses to run.
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise WeightsError(f"{path} holds a model that Keras cannot rebuild: {reason}") from error
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise WeightsError(
            f"expected a model that takes one image and gives one output; {path} takes {_listed(model.inputs)} and "
            f"gives {_listed(model.outputs)}.\n"
            "Save a model of the one input and the one output that you need: keras.Model(input, output).save(...)."
        )
    for layer in model._flatten_layers(include_self=False):
        if layer.dtype_policy.name in MIXED:
            layer.dtype_policy = "float32"  # a model that was trained in mixed precision is run in full precision
    return keras.Model(model.inputs[0], model.outputs[0], name=model.name)  # takes an image, not a list of one image


def run_keras(model: "keras.Model", images: Float32) -> Float32:
    """What a Keras model answers for images, just as it takes them -> (n, outputs)."""
    chunks = (images[start : start + CHUNK] for start in range(0, len(images), CHUNK))
    return np.concatenate(
        [np.asarray(model(chunk, training=False), np.float32).reshape(len(chunk), -1) for chunk in chunks]
    )


def names_in(model: "keras.Model") -> Iterator[str]:
    """The names of a model, of the models in it and of their layers."""
    yield model.name
    for layer in model._flatten_layers(include_self=False):
        yield layer.name


def _listed(tensors: list["keras.KerasTensor"]) -> str:
    return " and ".join(str(tuple(tensor.shape)[1:]) for tensor in tensors)
