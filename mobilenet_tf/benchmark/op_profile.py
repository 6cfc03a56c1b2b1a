"""Where an inference spends its time: each op of the graph, timed in a model of its own.

The Python interpreters tell no op's time, so every op runs alone, with its own weights and shapes, in the same
interpreter on the same threads. What that leaves out is what a delegate saves between ops: compare the sum with the
whole's latency.
"""

import copy
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mobilenet_tf.errors import InputError
from mobilenet_tf.results.records import OpTime
from mobilenet_tf.tflite.flatbuffer import op_names, pack, parse
from mobilenet_tf.tflite.interpreter import Session

from .latency import time_runs

__all__ = ["profile"]

WARMUP, RUNS = 3, 20


def profile(
    path: Path, *, backend: str = "auto", threads: int = 1, tell: Callable[[float], None] = lambda _: None
) -> list[OpTime]:
    """The median ms of each op, in the graph's order.

    Raises InputError where the .tflite schema is not installed (ai-edge-litert brings it), ModelError for an op that
    cannot run alone.
    """
    try:
        model = parse(path.read_bytes())
    except ImportError as error:
        raise InputError("--profile reads the file by ai-edge-litert's schema: pip install ai-edge-litert.") from error
    names, graph, found = op_names(model), model.subgraphs[0], []
    for index, op in enumerate(graph.operators):
        session = Session(pack(_alone(model, op)), backend=backend, threads=threads)
        session.clear()
        times = time_runs(session, warmup=WARMUP, runs=RUNS)
        name = graph.tensors[op.outputs[0]].name
        found.append(OpTime(name.decode(errors="replace"), names[index], statistics.median(times)))
        tell((index + 1) / len(names))
    return found


def _alone(model: Any, op: Any) -> Any:
    """A model of one op: its constants stay, everything else that it reads is an input."""
    alone, graph = copy.copy(model), copy.copy(model.subgraphs[0])
    used = [index for index in (*op.inputs, *op.outputs) if index >= 0]
    place = {index: number for number, index in enumerate(dict.fromkeys(used))}
    tensors = [copy.copy(graph.tensors[index]) for index in place]
    alone.buffers = [model.buffers[0]]
    for tensor in tensors:
        buffer = model.buffers[tensor.buffer]
        filled = buffer.data is not None and len(buffer.data) > 0
        tensor.buffer = len(alone.buffers) if filled else 0
        alone.buffers += [copy.copy(buffer)] if filled else []
    single = copy.copy(op)
    single.inputs = [place.get(index, -1) for index in op.inputs]
    single.outputs = [place[index] for index in op.outputs]
    graph.tensors, graph.operators, graph.outputs = tensors, [single], single.outputs
    graph.inputs = [index for index in single.inputs if index >= 0 and not tensors[index].buffer]
    alone.subgraphs, alone.metadata, alone.metadataBuffer, alone.signatureDefs = [graph], [], [], []
    return alone
