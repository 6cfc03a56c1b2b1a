"""Keras against float32, float32 against every quantized file: outputs, ops, dtypes, labels, contract.

Verification needs no labelled photos. Its images are others than those of the calibration.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.manifest import ProbabilityChange
from mobilenet_tf.contract.preprocessing import STD
from mobilenet_tf.errors import CheckError
from mobilenet_tf.tasks.classification import agreement, best_class_per_photo, top1
from mobilenet_tf.tflite.flatbuffer import describe_ops
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.interpreter import TensorInfo

from .quantize import QuantizedFile
from .recipes import Recipe

__all__ = ["KERAS_LIMIT", "Check", "Reference", "median_latency_ms", "verify"]

# Keras and TFLite sum in different orders: about 1e-6 was seen, and a wrong layer gives 1e-2 and more.
KERAS_LIMIT = 1e-4
DYNAMIC_OPS = {"SHAPE", "STRIDED_SLICE", "PACK"}
BOUNDARY_OPS = {"QUANTIZE", "DEQUANTIZE"}  # the only ops of an integer model that may take or give floats
LATENCY_RUNS, LATENCY_WARM_UP = 30, 5

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Reference:
    """What a file is verified against.

    images:       preprocessed, (n, res, res, 3).
    scores:       the scores (n, classes) of the model that the file should agree with.
    ground_truth: the class of each image that accuracy counts; None for the others.
    """

    images: UInt8
    scores: Float32
    ground_truth: Sequence[int | None]


@dataclass(frozen=True)
class Check:
    """What verification found in one file.

    agreement:      share of images on which the file has the reference's best class.
    max_abs_error:  largest difference of a softmax output from the reference's.
    probability_change: difference of the probability of the reference's best class.
    mean_step_error, max_step_error: differences in quantization steps of the output; None for float outputs.
    accuracy:       top-1 on the images whose class is known; None if none is known.
    """

    ops: dict[str, int]
    input: TensorInfo
    output: TensorInfo
    images: int
    agreement: float
    max_abs_error: float
    mean_step_error: float | None
    max_step_error: float | None
    probability_change: ProbabilityChange
    accuracy: float | None


def verify(
    file: QuantizedFile, recipe: Recipe, reference: Reference, labels: Sequence[str], min_agreement: float
) -> tuple[Check, Float32]:
    """Verify one file against a reference -> what was found, and the scores of the file.

    min_agreement: the least agreement that passes, from 0 to 1.
    Raises CheckError, which says what failed.
    """
    session = file.model.session
    ops, dtypes_of_ops = describe_ops(file.parsed)
    _check_ops(recipe, ops, dtypes_of_ops)
    _check_ends(recipe, session.input, session.output, labels)
    scores = file.model.predict(reference.images)
    difference = np.abs(scores - reference.scores)
    check = Check(
        ops=ops,
        input=session.input,
        output=session.output,
        images=len(reference.images),
        agreement=agreement(scores, reference.scores),
        max_abs_error=float(difference.max()),
        mean_step_error=_steps(difference.mean(), session.output.scale),
        max_step_error=_steps(difference.max(), session.output.scale),
        probability_change=_probability_change(scores, reference.scores),
        accuracy=top1(scores, reference.ground_truth),
    )
    _check_scores(recipe, check, min_agreement)
    return check, scores


def median_latency_ms(model: ImageModel, image: UInt8) -> float:
    """Median time of one inference on the model's threads, in ms; preprocessing is not counted."""
    model.session.set(model.tensor(image))
    times = [model.session.time_invoke() for _ in range(LATENCY_WARM_UP + LATENCY_RUNS)]
    return float(np.median(times[LATENCY_WARM_UP:]))


def _probability_change(scores: Float32, reference: Float32) -> ProbabilityChange:
    rows, best = np.arange(len(reference)), best_class_per_photo(reference)
    change = np.abs(scores[rows, best] - reference[rows, best])
    return ProbabilityChange(float(change.mean()), float(np.percentile(change, 99)), float(change.max()))


def _steps(error: Any, scale: float) -> float | None:
    return float(error) / scale if scale else None


def _check_ops(recipe: Recipe, ops: dict[str, int], dtypes_of_ops: list[tuple[str, set[str]]]) -> None:
    dynamic = DYNAMIC_OPS & ops.keys()
    if dynamic:
        raise CheckError(f"{recipe.name}: the graph holds {', '.join(sorted(dynamic))}: its batch is not static.")
    if not recipe.integer:
        return
    floats = {name for name, dtypes in dtypes_of_ops if "FLOAT32" in dtypes and name not in BOUNDARY_OPS}
    if floats:
        raise CheckError(f"{recipe.name}: every op should be integer; {', '.join(sorted(floats))} computes in float.")


def _check_ends(recipe: Recipe, tensor: TensorInfo, output: TensorInfo, labels: Sequence[str]) -> None:
    """Check the input tensor and the output against the contract and the labels."""
    classes = output.shape[-1]
    if classes != len(labels):
        raise CheckError(f"{recipe.name}: the output has {classes} classes, but there are {len(labels)} labels.")
    if tensor.dtype in ("int8", "uint8"):
        # byte - 128 (uint8: the byte) is half a step from the exact zero point, which TFLite rounds up or down.
        offset = 0 if tensor.dtype == "int8" else 128
        # The scale is a float32 quotient: 4 ulps.
        if abs(tensor.scale * STD - 1) > 4 * 2**-24 or tensor.zero_point - offset not in (-1, 0):
            raise CheckError(
                f"{recipe.name}: the input takes steps of {tensor.scale:g} from {tensor.zero_point}; "
                f"the contract is steps of 1/127.5 from {offset - 1} or {offset}."
            )


def _check_scores(recipe: Recipe, check: Check, min_agreement: float) -> None:
    if recipe.name == "float32" and not check.max_abs_error <= KERAS_LIMIT:
        raise CheckError(
            f"float32 differs from Keras by {check.max_abs_error:.1e} in the softmax; {KERAS_LIMIT:g} is allowed.\n"
            "The conversion is wrong; please report it with the model."
        )
    if check.agreement < min_agreement:
        raise CheckError(
            f"{recipe.name} agrees with the float model on {check.agreement:.1%} of {check.images} held-out images; "
            f"--min-agreement asks for {min_agreement:.1%}.\n"
            "Calibrate on photos like those the model will see (--calibration), or try --quant int16x8, "
            "without --per-tensor."
        )
