"""Where an inference spends its time: each op of the graph, timed in a model of its own.

The Python interpreters do not give the time of an op, so every op runs alone, with its own weights and shapes, in the
same interpreter on the same threads. This does not see what a delegate saves between ops: compare the sum with the
latency of the whole model.
"""

import copy
import statistics
from pathlib import Path
from typing import Any

from mobilenet_tf.errors import InputError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.results.records import OpTime
from mobilenet_tf.tflite.flatbuffer import op_names, pack, parse
from mobilenet_tf.tflite.interpreter import Session

from .latency import time_runs

__all__ = ["profile"]

WARMUP, RUNS = 3, 20


def profile(
    path: Path, *, backend: str = "auto", threads: int = 1, on_progress: OnProgress = ignore_progress
) -> list[OpTime]:
    """The median ms of each op, in the graph's order.

    Raises InputError if the .tflite schema is not installed (ai-edge-litert brings it), ModelError for an op that
    cannot run single.
    """
    try:
        model = parse(path.read_bytes())
    except ImportError as error:
        raise InputError("--profile reads the file by ai-edge-litert's schema: pip install ai-edge-litert.") from error
    names, graph, ops = op_names(model), model.subgraphs[0], []
    for index, op in enumerate(graph.operators):
        session = Session(pack(_model_of_one_op(model, op)), backend=backend, threads=threads)
        session.clear()
        done = index / len(names)
        times = time_runs(session, warmup=WARMUP, runs=RUNS, on_progress=part_of(on_progress, done, done))
        name = graph.tensors[op.outputs[0]].name
        ops.append(OpTime(name.decode(errors="replace"), names[index], statistics.median(times)))
        on_progress("timing each op", (index + 1) / len(names))
    return ops


def _model_of_one_op(model: Any, op: Any) -> Any:
    """A model of this op alone: its constants stay, everything else that it reads becomes an input."""
    single, graph = copy.copy(model), copy.copy(model.subgraphs[0])
    used = [index for index in (*op.inputs, *op.outputs) if index >= 0]
    place = {index: number for number, index in enumerate(dict.fromkeys(used))}
    tensors = [copy.copy(graph.tensors[index]) for index in place]
    single.buffers = [model.buffers[0]]
    for tensor in tensors:
        buffer = model.buffers[tensor.buffer]
        filled = buffer.data is not None and len(buffer.data) > 0
        tensor.buffer = len(single.buffers) if filled else 0
        single.buffers += [copy.copy(buffer)] if filled else []
    op = copy.copy(op)
    op.inputs = [place.get(index, -1) for index in op.inputs]
    op.outputs = [place[index] for index in op.outputs]
    graph.tensors, graph.operators, graph.outputs = tensors, [op], op.outputs
    graph.inputs = [index for index in op.inputs if index >= 0 and not tensors[index].buffer]
    single.subgraphs, single.metadata, single.metadataBuffer, single.signatureDefs = [graph], [], [], []
    return single
