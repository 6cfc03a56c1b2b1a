"""The scale of int8 weights, which is the step between two levels: one per output channel, or one per kernel."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .simulation import LEVELS, along_channels

__all__ = [
    "axes_within_channel",
    "channel_ranges",
    "full_scales",
    "grid_step",
    "round_to_nearest",
    "tensor_scale",
    "weight_scales",
]

# Shares of the largest weight that 127 steps may span if a kernel has a single scale. Larger weights are clipped.
SPANS = (1.0, 0.85, 0.7, 0.6, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15)

Array = NDArray[np.float32]


def axes_within_channel(kind: str, ndim: int) -> tuple[int, ...]:
    """The axes of a kernel along which the output channel stays the same."""
    return (0, 1, 3) if kind == "depthwise" else tuple(range(ndim - 1))


def channel_ranges(kernel: Array, kind: str) -> Array:
    """The largest magnitude among each output channel's weights, (channels,)."""
    largest: Array = np.abs(kernel).max(axes_within_channel(kind, kernel.ndim))
    return largest


def full_scales(largest: Array) -> Array:
    """The scales at which the largest weights are the last levels. 1 for a channel of zeros: its bias needs one too."""
    scales: Array = np.where(largest > 0, largest / LEVELS, 1).astype(np.float32)
    return scales


def weight_scales(kernel: Array, kind: str) -> Array:
    """The scale of each output channel's int8 weights: largest / 127, or the grid that the weights lie on, if it fits.

    Weights read from a quantized file are whole multiples of one step. A channel that spans at most 127 of these steps
    is quantized without any error at that step, but not at largest / 127.
    """
    largest = channel_ranges(kernel, kind)
    scale = full_scales(largest)
    step = grid_step(kernel)
    if step is None:
        return scale
    fits = np.rint(largest / step) <= LEVELS
    return np.where(fits, np.float32(step), scale)


def tensor_scale(kernel: Array, kind: str, error: Callable[[Array], float]) -> Array:
    """One scale for all channels, repeated (channels,): the one of `SPANS` with the smallest `error`.

    One channel with large weights would leave few levels to the others; a smaller scale clips that channel instead.
    `error` is the mean squared error of the layer's output (Nagel et al. 2021, "A White Paper on Neural Network
    Quantization", section 3.1), so that a channel which saturates its activation anyway may be clipped.
    """
    largest = channel_ranges(kernel, kind)
    full = full_scales(np.full_like(largest, largest.max()))
    return min((full * np.float32(span) for span in SPANS), key=error)


def grid_step(kernel: Array) -> float | None:
    """The step of which all weights are whole multiples, or None. A uint8 file has at most 256 different values."""
    values = np.unique(np.abs(kernel))
    values = values[values > 0]
    if not 2 <= len(values) <= 256:
        return None
    gaps = np.diff(values, prepend=0)
    # Values are float32 products: equal ones may differ by an ulp. Gaps that small are no steps.
    step = gaps[gaps > 1e-5 * values[-1]].min()
    step = float(values[-1] / np.rint(values[-1] / step))
    whole = values / step
    return step if np.abs(whole - np.rint(whole)).max() < 1e-2 and whole[-1] <= 255.5 else None


def round_to_nearest(kernel: Array, scale: Array, kind: str) -> NDArray[np.int8]:
    """The levels of a kernel, each weight rounded to the nearest level on its own."""
    return np.clip(np.rint(kernel / along_channels(scale, kind)), -LEVELS, LEVELS).astype(np.int8)
