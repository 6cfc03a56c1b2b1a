"""Keras against float32, float32 against every quantized file: outputs, ops, dtypes, labels, contract.

Nothing here needs labels. Images are those that did not calibrate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import STD, normalize
from mobilenet_tf.errors import CheckError
from mobilenet_tf.tflite.flatbuffer import describe_ops
from mobilenet_tf.tflite.image_model import Runner
from mobilenet_tf.tflite.interpreter import TensorInfo

from .recipes import Recipe

if TYPE_CHECKING:
    import keras

__all__ = ["KERAS_LIMIT", "Check", "check", "keras_outputs", "median_latency_ms"]

# Keras and TFLite sum in different orders: about 1e-6 seen, and a wrong layer gives 1e-2 and more.
KERAS_LIMIT = 1e-4
FORBIDDEN_OPS = {"SHAPE", "STRIDED_SLICE", "PACK"}
BOUNDARY_OPS = {"QUANTIZE", "DEQUANTIZE"}  # the only ops of an integer model that may touch a float
LATENCY_RUNS, LATENCY_WARM_UP = 30, 5

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Check:
    """What verification found in one file.

    agreement:      share of images where the file's top-1 is the reference's (Keras for float32, else float32).
    max_abs_error:  largest difference of a softmax output from the reference's.
    mean_step_error, max_step_error: the same in quantization steps of the output; None for float outputs.
    accuracy:       top-1 on the held-out images whose class is known; None where none is.
    """

    ops: dict[str, int]
    input: TensorInfo
    output: TensorInfo
    images: int
    agreement: float
    max_abs_error: float
    mean_step_error: float | None
    max_step_error: float | None
    accuracy: float | None


def keras_outputs(model: "keras.Model", images: UInt8, batch: int = 20) -> Float32:
    """Keras's softmax for preprocessed images (n, res, res, 3) -> (n, classes)."""
    chunks = (images[start : start + batch] for start in range(0, len(images), batch))
    return np.concatenate([np.asarray(model(normalize(chunk), training=False)) for chunk in chunks])


def check(
    model: bytes,
    *,
    recipe: Recipe,
    images: UInt8,
    reference: Float32,
    truth: Sequence[int | None],
    labels: Sequence[str],
    min_agreement: float,
) -> tuple[Check, Float32]:
    """Verify one file against the reference's outputs -> what was found, and the file's own outputs.

    Raises CheckError naming what failed. `min_agreement` 0 leaves the agreement unchecked.
    """
    runner = Runner(model)
    ops, op_dtypes = describe_ops(model)
    _check_structure(recipe, runner, ops, op_dtypes, labels)
    outputs = runner.outputs(images)
    difference = np.abs(outputs - reference)
    found = Check(
        ops=ops,
        input=runner.input,
        output=runner.output,
        images=len(images),
        agreement=float(np.mean(outputs.argmax(1) == reference.argmax(1))),
        max_abs_error=float(difference.max()),
        mean_step_error=_steps(difference.mean(), runner.output.scale),
        max_step_error=_steps(difference.max(), runner.output.scale),
        accuracy=_accuracy(outputs, truth),
    )
    if recipe.name == "float32" and not found.max_abs_error <= KERAS_LIMIT:
        raise CheckError(
            f"float32 differs from Keras by {found.max_abs_error:.1e} in the softmax; {KERAS_LIMIT:g} is allowed.\n"
            "The conversion is wrong; please report it with the model."
        )
    if found.agreement < min_agreement:
        raise CheckError(
            f"{recipe.name} agrees with the float model on {found.agreement:.1%} of {found.images} held-out images; "
            f"--min-agreement asks for {min_agreement:.1%}.\n"
            "Calibrate on photos like those the model will see (--calibration), or try --quant int16x8."
        )
    return found, outputs


def median_latency_ms(model: bytes, image: UInt8) -> float:
    """Median time of one inference on one thread, in ms; preprocessing is not counted."""
    runner = Runner(model)
    return float(np.median([runner.time_ms(image) for _ in range(LATENCY_WARM_UP + LATENCY_RUNS)][LATENCY_WARM_UP:]))


def _steps(error: Any, scale: float) -> float | None:
    return float(error) / scale if scale else None


def _accuracy(outputs: Float32, truth: Sequence[int | None]) -> float | None:
    known = [index for index, label in enumerate(truth) if label is not None]
    if not known:
        return None
    return float(np.mean([outputs[index].argmax() == truth[index] for index in known]))


def _check_structure(
    recipe: Recipe,
    runner: Runner,
    ops: dict[str, int],
    op_dtypes: list[tuple[str, set[str]]],
    labels: Sequence[str],
) -> None:
    dynamic = FORBIDDEN_OPS & ops.keys()
    if dynamic:
        raise CheckError(f"{recipe.name}: the graph holds {', '.join(sorted(dynamic))}: its batch is not static.")
    if recipe.integer:
        floats = {name for name, dtypes in op_dtypes if "FLOAT32" in dtypes and name not in BOUNDARY_OPS}
        if floats:
            raise CheckError(
                f"{recipe.name}: every op should be integer; {', '.join(sorted(floats))} computes in float."
            )
    classes = runner.output.shape[-1]
    if classes != len(labels):
        raise CheckError(f"{recipe.name}: the output has {classes} classes, but there are {len(labels)} labels.")
    tensor = runner.input
    if tensor.dtype in ("int8", "uint8"):
        # byte - 128 (uint8: the byte) is half a step from the exact zero point, which TFLite rounds either way.
        offset = 0 if tensor.dtype == "int8" else 128
        # The scale is a float32 quotient: 4 ulps.
        if abs(tensor.scale * STD - 1) > 4 * 2**-24 or tensor.zero_point - offset not in (-1, 0):
            raise CheckError(
                f"{recipe.name}: the input takes steps of {tensor.scale:g} from {tensor.zero_point}; "
                f"the contract is steps of 1/127.5 from {offset - 1} or {offset}."
            )
