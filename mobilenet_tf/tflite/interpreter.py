"""One interface to the TFLite interpreters: ai-edge-litert, tflite-runtime and TensorFlow's own tf.lite."""

import importlib
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import metadata as distributions
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError, missing_package

from .load_error import first_line, load_error
from .threads import check_threads

__all__ = ["AUTO", "BACKENDS", "Delegation", "Session", "TensorInfo", "has_channels_first"]

# name -> (module that has the Interpreter, distributions one of which installs it)
BACKENDS = {
    "ai-edge-litert": ("ai_edge_litert.interpreter", ("ai-edge-litert",)),
    "tflite-runtime": ("tflite_runtime.interpreter", ("tflite-runtime",)),
    "tf.lite": ("tensorflow.lite.python.interpreter", ("tensorflow", "tensorflow-cpu")),
}
AUTO = ("ai-edge-litert", "tflite-runtime")  # what `auto` tries, in this order; TensorFlow only if it is named

DELEGATE = "DELEGATE"  # what interpreters call the op that a delegate puts in the place of several
Delegation = Literal["whole", "part", "none", "unknown"]


@dataclass(frozen=True)
class TensorInfo:
    """An input or output: its dtype, shape, and real = scale * (q - zero_point); scale is 0 for floats."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    scale: float
    zero_point: int
    name: str = ""


def has_channels_first(shape: Sequence[int]) -> bool:
    """Whether the shape of an image is (1, 3, height, width), as networks of PyTorch take it."""
    return len(shape) == 4 and shape[1] == 3 and shape[3] not in (1, 3)


class Session:
    """The bytes of a model loaded in one interpreter, with XNNPACK if the interpreter has it and `delegate` is true.

    name: what an error message calls the model.
    res:  the height and width of an input that leaves them open; others keep theirs.
    Raises ModelError for a file that is no .tflite model, or that leaves height and width open if no `res` is given;
    MissingPackageError if the interpreter is not installed; InputError for a number of threads that cannot be.
    """

    def __init__(
        self,
        model: bytes,
        *,
        backend: str = "auto",
        threads: int = 1,
        delegate: bool = True,
        name: str = "the model",
        res: int | None = None,
    ) -> None:
        check_threads(threads)
        self.backend, module = _module(backend)
        resolver, self._is_resized = module.OpResolverType, False
        try:
            self._interpreter = module.Interpreter(
                model_content=model,
                num_threads=threads,
                experimental_op_resolver_type=(
                    resolver.AUTO if delegate else resolver.BUILTIN_WITHOUT_DEFAULT_DELEGATES
                ),
            )
            self._set_resolution(res, name)
            self._interpreter.allocate_tensors()
            if any(_is_open(details) for details in self._interpreter.get_output_details()):
                self.clear()
                self._interpreter.invoke()  # such a shape is known only after an inference
            self.inputs = [_info(details) for details in self._interpreter.get_input_details()]
            self.outputs = [_info(details) for details in self._interpreter.get_output_details()]
            self._input = self._interpreter.get_input_details()[0]
            self._output = self._interpreter.get_output_details()[0]
        except (ValueError, RuntimeError, IndexError) as error:
            resized = res if self._is_resized else None
            raise load_error(error, model, name=name, backend=self.backend, res=resized) from error
        self.input, self.output = self.inputs[0], self.outputs[0]

    def _set_resolution(self, res: int | None, name: str) -> None:
        """Give the first input its height and width if the file leaves them open. Raises ModelError without `res`."""
        details = self._interpreter.get_input_details()[0]
        signature = _signature(details)
        if len(signature) != 4:
            return
        channels_first = has_channels_first(signature)
        if channels_first:
            signature = [signature[0], *signature[2:], signature[1]]
        # Converters of before shape signatures write 1 for a size that is open. Only images are meant.
        unsigned = signature[1:3] == [1, 1] and signature[3] in (1, 3)
        if min(signature[1:3]) > 0 and not unsigned:
            return
        res = max(signature[1:3]) if max(signature[1:3]) > 1 else res  # images are square: one size gives the other
        if res is None:
            raise ModelError(
                f"{name} takes images of any height and width, ({', '.join(map(str, signature))}): give --res N, the "
                "resolution in pixels to run it at,\nfor example the one that it was trained at."
            )
        channels = signature[3] if signature[3] > 0 else 3
        self._is_resized = True
        shape = [1, channels, res, res] if channels_first else [1, res, res, channels]
        self._interpreter.resize_tensor_input(details["index"], shape)

    def set(self, tensor: NDArray[Any]) -> None:
        """Copy the input tensor, of the dtype and shape that the model takes, into the interpreter."""
        self._interpreter.set_tensor(self._input["index"], tensor)

    def clear(self) -> None:
        """Set every input to zeros."""
        for details in self._interpreter.get_input_details():
            self._interpreter.set_tensor(details["index"], np.zeros(details["shape"], details["dtype"]))

    def invoke(self) -> None:
        """One inference on the input that was set; nothing is copied. Raises ModelError."""
        try:
            self._interpreter.invoke()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"the inference failed: {first_line(error)}") from error

    def time_invoke(self) -> float:
        """The time of one inference on the input that was set, in ms."""
        start = time.perf_counter_ns()
        self.invoke()
        return (time.perf_counter_ns() - start) / 1e6

    def get(self) -> NDArray[Any]:
        """A copy of the output, with its batch axis."""
        output: NDArray[Any] = self._interpreter.get_tensor(self._output["index"])
        return output

    def get_all(self) -> list[NDArray[Any]]:
        """Copies of all outputs, in their order, with their batch axes."""
        return [self._interpreter.get_tensor(details["index"]) for details in self._interpreter.get_output_details()]

    def run(self, tensor: NDArray[Any]) -> NDArray[Any]:
        """One inference: the input tensor -> a copy of the output, both with their batch axis. Raises ModelError."""
        try:
            self.set(tensor)
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"the inference failed: {first_line(error)}") from error
        self.invoke()
        return self.get()

    @cached_property
    def _run_ops(self) -> list[str] | None:
        """The ops that are run, delegates included, from the last to the first; None if the interpreter lists no ops.

        The interpreter's list still holds the ops that a delegate has replaced. Those that run are found from the
        output backwards, a delegate's op before those that it replaced.
        """
        try:
            ops = self._interpreter._get_ops_details()
        except (AttributeError, RuntimeError, ValueError):
            return None
        # Delegates stand last in the list, so that here they overwrite the ops that they replaced.
        makers = {int(tensor): op for op in ops for tensor in op["outputs"]}
        needed, seen, run = [int(self._output["index"])], set(), []
        while needed:
            op = makers.get(needed.pop())
            if op is None or op["index"] in seen:
                continue
            seen.add(op["index"])
            run.append(str(op["op_name"]))
            needed += [int(tensor) for tensor in op["inputs"]]
        return run

    @property
    def undelegated_ops(self) -> list[str] | None:
        """The ops that no delegate took over; None if the interpreter lists no ops."""
        return None if self._run_ops is None else [name for name in self._run_ops if name != DELEGATE]

    @property
    def xnnpack(self) -> Delegation:
        """How much of the graph XNNPACK took over, the only delegate that comes with these interpreters."""
        if self._run_ops is None:
            return "unknown"
        if DELEGATE not in self._run_ops:
            return "none"
        return "part" if self.undelegated_ops else "whole"

    @property
    def left_by_xnnpack(self) -> list[str]:
        """The ops that XNNPACK left to the interpreter's slower kernels, if it took others; each once, sorted.

        Without the softmax of int8 files, which it always leaves and which takes microseconds.
        """
        left = set(self.undelegated_ops or ()) if self.xnnpack == "part" else set()
        return sorted(left - {"SOFTMAX"})


def _module(backend: str) -> tuple[str, Any]:
    names = AUTO if backend == "auto" else (backend,)
    for name in names:
        module, distributed_as = BACKENDS[name]
        try:
            loaded = importlib.import_module(module)
        except ImportError:
            continue
        return f"{name} {_version(distributed_as)}", loaded
    raise missing_package(BACKENDS[names[0]][0].partition(".")[0])


def _version(distributed_as: tuple[str, ...]) -> str:
    for name in distributed_as:
        try:
            return distributions.version(name)
        except distributions.PackageNotFoundError:
            continue
    return "of unknown version"


def _info(details: Any) -> TensorInfo:
    """Raises ValueError for a scale that no integer can stand for a number by."""
    scale, zero_point = details["quantization"]
    dtype, shape = np.dtype(details["dtype"]), tuple(int(n) for n in details["shape"])
    if not np.issubdtype(dtype, np.integer):
        scale, zero_point = 0.0, 0  # whatever the file says
    if not (math.isfinite(scale) and scale >= 0):
        raise ValueError(f"the scale of its tensor {str(details['name'])[:40]} is {scale}")
    return TensorInfo(dtype, shape, float(scale), int(zero_point), str(details["name"]))


def _signature(details: Any) -> list[int]:
    """The shape of an input or output as the file has it: -1 for a size that it leaves open."""
    return [int(size) for size in details.get("shape_signature", ())] or [int(size) for size in details["shape"]]


def _is_open(details: Any) -> bool:
    """Whether the shape of an output is open, but for its batch."""
    return min(_signature(details)[1:], default=1) < 0
