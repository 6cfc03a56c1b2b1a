"""The TensorFlow functions that Keras 2 keeps as layers of a model: each as the same function of Keras 3.

A Keras 2 model in which somebody wrote `x / 127.5` or `tf.nn.relu6(x + 3.0)` has layers of the class TFOpLambda, which
Keras 3 does not know. They hold the function's name and its arguments, no code. TensorFlow is loaded with this module.
"""

from collections.abc import Callable, Sequence
from typing import Any

from mobilenet_tf.keras_loader import keras

__all__ = ["keras2_hard_sigmoid", "op_function"]

ops = keras.ops


def keras2_hard_sigmoid(x: Any) -> Any:
    """Keras 2's: 0.2 x + 0.5 within 0 and 1. Keras 3's function of this name is x / 6 + 0.5."""
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def op_function(name: str) -> Callable[..., Any] | None:
    """What computes the TensorFlow function `name`, such as `math.truediv`, with TensorFlow's arguments; else None."""
    return _OPS.get(name) or _OPS.get(name.removeprefix("compat.v1.").rpartition(".")[2])


def _split(value: Any, num_or_size_splits: int | Sequence[int], axis: int = 0) -> Any:
    if isinstance(num_or_size_splits, int):
        return ops.split(value, num_or_size_splits, axis)
    ends = [sum(num_or_size_splits[:count]) for count in range(1, len(num_or_size_splits))]
    return ops.split(value, ends, axis)


def _part(index: Any) -> Any:
    if not isinstance(index, dict):
        return index
    return ... if index.get("class_name") == "__ellipsis__" else slice(index["start"], index["stop"], index["step"])


def _sliced(x: Any, slice_spec: Any) -> Any:
    parts = slice_spec if isinstance(slice_spec, list) else [slice_spec]
    return x[tuple(_part(index) for index in parts)]


def _cast(x: Any, dtype: Any) -> Any:
    """Everything is computed in float32, whatever mixed precision the model was trained in."""
    return x if str(dtype).lstrip("<dtype: '").startswith(("float", "bfloat", "uint8")) else ops.cast(x, str(dtype))


def _resized(images: Any, size: Sequence[int], method: str = "bilinear") -> Any:
    return ops.image.resize(images, tuple(size), interpolation=method)


# By the last part of its name: TensorFlow has many functions under several names, as nn.relu6 and compat.v1.nn.relu6.
_OPS: dict[str, Callable[..., Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "truediv": lambda x, y: x / y,
    "divide": lambda x, y: x / y,
    "realdiv": lambda x, y: x / y,
    "pow": lambda x, y: x**y,
    "maximum": ops.maximum,
    "minimum": ops.minimum,
    "negative": ops.negative,
    "square": ops.square,
    "sqrt": ops.sqrt,
    "rsqrt": ops.rsqrt,
    "exp": ops.exp,
    "abs": ops.abs,
    "tanh": ops.tanh,
    "sigmoid": ops.sigmoid,
    "relu": ops.relu,
    "relu6": ops.relu6,
    "elu": ops.elu,
    "silu": lambda x, beta=1.0: x * ops.sigmoid(beta * x),
    "swish": lambda x, beta=1.0: x * ops.sigmoid(beta * x),
    "leaky_relu": lambda x, alpha=0.2: ops.leaky_relu(x, alpha),
    "softmax": lambda x, axis=-1: ops.softmax(x, axis),
    "clip_by_value": lambda x, clip_value_min, clip_value_max: ops.clip(x, clip_value_min, clip_value_max),
    "reduce_mean": lambda x, axis=None, keepdims=False: ops.mean(x, _axes(axis), keepdims),
    "reduce_max": lambda x, axis=None, keepdims=False: ops.max(x, _axes(axis), keepdims),
    "reduce_sum": lambda x, axis=None, keepdims=False: ops.sum(x, _axes(axis), keepdims),
    "concat": lambda x, axis: ops.concatenate(x, axis),
    "stack": lambda x, axis=0: ops.stack(x, axis),
    "split": _split,
    "getitem": _sliced,
    "reshape": lambda x, shape: ops.reshape(x, tuple(shape)),
    "transpose": lambda x, perm=None: ops.transpose(x, perm),
    "squeeze": lambda x, axis=None: ops.squeeze(x, _axes(axis)),
    "expand_dims": lambda x, axis: ops.expand_dims(x, axis),
    "cast": _cast,
    "resize": _resized,
    "identity": lambda x: x,
    "stop_gradient": lambda x: x,
}


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis
