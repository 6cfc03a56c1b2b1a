"""Every file against the float model, as it was made: outputs, ops, dtypes, labels, contract.

Verification needs no labelled photos. Its images are others than those of the calibration.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.manifest import CosineError, ProbabilityChange
from mobilenet_tf.errors import CheckError
from mobilenet_tf.terminal import counted_list
from mobilenet_tf.tflite.flatbuffer import describe_ops
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION
from mobilenet_tf.tflite.interpreter import TensorInfo
from mobilenet_tf.tflite.photo_model import PhotoModel

from .compared import Reference, compared
from .made_file import FileCheck
from .quantize import QuantizedFile
from .recipes import Recipe

__all__ = [
    "BOUNDARY_OPS",
    "KERAS_LIMIT",
    "Check",
    "check_agreement",
    "check_input",
    "median_latency_ms",
    "ops_of",
    "verify",
]

# Keras and TFLite sum in different orders: about 1e-6 was seen, and a wrong layer gives 1e-2 and more.
KERAS_LIMIT = 1e-4
DYNAMIC_OPS = {"SHAPE", "STRIDED_SLICE", "PACK"}
BOUNDARY_OPS = {"QUANTIZE", "DEQUANTIZE"}  # the only ops of an integer model that may take or give floats
SCALE_TOLERANCE = 1e-5  # of a standard deviation that was rounded to six digits
INT16_REMEDY = "--quant int16x8, without --per-tensor"
VECTOR_REMEDY = "--io float32, with which the vector is not rounded to steps of 1/128"
MOST_COSINE_ERROR = 0.1  # the mean; int8 files of extractors have about 0.003, those of float 1e-7
LATENCY_RUNS, LATENCY_WARM_UP = 30, 5

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Check(FileCheck):
    """What verification found in one file of a classifier or of an embedding.

    agreement:      share of images on which the file has the reference's best class; of tags, the share of all
                    decisions on a tag of an image, at its threshold, that are the reference's; of embeddings, the share
                    of photos whose nearest other photo is the reference's.
    max_abs_error:  largest difference of a score from the reference's, or of a part of a vector.
    probability_change: difference of the probability of the reference's best class; of tags, of every tag; None of
                    embeddings.
    mean_step_error, max_step_error: differences in quantization steps of the output; None for float outputs.
    accuracy:       top-1 on the images whose class is known; None if none is known.
    tag_agreement:  the agreement of each tag; None of others.
    cosine_error:   of embeddings, 1 - the cosine of each vector with the reference's; None of others.
    """

    output: TensorInfo
    mean_step_error: float | None
    max_step_error: float | None
    probability_change: ProbabilityChange | None
    accuracy: float | None
    tag_agreement: list[float] | None = None
    cosine_error: CosineError | None = None


def verify(
    file: QuantizedFile, recipe: Recipe, reference: Reference, labels: Sequence[str], min_agreement: float
) -> tuple[Check, Float32]:
    """Verify one file against a reference -> what was found, and the scores of the file.

    min_agreement: the least agreement that passes, from 0 to 1.
    Raises CheckError, which says what failed.
    """
    assert isinstance(file.model, ImageModel)
    session = file.model.session
    ops = _check_ops(recipe, file)
    _check_outputs(recipe, session.output, reference, labels)
    check_input(recipe, session.input, reference.normalization)
    scores = file.model.predict(reference.images)
    difference = np.abs(scores - reference.scores)
    check = Check(
        ops=ops,
        input=session.input,
        output=session.output,
        images=len(reference.images),
        max_abs_error=float(difference.max()),
        mean_step_error=_steps(difference.mean(), session.output.scale),
        max_step_error=_steps(difference.max(), session.output.scale),
        **vars(compared(scores, reference)),
    )
    _check_scores(recipe, check, min_agreement)
    return check, scores


def median_latency_ms(
    model: PhotoModel, image: UInt8, runs: int = LATENCY_RUNS, warm_up: int = LATENCY_WARM_UP
) -> float:
    """Median time of `runs` inferences on the model's threads, in ms; preprocessing is not counted."""
    model.session.set(model.tensor(image))
    times = [model.session.time_invoke() for _ in range(warm_up + runs)]
    return float(np.median(times[warm_up:]))


def _steps(error: Any, scale: float) -> float | None:
    return float(error) / scale if scale else None


def _check_ops(recipe: Recipe, file: QuantizedFile) -> dict[str, int]:
    """Check that of an integer file no ops but those allowed compute in float -> how often it has each op."""
    ops, unexpected = ops_of(recipe, file, file.float_ops)
    if unexpected:
        every = f"every op but {counted_list(file.float_ops)}" if file.float_ops else "every op"
        raise CheckError(
            f"{recipe.name}: {every} should be integer; {', '.join(sorted(unexpected))} computes in float."
        )
    return ops


def ops_of(
    recipe: Recipe, file: QuantizedFile, allowed: Mapping[str, int], ends: Set[str] = BOUNDARY_OPS
) -> tuple[dict[str, int], Counter[str]]:
    """(How often a file has each op, how often more than allowed an integer file computes one in float).

    ends: the ops that may compute in float as often as they like. Raises CheckError if the graph is not static.
    """
    ops, dtypes_of_ops = describe_ops(file.parsed)
    dynamic = DYNAMIC_OPS & ops.keys()
    if dynamic:
        raise CheckError(f"{recipe.name}: the graph holds {', '.join(sorted(dynamic))}: its batch is not static.")
    if not recipe.integer:
        return ops, Counter()
    floats = Counter(name for name, dtypes in dtypes_of_ops if "FLOAT32" in dtypes and name not in ends)
    return ops, floats - Counter(allowed)


def _check_outputs(recipe: Recipe, output: TensorInfo, reference: Reference, labels: Sequence[str]) -> None:
    found, expected = output.shape[-1], reference.scores.shape[-1]
    if reference.head == "embedding" and found != expected:
        raise CheckError(f"{recipe.name}: the output has {found} numbers; the float model gives {expected}.")
    if reference.head != "embedding" and found != len(labels):
        raise CheckError(f"{recipe.name}: the output has {found} classes, but there are {len(labels)} labels.")


def check_input(recipe: Recipe, tensor: TensorInfo, normalization: Normalization = OUR_NORMALIZATION) -> None:
    """Check that bytes go into an integer input as they are: its steps are those of one byte."""
    if tensor.dtype not in ("int8", "uint8"):
        return
    (mean,), (std,) = {*normalization.mean}, {*normalization.std}
    byte_of_zero = tensor.zero_point - (-128 if tensor.dtype == "int8" else 0)
    # The mean may be half a step from a whole number, which TFLite rounds up or down; the scale is a float32 quotient.
    if abs(tensor.scale * std - 1) > SCALE_TOLERANCE or abs(byte_of_zero - mean) > 0.5 + SCALE_TOLERANCE:
        raise CheckError(
            f"{recipe.name}: the input takes steps of {tensor.scale:g}, with the byte {byte_of_zero} for zero; "
            f"the contract is steps of 1/{std:g}, with the byte {mean:g} for zero."
        )


def _check_scores(recipe: Recipe, check: Check, min_agreement: float) -> None:
    if recipe.name == "float32" and not check.max_abs_error <= KERAS_LIMIT:
        raise CheckError(
            f"float32 differs from the original by {check.max_abs_error:.1e} in a score; {KERAS_LIMIT:g} is allowed.\n"
            "The conversion is wrong; please report it with the model."
        )
    error = check.cosine_error
    if error is not None and error.mean > MOST_COSINE_ERROR and min_agreement > 0:
        raise CheckError(
            f"{recipe.name}: the mean cosine of its vectors with the float model's is {1 - error.mean:.3f}; at least "
            f"{1 - MOST_COSINE_ERROR:g} is needed for vectors of both to be compared.\n"
            f"Calibrate on photos like those the model will see (--calibration), or try {VECTOR_REMEDY}."
        )
    if error is None:
        check_agreement(recipe, check, min_agreement, f"of {check.images} held-out images")
    else:
        check_agreement(recipe, check, min_agreement, "of the nearest held-out photos", VECTOR_REMEDY)


def check_agreement(
    recipe: Recipe, check: FileCheck, min_agreement: float, compared: str, remedy: str = INT16_REMEDY
) -> None:
    """Raise CheckError for a lower agreement than the person asks for.

    compared: of what it is a share, in words. remedy: what to do beside better calibration.
    """
    if check.agreement < min_agreement:
        raise CheckError(
            f"{recipe.name} agrees with the float model on {check.agreement:.1%} {compared}; "
            f"--min-agreement asks for {min_agreement:.1%}.\n"
            f"Calibrate on photos like those the model will see (--calibration), or try {remedy}."
        )
