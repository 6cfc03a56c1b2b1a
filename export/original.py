"""The model in the person's own file, run as its owner made it: what an export must agree with.

TensorFlow is loaded when a Keras file is read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import MEAN, STD, dequantize, normalize
from mobilenet_tf.errors import ModelError, SpecError, WeightsError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tflite.flatbuffer import fused_activations, parse
from mobilenet_tf.tflite.given_input import GivenInput
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.weights.keras_file import load_keras_model

if TYPE_CHECKING:
    import keras

__all__ = ["NEXT_STEP", "Original", "layers_that_compute", "read_original", "run_keras"]

NEXT_STEP = (
    "Train one of the networks that mobilenet-info lists, or convert the file by TensorFlow: mobilenet-benchmark reads "
    "any .tflite."
)

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]

RANGE_TOLERANCE = 0.02  # of the values that a quantized file is given, from -1 to 1. Hosted files differ by 0.004.


@dataclass(frozen=True)
class Original:
    """The model in a file.

    res:   the only input resolution that it takes; None if it takes any.
    run:   preprocessed bytes (n, res, res, 3) -> its outputs (n, classes).
    exact: whether it computes in floats, so that its scores can be compared closely.
    keras: the Keras model; None for a .tflite file.
    notes: what was assumed because the file does not say it.
    run_as: as `run`, for values (byte - mean) / std: (images, mean, std) -> outputs; None if the file takes bytes.
    activations: of the convolutions of a .tflite file that computes in floats, in order.
    """

    res: int | None
    run: Callable[[UInt8], Float32]
    exact: bool
    keras: "keras.Model | None" = None
    notes: tuple[str, ...] = ()
    run_as: Callable[[UInt8, float, float], Float32] | None = None
    activations: tuple[str, ...] = ()


def read_original(path: Path) -> Original | None:
    """The model in the file at `path`; None for a file that holds arrays and no model (`.weights.h5`).

    Raises WeightsError for a model that is no classifier of one image, or that cannot be run here.
    """
    with path.open("rb") as file:
        head = file.read(8)
    if head[4:8] == b"TFL3":
        return _read_tflite(path)
    in_older_format = head[:4] == b"\x89HDF"
    if in_older_format and not _describes_layers(path):
        return None
    return _keras_original(path, _load_keras(path, in_older_format))


def run_keras(model: "keras.Model", images: NDArray[Any], batch: int = 20) -> Float32:
    """What a Keras model answers for images (n, res, res, 3), just as it takes them -> (n, classes)."""
    chunks = (images[start : start + batch] for start in range(0, len(images), batch))
    return np.concatenate([np.asarray(model(chunk, training=False), np.float32) for chunk in chunks])


def _read_tflite(path: Path) -> Original:
    content = path.read_bytes()
    try:
        model = ImageModel(path, content, min_classes=1)
    except ModelError as error:
        raise WeightsError(f"{str(error).splitlines()[0]}\n{NEXT_STEP}") from error
    if model.session.input.dtype != np.float32:
        _check_range(path, model)
        return Original(model.res, model.predict, exact=False, notes=tuple(model.notes))

    def run_as(images: UInt8, mean: float, std: float) -> Float32:
        return ImageModel(path, content, min_classes=1, given=GivenInput.of(mean, std)).predict(images)

    return Original(
        model.res,
        model.predict,
        exact=True,
        notes=tuple(model.notes),
        run_as=run_as,
        activations=fused_activations(parse(content)),
    )


def _check_range(path: Path, model: ImageModel) -> None:
    """Raise WeightsError if the bytes of a photo become other values in a quantized file than in our networks."""
    tensor = model.session.input
    if not tensor.scale:
        return  # the file does not say what its integers stand for
    every_byte = np.resize(np.arange(256, dtype=np.uint8), (model.res, model.res, 3))
    values = dequantize(model.tensor(every_byte)[0], tensor.scale, tensor.zero_point)
    if np.abs(values - normalize(every_byte)).max() > RANGE_TOLERANCE:
        raise WeightsError(
            f"expected a network that takes values from -1 to 1, (byte - {MEAN:g}) / {STD:g}; the quantized input of "
            f"{path} takes values from {values.min():.3g} to {values.max():.3g}.\n"
            "Its weights were trained for those: exported for -1 to 1 it would give wrong answers. mobilenet-benchmark "
            "reads it as it is.\nTo export it, train it again on values from -1 to 1: mobilenet-train does."
        )


def _describes_layers(path: Path) -> bool:
    """Whether an HDF5 file describes a model's layers, and does not only hold their weights."""
    import h5py

    with h5py.File(path) as file:
        return "model_config" in file.attrs


def _load_keras(path: Path, in_older_format: bool) -> "keras.Model":
    try:
        return load_keras_model(path, ".h5" if in_older_format else ".keras")
    # Keras raises errors of many kinds for layers that it does not know, or refuses to run.
    except Exception as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:120]
        raise WeightsError(f"{path} holds a model that Keras cannot rebuild: {reason}\n{NEXT_STEP}") from error


def _keras_original(path: Path, model: "keras.Model") -> Original:
    from mobilenet_tf.keras_loader import keras

    inputs, outputs = ([tuple(tensor.shape) for tensor in tensors] for tensors in (model.inputs, model.outputs))
    if len(inputs) != 1 or len(outputs) != 1 or len(inputs[0]) != 4 or inputs[0][3] != 3 or len(outputs[0]) != 2:
        raise WeightsError(
            f"expected a model from one image (res, res, 3) to one row of scores; {path} takes "
            f"{_listed(inputs)} and gives {_listed(outputs)}.\n{NEXT_STEP}"
        )
    model = keras.Model(model.inputs[0], model.outputs[0], name=model.name)  # takes an image, not a list of one image
    for layer in model._flatten_layers(include_self=False):
        layer.dtype_policy = "float32"  # a model that was trained in mixed precision is run in full precision
    if _takes_bytes(model):
        return Original(inputs[0][1], lambda images: run_keras(model, images.astype(np.float32)), True, model)
    assumed = f"{path.name} does not say how its input is normalized; (byte - 127.5) / 127.5 is assumed."
    notes = () if _is_ours(model) else (assumed,)
    return Original(
        inputs[0][1],
        lambda images: run_keras(model, normalize(images)),
        True,
        model,
        notes,
        lambda images, mean, std: run_keras(model, normalize(images, mean, std)),
    )


def _takes_bytes(model: "keras.Model") -> bool:
    """Whether the model normalizes its input itself: whether something computes before its first weights."""
    first = next(layers_that_compute(model), None)
    return first is not None and type(first).__name__ not in ("Conv2D", "DepthwiseConv2D", "Dense")


def _is_ours(model: "keras.Model") -> bool:
    """Whether mobilenet-train wrote this model, which is named after its network."""
    try:
        return bool(ModelSpec.parse(model.name))
    except SpecError:
        return False


# Layers that change nothing when a model runs, or nothing but the shape of its tensors. A padding of its own before a
# convolution may or may not be that of the convolution itself: the scores show it.
_SILENT = {"InputLayer", "Dropout", "SpatialDropout2D", "GaussianNoise", "Flatten", "Reshape", "ZeroPadding2D"}
_AUGMENTING = "Random"  # what the names of augmenting layers begin with


def layers_that_compute(model: "keras.Model") -> Iterator["keras.Operation"]:
    """The layers of a model in order, those of inner models included, without those that change no value."""
    from mobilenet_tf.keras_loader import keras

    # `operations` has the arithmetic too that is no layer, as in `image / 255`; a Sequential has layers only.
    for layer in getattr(model, "operations", model.layers):
        kind = type(layer).__name__
        if isinstance(layer, keras.Model):
            yield from layers_that_compute(layer)
        elif kind not in _SILENT and not kind.startswith(_AUGMENTING):
            yield layer


def _listed(shapes: list[tuple[int | None, ...]]) -> str:
    return " and ".join(str(shape[1:]) for shape in shapes)
