"""Read and write the .tflite flatbuffer: ops, tensors, buffers."""

from collections import Counter
from typing import Any

import flatbuffers
import numpy as np

from .flat_table import Table
from .graph_reader import OPERATOR_CODES, OPERATORS, SUBGRAPHS

__all__ = ["append_buffer", "describe_ops", "op_codes", "op_names", "pack", "parse"]

# More fields of the tables in TFLite's schema.fbs, by number.
BUFFERS, METADATA, SIGNATURES, TENSORS = 4, 6, 7, 0
MOST_TABLES = 50_000  # the deepest networks have some thousand tensors, ops and buffers


def parse(model: bytes) -> Any:
    """The bytes of a .tflite -> schema's ModelT object tree.

    Raises ValueError for a file of far more tables than any network has; and for a damaged one whatever its offsets
    lead to: ValueError, LookupError, TypeError, AttributeError or struct.error.
    """
    from ai_edge_litert import schema_py_generated as schema

    _refuse_many_tables(model)
    return schema.ModelT.InitFromPackedBuf(model, 0)


def _refuse_many_tables(model: bytes) -> None:
    """Each table takes time and memory, and a few bytes can name the same ones again and again."""
    root = Table.root(model)
    count = sum(root.count(field) for field in (OPERATOR_CODES, SUBGRAPHS, BUFFERS, METADATA, SIGNATURES))
    if count <= MOST_TABLES:
        count += sum(graph.count(TENSORS) + graph.count(OPERATORS) for graph in root.tables(SUBGRAPHS))
    if count > MOST_TABLES:
        raise ValueError(f"it has {count} tensors, ops and other tables; networks have less than {MOST_TABLES}")


def pack(model: Any) -> bytes:
    """ModelT -> bytes, with buffers aligned to 16 bytes: TFLite's schema requires it, the generated packer omits it."""
    from ai_edge_litert import schema_py_generated as schema

    class AlignedBuffer(schema.BufferT):  # type: ignore[misc]
        def Pack(self, builder: Any) -> Any:  # noqa: N802 (flatbuffers' name)
            if self.data is None or not len(self.data):
                return super().Pack(builder)
            data = np.asarray(self.data, np.uint8).tobytes()
            builder.StartVector(1, len(data), 16)
            builder.head -= len(data)
            builder.Bytes[builder.head : builder.head + len(data)] = data
            vector = builder.EndVector()
            schema.BufferStart(builder)
            schema.BufferAddData(builder, vector)
            return schema.BufferEnd(builder)

    for index, buffer in enumerate(model.buffers):
        aligned = AlignedBuffer()
        aligned.data, aligned.offset, aligned.size = buffer.data, buffer.offset, buffer.size
        model.buffers[index] = aligned
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def append_buffer(model: Any, data: bytes) -> int:
    """Add a buffer to a ModelT -> its index."""
    from ai_edge_litert import schema_py_generated as schema

    buffer = schema.BufferT()
    buffer.data = np.frombuffer(data, np.uint8)
    model.buffers.append(buffer)
    return len(model.buffers) - 1


def op_names(model: Any) -> list[str]:
    """The name of each operator of the first subgraph, in order: CONV_2D, ..."""
    from ai_edge_litert import schema_py_generated as schema

    names = enum_names(schema.BuiltinOperator)
    return [names[code] for code in op_codes(model)]


def op_codes(model: Any) -> list[int]:
    """The number of each operator of the first subgraph in the schema's BuiltinOperator, in order."""
    # Files older than schema 3a hold the code in an int8, newer ones in an int32. The larger one is the right one.
    codes = [max(code.builtinCode, code.deprecatedBuiltinCode) for code in model.operatorCodes]
    return [codes[op.opcodeIndex] for op in model.subgraphs[0].operators]


def enum_names(enum: Any) -> dict[int, str]:
    """The names of one of the schema's enumerations by their values."""
    return {value: name for name, value in vars(enum).items() if not name.startswith("_")}


def describe_ops(model: Any) -> tuple[dict[str, int], list[tuple[str, set[str]]]]:
    """(How often each op of a ModelT occurs, and for each op its name and the dtypes of its activations)."""
    from ai_edge_litert import schema_py_generated as schema

    dtypes = enum_names(schema.TensorType)
    graph, names = model.subgraphs[0], op_names(model)
    activations = [
        (name, {dtypes[graph.tensors[index].type] for index in (op.inputs[0], *op.outputs)})
        for name, op in zip(names, graph.operators, strict=True)
    ]
    return dict(Counter(names)), activations
