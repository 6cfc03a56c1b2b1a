"""Check that the network which is exported is the one in the person's file, and not another with the same shapes.

What weights hold are arrays: another activation, another pooling or a Rescaling inside the model leaves no trace in
them. So the model in the file is run on photos, and must answer as the network that its weights were filled into.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import MEAN, STD, load_rgb, normalize, preprocess
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.tasks.classification import agreement, best_class_per_photo, softmax
from mobilenet_tf.weights.load import Weights, model_with

from .calibration import ImageSet
from .original import NEXT_STEP, Original, layers_that_compute, read_original, run_keras

if TYPE_CHECKING:
    import keras

__all__ = ["is_same", "original_scores"]

COMPARED = 40  # photos
# Largest difference, as a share of a photo's highest score. Sums in another order give 1e-5, a wrong layer 1e-2.
EXACT_LIMIT = 1e-3
# Of a quantized file with the float network of the same weights. Of few classes the best one is easily the same, so the
# difference of its probability counts too: Google's hosted files have 0.04 at most, a wrong input range gives 0.11.
MIN_QUANTIZED_AGREEMENT = 0.8
MAX_QUANTIZED_CHANGE = 0.08  # mean over the photos
# What else an input may take: the values in words, and the mean and the standard deviation that make them of bytes.
OTHER_RANGES = (("from 0 to 1", 0.0, 255.0), ("from 0 to 255", 0.0, 1.0))

ACTIVATIONS = {"RELU": "ReLU", "RELU_N1_TO_1": "ReLU1", "TANH": "tanh"}  # names of the .tflite format -> ours

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


def original_scores(file: Path, weights: Weights, images: ImageSet) -> tuple[Float32 | None, Sequence[str]]:
    """What the model in `file` answers for `images`, and notes on how it was read.

    The scores are None if there is nothing to run, if they are those of quantized weights, or if the model does not
    take images of this resolution. Raises WeightsError if it is another network than `weights.spec`.
    """
    if weights.spec.classes == 1:
        raise WeightsError(
            f"expected two or more classes; {file} has one output, and a softmax over one class is always 1.\n"
            "Train it with two outputs and a softmax in place of one sigmoid unit: mobilenet-train does."
        )
    original = read_original(file)
    if original is None:
        return None, ()
    res = original.res or weights.spec.res
    same_res = res == weights.spec.res
    compared = images.images[:COMPARED] if same_res else _resized(images, res)
    rebuilt = model_with(replace(weights, spec=replace(weights.spec, res=res)))
    expected = run_keras(rebuilt, normalize(compared))
    outputs, is_logits = _probabilities(original.run(compared))
    if not is_same(_without_background(outputs, weights), expected, exact=original.exact):
        raise WeightsError(_refusal(file, weights, original, rebuilt, compared))
    notes = [*original.notes, *([f"{file} gives logits; the exported files give their softmax."] if is_logits else [])]
    if not (same_res and original.exact):
        return None, notes
    return _without_background(_probabilities(original.run(images.images))[0], weights), notes


def _resized(images: ImageSet, res: int) -> UInt8:
    """The first photos of `images` at another resolution."""
    photos = list(dict.fromkeys(images.photos))[:COMPARED]
    return np.stack([preprocess(load_rgb(photo), res) for photo in photos])


def _probabilities(outputs: Float32) -> tuple[Float32, bool]:
    """Outputs (n, classes) as probabilities, and whether they were logits. A sigmoid's outputs stay as they are."""
    if ((outputs >= 0) & (outputs <= 1)).all():
        return outputs, False
    return softmax(outputs), True


def _without_background(scores: Float32, weights: Weights) -> Float32:
    """The scores without the background row, if it was dropped from the weights."""
    if scores.shape[1] != weights.spec.classes + 1:
        return scores
    kept = scores[:, 1:]
    return kept / kept.sum(1, keepdims=True)


def is_same(scores: Float32, expected: Float32, *, exact: bool) -> bool:
    """Whether two models' scores (n, classes) for the same photos are those of one network, up to rounding.

    exact: whether both compute in floats; else one of them is quantized.
    """
    if scores.shape != expected.shape or not np.isfinite(scores).all():
        return False
    if not exact:
        rows, best = np.arange(len(expected)), best_class_per_photo(expected)
        change = np.abs(scores[rows, best] - expected[rows, best]).mean()
        return agreement(scores, expected) >= MIN_QUANTIZED_AGREEMENT and bool(change <= MAX_QUANTIZED_CHANGE)
    return bool((np.abs(scores - expected).max(1) <= EXACT_LIMIT * expected.max(1)).all())


def _refusal(file: Path, weights: Weights, original: Original, rebuilt: "keras.Model", compared: UInt8) -> str:
    name = weights.spec.name
    difference = _first_difference(original.keras, rebuilt) if original.keras else _other_activation(original)
    assumed = ", fed values from -1 to 1," if original.run_as else ""
    likely = _range_that_agrees(original, weights, rebuilt, compared)
    return (
        f"{file} is another network than {name}, which has arrays of the same shapes"
        f"{f': {difference}' if difference else ''}.\n"
        f"On {len(compared)} photos{assumed} {name} with the file's weights answers otherwise than the file: it is not "
        f"exported.{f' {likely}' if likely else ''}\n"
        f"{NEXT_STEP}"
    )


def _range_that_agrees(original: Original, weights: Weights, rebuilt: "keras.Model", compared: UInt8) -> str | None:
    """A sentence on the range of input values, other than ours, for which the file answers alike; None if none does."""
    if original.run_as is None:
        return None
    for values, mean, std in OTHER_RANGES:
        outputs = _without_background(_probabilities(original.run_as(compared, mean, std))[0], weights)
        if is_same(outputs, run_keras(rebuilt, normalize(compared)), exact=True):
            return f"The input is the difference: the file takes values {values} and rescales them itself."
        if is_same(outputs, run_keras(rebuilt, normalize(compared, mean, std)), exact=False):
            return f"Fed values {values} both answer nearly alike: the file was probably trained on those."
    return None


def _other_activation(original: Original) -> str | None:
    """The first activation of a float .tflite that is not ReLU6, in words; None if there is none."""
    others = (
        f"its convolution {number} computes {ACTIVATIONS.get(name, name)} in the place of ReLU6"
        for number, name in enumerate(original.activations, 1)
        if name not in ("RELU6", "NONE")  # NONE: that of the classifier, and of an activation that is an op of its own
    )
    return next(others, None)


def _first_difference(original: "keras.Model", rebuilt: "keras.Model") -> str | None:
    """The first layer that computes otherwise, in words; None if the layers look alike."""
    for ours, theirs in zip_longest(_steps(rebuilt), _steps(original)):
        if ours is None or theirs is None or ours[1] != theirs[1]:
            expected = "the end" if ours is None else ours[1]
            found = "the file ends" if theirs is None else f"its layer {theirs[0]} computes {theirs[1]}"
            return f"{found} in the place of {expected}"
    return None


def _steps(model: "keras.Model") -> Iterator[tuple[str, str]]:
    """(layer name, what it computes) of every layer that computes something."""
    for layer in layers_that_compute(model):
        yield from ((layer.name, step) for step in _computed(layer, type(layer).__name__))


def _computed(layer: Any, kind: str) -> Sequence[str]:
    """What a layer computes: its kind with the settings that matter, and the activation that it contains."""
    from mobilenet_tf.keras_loader import keras

    settings = layer.get_config() if isinstance(layer, keras.Layer) else {}
    activation = settings.get("activation")
    activations = [] if activation in (None, "linear") else [str(activation)]
    match kind:
        case "Activation":
            return activations
        case "Rescaling":
            return _rescaling(settings)
        case "ReLU":
            return [_relu(settings)]
        case "Softmax":
            return ["softmax"]
        case "BatchNormalization":
            return [f"batch norm with epsilon {settings['epsilon']:g}"]
        case "DepthwiseConv2D":
            return [f"a depthwise convolution of stride {settings['strides'][0]}", *activations]
        case "Conv2D":
            return [f"a convolution of stride {settings['strides'][0]}", *activations]
        case "Dense":
            return ["a convolution of stride 1", *activations]  # as which Keras Applications keeps its classifier
    return [kind, *activations]


def _rescaling(settings: dict[str, Any]) -> list[str]:
    """Nothing for the normalization that our networks expect."""
    scale, offset = np.atleast_1d(settings["scale"]), np.atleast_1d(settings["offset"])
    is_ours = np.allclose(scale, 1 / STD) and np.allclose(offset, -MEAN / STD)
    return [] if is_ours else [f"Rescaling(scale={settings['scale']}, offset={settings['offset']})"]


def _relu(settings: dict[str, Any]) -> str:
    ceiling, slope = settings["max_value"], settings["negative_slope"]
    return f"ReLU{'' if ceiling is None else f'{ceiling:g}'}" + (f" with slope {slope:g}" if slope else "")
