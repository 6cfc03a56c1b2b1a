"""Read the whole model in a file that Keras wrote, as its owner made it. TensorFlow is loaded when a file is read."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import WeightsError, reason_of

from .batches import run_in_batches
from .described_size import check_layer_outputs
from .image_shape import check_scores, resolution
from .keras2_file import read_keras2
from .keras_file import DAMAGED_FILE, damaged_file, load_keras_model
from .model_description import written_by_keras2
from .refused_layers import refuse_unknown_layers

if TYPE_CHECKING:
    import keras

__all__ = ["names_in", "read_keras_model", "run_keras"]

MIXED = ("mixed_float16", "mixed_bfloat16", "float16", "bfloat16", "float64")

Float32 = NDArray[np.float32]


def read_keras_model(path: Path, suffix: str, res: int | None = None) -> "keras.Model":
    """The model in a file, in float32, from images (n, res, res, 3) to one row of scores each.

    suffix: `.keras`, or `.h5` for the older format. res: the resolution of its images, if the file leaves it open.
    Raises WeightsError for a damaged file, or a model that Keras cannot rebuild, that has a layer of the owner's code,
    or that is no classifier of one image.
    """
    try:
        if written_by_keras2(path):
            model = read_keras2(path, res)
        else:
            refuse_unknown_layers(path)
            model = load_keras_model(path, suffix)
    except WeightsError:
        raise
    except DAMAGED_FILE as error:
        raise damaged_file(path, error) from error
    # Keras raises errors of many kinds for layers that it does not know, or refuses to run.
    except Exception as error:
        raise WeightsError(_not_rebuilt(path, error)) from error
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise WeightsError(
            f"expected a model that takes one image and gives one output; {path} takes {_listed(model.inputs)} and "
            f"gives {_listed(model.outputs)}.\n"
            "Save a model of the one input and the one output that you need: keras.Model(input, output).save(...)."
        )
    for layer in model._flatten_layers(include_self=False):
        if layer.dtype_policy.name in MIXED:
            layer.dtype_policy = "float32"  # a model that was trained in mixed precision is run in full precision
    made = _of_one_image(model, path, res)
    check_layer_outputs(made, str(path))
    return made


def _of_one_image(model: "keras.Model", path: Path, res: int | None) -> "keras.Model":
    """The model with images of a fixed size and of channels last as its input, not a list of them."""
    from mobilenet_tf.keras_loader import keras

    image, output = model.inputs[0], model.outputs[0]
    held = resolution(str(path), image.shape, res)
    check_scores(str(path), output.shape)
    channels_first = image.shape[3] != 3
    if None not in image.shape[1:] and not channels_first:
        return keras.Model(image, output, name=model.name)
    fixed = keras.Input((held, held, 3), dtype=image.dtype)
    of_image = keras.Model(image, output, name=model.name)
    scores = of_image(keras.ops.transpose(fixed, (0, 3, 1, 2)) if channels_first else fixed)
    return keras.Model(fixed, scores, name=model.name)


def _not_rebuilt(path: Path, error: Exception) -> str:
    return (
        f"{path} holds a model that Keras cannot rebuild: {reason_of(error, 160)}\n"
        "Open it with the Keras that wrote it, convert it and give the .tflite: "
        "tf.lite.TFLiteConverter.from_keras_model(model).convert()."
    )


def run_keras(model: "keras.Model", images: Float32) -> Float32:
    """What a Keras model answers for images, just as it takes them -> (n, outputs)."""
    return run_in_batches(lambda batch: model(batch, training=False), images)


def names_in(model: "keras.Model") -> Iterator[str]:
    """The names of a model, of the models in it and of their layers."""
    yield model.name
    for layer in model._flatten_layers(include_self=False):
        yield layer.name


def _listed(tensors: list["keras.KerasTensor"]) -> str:
    return " and ".join(str(tuple(tensor.shape)[1:]) for tensor in tensors)
