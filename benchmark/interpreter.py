"""One thin face over the TFLite interpreters."""

import importlib
from dataclasses import dataclass
from importlib import metadata as distributions
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import InputError, ModelError

__all__ = ["BACKENDS", "Session", "TensorInfo"]

# name -> (module with the Interpreter, distribution that brings it), in the order `auto` tries them
BACKENDS = {
    "ai-edge-litert": ("ai_edge_litert.interpreter", "ai-edge-litert"),
    "tflite-runtime": ("tflite_runtime.interpreter", "tflite-runtime"),
}


@dataclass(frozen=True)
class TensorInfo:
    """An input or output: its dtype, shape, and real = scale * (q - zero_point); scale is 0 for floats."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    scale: float
    zero_point: int


class Session:
    """A model loaded in one interpreter. Raises ModelError for a file that is no .tflite model."""

    def __init__(self, model: Path, *, backend: str = "auto", threads: int = 1) -> None:
        self.backend, interpreter = _interpreter(backend)
        if not model.is_file():
            raise ModelError(f"expected a .tflite file; {model} does not exist.")
        try:
            self._interpreter = interpreter(model_content=model.read_bytes(), num_threads=threads)
            self._interpreter.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            reason = str(error).splitlines()[0][:120]
            raise ModelError(f"cannot load {model}: {reason}\nIt is damaged, or no .tflite model.") from error
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]
        self.input, self.output = _info(self._input), _info(self._output)

    def run(self, tensor: NDArray[Any]) -> NDArray[Any]:
        """One inference: the input tensor as the model takes it -> its output, batch axis and all."""
        self._interpreter.set_tensor(self._input["index"], tensor)
        self._interpreter.invoke()
        output: NDArray[Any] = self._interpreter.get_tensor(self._output["index"])
        return output


def _interpreter(backend: str) -> tuple[str, Any]:
    names = list(BACKENDS) if backend == "auto" else [backend]
    for name in names:
        module, distribution = BACKENDS[name]
        try:
            interpreter = importlib.import_module(module).Interpreter
        except ImportError:
            continue
        return f"{name} {distributions.version(distribution)}", interpreter
    raise InputError(f"no TFLite interpreter found; install one: pip install {BACKENDS[names[0]][1]}.")


def _info(details: Any) -> TensorInfo:
    scale, zero_point = details["quantization"]
    return TensorInfo(
        np.dtype(details["dtype"]), tuple(int(n) for n in details["shape"]), float(scale), int(zero_point)
    )
