"""What each byte of a photo becomes in the input tensor of a .tflite file, and what had to be assumed for that."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import MEAN, STD, normalize, to_input
from mobilenet_tf.errors import InputError

from .given_input import Normalization
from .interpreter import TensorInfo

__all__ = ["choose_normalization", "input_of_byte"]

OUR_NORMALIZATION = Normalization((MEAN,), (STD,))
# An input whose step is that of one byte within this share takes bytes as they are. Hosted files differ by 0.4 %.
STEP_TOLERANCE = 0.01
OFFSET_TOLERANCE = 1.5  # bytes by which the zero point of such an input may differ from the mean
# The ranges that photos are usually normalized to: a quantized input of such a range takes bytes as they are.
USUAL_RANGES = ((-1, 1), (0, 1), (0, 255), (-128, 127))
RANGE_TOLERANCE = 0.02  # of the width of the range
BYTE_DTYPES = (np.uint8, np.int8)


def choose_normalization(
    name: str,
    tensor: TensorInfo,
    carried: Normalization | None,
    given: Normalization | None,
    by_graph: Normalization | None = None,
) -> tuple[Normalization | None, list[str]]:
    """(The normalization of bytes for this input, None if each byte is one step of it; notes on what was assumed).

    name: the file's name, for the notes. carried: what its metadata says. given: what a person says, which goes first.
    by_graph: what its first ops show, which goes last.
    Raises InputError if a normalization is given for an input of integers that stand for themselves.
    """
    integers = tensor.dtype != np.float32
    if given is not None:
        if integers and not tensor.scale:
            raise InputError(
                f"{name} takes {tensor.dtype} values without a scale, that is bytes as they are: leave out --mean and "
                "--std."
            )
        replaced = carried is not None and carried != given
        return given, [f"{name} says that its input is {carried}; {given} is used, as given."] if replaced else []
    if tensor.dtype in BYTE_DTYPES and not tensor.scale:
        return None, []
    if carried is not None:
        return carried, []
    if tensor.dtype in BYTE_DTYPES:
        return None, _note_on_range(name, tensor)
    if by_graph is not None and not integers:
        return by_graph, [
            f"{name} does not say how its input is normalized; its first ops rescale it as {by_graph.range}, which it "
            "is given. If that is wrong, give --mean and --std."
        ]
    return OUR_NORMALIZATION, [
        f"{name} does not say how its input is normalized; (byte - 127.5) / 127.5, values from -1 to 1, is assumed. "
        "If it takes others, say so: --mean 0 --std 255 for 0 to 1, --mean 0 --std 1 for 0 to 255."
    ]


def _note_on_range(name: str, tensor: TensorInfo) -> list[str]:
    limits = np.iinfo(tensor.dtype)
    low, high = (tensor.scale * (limit - tensor.zero_point) for limit in (limits.min, limits.max))
    tolerance = RANGE_TOLERANCE * (high - low)
    if any(abs(low - usual[0]) <= tolerance and abs(high - usual[1]) <= tolerance for usual in USUAL_RANGES):
        return []
    return [
        f"{name} takes values from {low:.3g} to {high:.3g} and does not say how bytes become these; one step for each "
        "byte is assumed. If that is wrong, give --mean and --std."
    ]


def input_of_byte(tensor: TensorInfo, normalization: Normalization | None) -> NDArray[Any]:
    """What each byte becomes in the input tensor: (256,), or (256, 3) if the channels differ.

    normalization: None if each byte is one step of the input.
    """
    every_byte = np.arange(256, dtype=np.uint8)
    if normalization is None:
        return to_input(every_byte, tensor.dtype)
    means, stds = ({*values} for values in (normalization.mean, normalization.std))
    if len(means) > 1 or len(stds) > 1:
        columns = zip(_of_channels(normalization.mean), _of_channels(normalization.std), strict=True)
        return np.stack([_column(tensor, mean, std) for mean, std in columns], 1)
    (mean,), (std,) = means, stds
    if _is_one_step(tensor, mean, std):
        return to_input(every_byte, tensor.dtype)  # no arithmetic
    return _column(tensor, mean, std)


def _is_one_step(tensor: TensorInfo, mean: float, std: float) -> bool:
    """Whether each byte, normalized, is one step of an input of bytes, the first byte the lowest."""
    if tensor.dtype not in BYTE_DTYPES:
        return False
    step = tensor.scale * std
    offset = (int(np.iinfo(tensor.dtype).min) - tensor.zero_point) * step + mean
    return abs(step - 1) <= STEP_TOLERANCE and abs(offset) <= OFFSET_TOLERANCE


def _column(tensor: TensorInfo, mean: float, std: float) -> NDArray[Any]:
    real = normalize(np.arange(256, dtype=np.uint8), mean, std)
    if not tensor.scale:
        return real
    limits = np.iinfo(tensor.dtype)
    return np.clip(np.rint(real / tensor.scale) + tensor.zero_point, limits.min, limits.max).astype(tensor.dtype)


def _of_channels(values: tuple[float, ...]) -> tuple[float, ...]:
    return values * 3 if len(values) == 1 else values
