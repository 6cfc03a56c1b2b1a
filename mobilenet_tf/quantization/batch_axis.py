"""Which tensors of a .tflite have the image as their first axis: what computes across it would mix images."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

__all__ = ["ELEMENTWISE", "REDUCING", "BatchAxis"]

RESHAPING = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")
REDUCING = ("MEAN", "SUM", "REDUCE_MAX", "REDUCE_MIN")
ELEMENTWISE = ("ADD", "SUB", "MUL", "DIV", "POW", "SQUARED_DIFFERENCE", "MAXIMUM", "MINIMUM")
OF_EACH_VALUE = ("RSQRT", "SQRT", "LOGISTIC", "TANH", "RELU", "RELU6", "EXP", "ABS", "NEG", "SQUARE")


class BatchAxis:
    """The tensors without it so far: a shuffle may reshape (1, h, w, channels) to (h * w, groups, size), a mean over
    the channels and the one image of (1, pixels, channels) gives (pixels,).
    """

    def __init__(self) -> None:
        self.without: set[int] = set()

    def follow(
        self,
        op: str,
        output: tuple[int, Sequence[int]],
        inputs: tuple[Collection[int], Sequence[int]],
        constants: Mapping[int, NDArray[Any]],
        options: Any,
    ) -> bool:
        """Note whether the output of an op has it. False if the op may compute across the axes that were made of it.

        output: the tensor and its shape. inputs: the tensors that are no constants, and the shape of the first one.
        """
        tensor, shape = output
        apart = not self.without.isdisjoint(inputs[0])
        if op in RESHAPING:
            leaves = tuple(shape[:1]) != (1,)
        elif op == "TRANSPOSE":
            leaves = apart or constants[1][0] != 0
        elif op in REDUCING and not apart:
            leaves = not options.keepDims and 0 in constants[1].ravel() % len(inputs[1])
        elif op in (*ELEMENTWISE, *OF_EACH_VALUE):
            leaves = apart and tuple(shape[:1]) != (1,)
        else:
            leaves = False
            if apart:
                return False
        if leaves:
            self.without.add(tensor)
        return True
