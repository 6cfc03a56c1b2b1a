"""What is known about a file of any export: of a classifier or of a detector."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mobilenet_tf.terminal import counted_list
from mobilenet_tf.tflite.interpreter import TensorInfo

from .quantize import QuantizationStep
from .recipes import Recipe

__all__ = ["FileCheck", "MadeFile", "about_float_ops"]


@dataclass(frozen=True)
class FileCheck:
    """What verification found in a file. The classes below this one say what agreement and max_abs_error compare."""

    ops: dict[str, int]
    input: TensorInfo
    images: int
    agreement: float
    max_abs_error: float


@dataclass(frozen=True)
class MadeFile:
    """A file of an export.

    name:       the file's name.
    correction: the correction that it got: none, fast or best.
    notes:      what the person should know about the correction.
    float_ops:  how often each op of an integer file computes in float.
    slow_ops:   the ops that XNNPACK leaves to the interpreter on this host.
    latency_ms: median of one inference on one thread of this host.
    steps:      the quantized network after each step of the correction, if settings.quant_report is true.
    """

    name: str
    recipe: Recipe
    content: bytes
    correction: str
    notes: tuple[str, ...]
    float_ops: Mapping[str, int]
    slow_ops: Sequence[str]
    latency_ms: float
    steps: tuple[QuantizationStep, ...]
    check: FileCheck


def about_float_ops(files: Sequence[MadeFile]) -> list[str]:
    """A line for each integer file that has ops that compute in float."""
    return [f"{file.recipe.name} stays float: {counted_list(file.float_ops)}." for file in files if file.float_ops]
