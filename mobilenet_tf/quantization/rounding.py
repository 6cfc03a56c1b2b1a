"""GPTQ: weights are rounded one after the other, and those not yet rounded compensate for the error of each.

Frantar et al. 2022, "GPTQ: Accurate Post-Training Quantization for Generative Pre-trained Transformers", algorithm 1,
on the Cholesky factor of the inverse Hessian (after Frantar and Alistarh 2022, "Optimal Brain Compression"). A layer's
Hessian is made of the second moments of its inputs in the quantized network. They are taken about the mean, because
the bias correction makes up for a shift of the mean. TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import tf

from .graph import Node
from .simulation import LEVELS

__all__ = ["gptq_helps", "input_moments", "round_with_gptq"]

DAMPING = 0.01  # share of the mean of the diagonal that is added to it, as in the paper
SAMPLES = 5_000_000  # input values that the moments are taken of, at most: this bounds the memory

Array = NDArray[np.float32]
Float64 = NDArray[np.float64]


def gptq_helps(activations: str | None, per_tensor: bool) -> bool:
    """Whether GPTQ makes a file better. It does not for int8 activations and one scale per channel: there the
    activations lose more than the weights.
    """
    return per_tensor or activations != "int8"


def input_moments(node: Node, inputs: Sequence[Any], rng: np.random.Generator) -> Float64:
    """The second moments of the inputs that the weights are multiplied by, (groups, taps, taps).

    The taps of a group are the positions of its kernel times its input channels. A depthwise layer has a group for
    each channel.

    inputs: chunks (n, h, w, channels), or (n, in) for a dense layer.
    rng:    chooses the output positions that are looked at.
    """
    assert node.kernel is not None
    if node.kind == "dense":
        return _moments(np.concatenate([np.asarray(part) for part in inputs])[None])
    count, channels = sum(len(part) for part in inputs), inputs[0].shape[-1]
    height, width = node.kernel.shape[:2]
    groups = channels if node.kind == "depthwise" else channels // node.kernel.shape[2]
    positions = max(1, SAMPLES // (count * height * width * channels))
    patches = np.concatenate([_patches(node, np.asarray(part), positions, rng) for part in inputs])
    of_groups = patches.reshape(*patches.shape[:2], groups, -1).transpose(2, 0, 1, 3)
    return _moments(of_groups.reshape(groups, len(patches), -1))


def _patches(node: Node, x: Array, count: int, rng: np.random.Generator) -> Array:
    """The inputs of the kernel at `count` output positions of each image: (n * count, taps, channels)."""
    size, stride = node.kernel.shape[:2], node.strides  # type: ignore[union-attr]
    if node.padding == "SAME":
        out = [-(-length // s) for length, s in zip(x.shape[1:3], stride, strict=True)]
        total = [max(0, (o - 1) * s + k - n) for o, s, k, n in zip(out, stride, size, x.shape[1:3], strict=True)]
        x = np.pad(x, ((0, 0), *((t // 2, t - t // 2) for t in total), (0, 0)))
    else:
        out = [(n - k) // s + 1 for n, k, s in zip(x.shape[1:3], size, stride, strict=True)]
    chosen = rng.permutation(out[0] * out[1])[:count]
    rows, columns = chosen // out[1] * stride[0], chosen % out[1] * stride[1]
    taps = [x[:, rows + dy, columns + dx] for dy in range(size[0]) for dx in range(size[1])]
    return np.stack(taps, axis=2).reshape(-1, len(taps), x.shape[-1])


def _moments(rows: Array) -> Float64:
    """(groups, n, k) -> (groups, k, k), about the mean."""
    centred = rows - rows.mean(-2, keepdims=True)
    # NumPy has no fast path for a stack of products; TensorFlow has.
    product = tf.matmul(np.ascontiguousarray(centred), centred, transpose_a=True)
    return np.asarray(product, np.float64) / rows.shape[-2]


def round_with_gptq(kernel: Array, scale: Array, moments: Float64) -> NDArray[np.int8]:
    """The levels of a kernel at `scale` (channels,), within [-127, 127], in the kernel's shape.

    moments: as `input_moments` gives them.
    """
    groups = len(moments)
    columns = kernel.reshape(-1, groups, len(scale) // groups)
    levels = _round(columns.transpose(1, 0, 2), scale.reshape(groups, -1), moments)
    return levels.transpose(1, 0, 2).reshape(kernel.shape).astype(np.int8)


def _round(weights: Array, scale: Array, moments: Float64, block: int = 64) -> Float64:
    """weights (b, in, out), scale (b, out), moments (b, in, in) -> whole levels (b, in, out)."""
    size = weights.shape[1]
    diagonal = np.einsum("bii->bi", moments)
    damping = DAMPING * diagonal.mean(1) + 1e-12
    # Weights whose inputs vary most are rounded first, while many others are left to compensate for them.
    order = np.argsort(-diagonal, axis=1, kind="stable")
    left = np.take_along_axis(weights.astype(np.float64), order[..., None], 1)
    hessian = np.take_along_axis(np.take_along_axis(moments, order[..., None], 1), order[:, None], 2)
    hessian = hessian + damping[:, None, None] * np.eye(size)
    # NumPy's inverses of many small matrices let threads wait for each other: on a busy machine it takes seconds for
    # a depthwise layer, and TensorFlow milliseconds (experiments/inverses.py).
    inverse = np.asarray(tf.linalg.inv(hessian))
    upper = np.swapaxes(np.linalg.cholesky(inverse), 1, 2)
    levels = np.zeros_like(left)
    for start in range(0, size, block):
        stop = min(start + block, size)
        errors = np.zeros((len(left), stop - start, left.shape[2]))
        for i in range(start, stop):
            levels[:, i] = np.clip(np.rint(left[:, i] / scale), -LEVELS, LEVELS)
            error = (left[:, i] - levels[:, i] * scale) / upper[:, i, i, None]
            left[:, i + 1 : stop] -= upper[:, i, i + 1 : stop, None] * error[:, None]
            errors[:, i - start] = error
        left[:, stop:] -= np.swapaxes(upper[:, start:stop, stop:], 1, 2) @ errors
    rounded = np.empty_like(levels)
    np.put_along_axis(rounded, order[..., None], levels, 1)
    return rounded
