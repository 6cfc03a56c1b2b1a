"""Build a .tflite from nothing: tensors, constants and ops are appended, and a signature names both ends."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .flatbuffer import append_buffer

__all__ = ["INPUT_NAME", "OUTPUT_NAME", "SIGNATURE", "ModelBuilder", "Steps"]

SCHEMA_VERSION = 3
SIGNATURE, INPUT_NAME, OUTPUT_NAME = "serving_default", "image", "scores"


@dataclass(frozen=True)
class Steps:
    """How integers stand for real numbers: real = scale * (q - zero_point), per tensor or along `axis`."""

    scale: NDArray[np.float32]
    zero_point: NDArray[np.int64]
    axis: int = 0

    @staticmethod
    def of(scale: float, zero_point: int = 0) -> "Steps":
        """One scale for the whole tensor."""
        return Steps(np.array([scale], np.float32), np.array([zero_point], np.int64))


class ModelBuilder:
    """A model of one subgraph that grows by one tensor or op at a time."""

    def __init__(self, description: str) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self._schema = schema
        self._model = schema.ModelT()
        self._graph = schema.SubGraphT()
        self._graph.name = "main"
        self._graph.tensors, self._graph.operators = [], []
        self._model.version, self._model.description = SCHEMA_VERSION, description
        self._model.subgraphs = [self._graph]
        self._model.buffers = [schema.BufferT()]  # buffer 0 is empty by definition
        self._model.operatorCodes = []
        self._opcodes: dict[tuple[int, int], int] = {}
        self._names: Counter[str] = Counter()

    def tensor(self, name: str, dtype: str, shape: Sequence[int], steps: Steps | None = None) -> int:
        """Append a tensor that an op gives, or the input -> its index. dtype: NumPy's name, such as int8.

        A name that stands already is numbered: LiteRT's quantizer refuses a model in which two tensors have one name.
        """
        tensor = self._schema.TensorT()
        tensor.name, tensor.type = self._unique(name), getattr(self._schema.TensorType, dtype.upper())
        tensor.shape, tensor.buffer = np.array(shape, np.int32), 0
        tensor.hasRank = True
        if steps is not None:
            quantization = self._schema.QuantizationParametersT()
            quantization.scale, quantization.zeroPoint = steps.scale, steps.zero_point
            quantization.quantizedDimension = steps.axis
            tensor.quantization = quantization
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def _unique(self, name: str) -> str:
        self._names[name] += 1
        return name if self._names[name] == 1 else self._unique(f"{name} {self._names[name]}")

    def constant(self, name: str, values: NDArray[Any], steps: Steps | None = None) -> int:
        """Append a constant tensor -> its index."""
        index = self.tensor(name, values.dtype.name, values.shape, steps)
        self._graph.tensors[index].buffer = append_buffer(self._model, values.tobytes())
        return index

    def op(self, name: str, version: int, inputs: Sequence[int], output: int, options: Any = None) -> None:
        """Append an op. options: its table object in the schema, such as Conv2DOptionsT."""
        operator = self._schema.OperatorT()
        operator.opcodeIndex = self._opcode(name, version)
        operator.inputs, operator.outputs = np.array(inputs, np.int32), np.array([output], np.int32)
        if options is not None:
            kind = type(options).__name__.removesuffix("T")
            operator.builtinOptionsType = getattr(self._schema.BuiltinOptions, kind)
            operator.builtinOptions = options
        self._graph.operators.append(operator)

    def custom_op(self, name: str, inputs: Sequence[int], outputs: Sequence[int], options: bytes) -> None:
        """Append an op that is none of the schema's. options: as the op itself reads them."""
        operator, entry = self._schema.OperatorT(), self._schema.OperatorCodeT()
        entry.deprecatedBuiltinCode = entry.builtinCode = self._schema.BuiltinOperator.CUSTOM
        entry.customCode, entry.version = name, 1
        operator.opcodeIndex = len(self._model.operatorCodes)
        operator.inputs, operator.outputs = np.array(inputs, np.int32), np.array(outputs, np.int32)
        operator.customOptions = np.frombuffer(options, np.uint8)
        self._model.operatorCodes.append(entry)
        self._graph.operators.append(operator)

    def _opcode(self, name: str, version: int) -> int:
        code = getattr(self._schema.BuiltinOperator, name)
        if (code, version) not in self._opcodes:
            entry = self._schema.OperatorCodeT()
            # Readers of schema 3 and older know only the first field, which has a place for 127 ops.
            entry.deprecatedBuiltinCode, entry.builtinCode, entry.version = min(code, 127), code, version
            self._opcodes[code, version] = len(self._model.operatorCodes)
            self._model.operatorCodes.append(entry)
        return self._opcodes[code, version]

    def finish(self, image: int, outputs: int | Mapping[str, int]) -> Any:
        """Declare the input and the outputs -> the ModelT.

        outputs: the scores; or several outputs by their names in the signature, in order.
        """
        named = outputs if isinstance(outputs, Mapping) else {OUTPUT_NAME: outputs}
        self._graph.inputs = np.array([image], np.int32)
        self._graph.outputs = np.array([*named.values()], np.int32)
        signature = self._schema.SignatureDefT()
        signature.signatureKey, signature.subgraphIndex = SIGNATURE, 0
        signature.inputs = [self._named(INPUT_NAME, image)]
        signature.outputs = [self._named(name, tensor) for name, tensor in named.items()]
        self._model.signatureDefs = [signature]
        return self._model

    def _named(self, name: str, tensor: int) -> Any:
        entry = self._schema.TensorMapT()
        entry.name, entry.tensorIndex = name, tensor
        return entry
