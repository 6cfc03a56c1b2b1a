"""Mixed precision, the last resort: the ops whose rounding costs most compute in float until int8 is near enough.

The nodes' outputs are put in the order of the divergence that their rounding adds to the softmax, or to a detector's
boxes and scores (see sensitivity.py), and the first of them stay float: as many as it takes until the network agrees
with the float one as often as was asked for, on images held back. A value stays float only if the op that gives it and
those that take it all compute in float (Dong et al. 2019, "HAWQ", section 3, chooses by sensitivity in the same way).
Float rather than int16: XNNPACK has kernels for it, and none for int16. TensorFlow is loaded with this module.
"""

import os
import statistics
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import CheckError, InputError
from mobilenet_tf.progress import OnProgress, ignore_progress
from mobilenet_tf.tasks.detection import AGREEMENT_SCORE, detection_agreement
from mobilenet_tf.terminal import shortened_list
from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.interpreter import Session

from .detection_end import DetectionEnd, detections_of, end_of
from .file_writer import write_integer
from .graph import Graph, Node
from .ranges import observed_ranges
from .sensitivity import divergence_within, measured
from .simulation import Quantized, QuantizedLayer

__all__ = ["agreement_with", "ops_in_float", "with_mixed_precision"]

MOST_IN_FLOAT = 0.5  # of the ops: with more, a file is no faster than the float file and as large
ROUNDS, RUNS = 5, 10  # of the latency of both files, measured in turn

UInt8 = NDArray[np.uint8]


def with_mixed_precision(
    quantized: Quantized,
    graph: Graph,
    images: UInt8,
    max_drop: float,
    on_progress: OnProgress = ignore_progress,
) -> tuple[Quantized, str]:
    """The network with as few ops in float as the bound allows, and a sentence that names them and what they cost.

    quantized: of int8 activations, made from `graph`.
    images:    uint8 (n, res, res, 3), best not those that calibrated. Every second one decides which ops cost most; on
               the others the bound must hold.
    max_drop:  the percentage, at most, that may differ: of images, by the best class; of a detector, of the objects
               that it or the float network finds.
    Raises InputError for a bound that is no percentage, fewer than 20 images, or images on which a detector finds
    nothing; CheckError if the bound does not hold with half of the ops in float.
    """
    if not 0 <= max_drop <= 100 or len(images) < 20:
        raise InputError(
            f"expected a largest drop of 0 to 100 percent and at least 20 images to measure it on; got {max_drop:g} "
            f"and {len(images)} images.\nGive a folder with more photos, or another bound."
        )
    searched, held_back = images[::2], images[1::2]
    expected = _answers(end_of(graph), map(graph, graph.chunks(held_back)))
    compared, before = _compared(graph, expected), _agreement(quantized, held_back, expected)
    if round(100 * (1 - before), 6) <= max_drop:
        return quantized, f"{_percent(before)} {compared} agree with float: no op needs to stay float."
    order = _costliest_first(quantized, searched)
    allowed = MOST_IN_FLOAT * len(graph.nodes)
    fewest, most = 1, sum(len(_ops_beside(quantized, order[:count])) <= allowed for count in range(1, len(order) + 1))
    chosen, after, highest = None, before, before
    tried = 0
    while fewest <= most:  # bisection: more ops in float, fewer answers that differ
        count = (fewest + most) // 2
        candidate = ops_in_float(quantized, order[:count])
        share = _agreement(candidate, held_back, expected)
        tried, highest = tried + 1, max(highest, share)
        on_progress(f"mixed precision, {count} values in float", min(0.9, tried / (1 + np.log2(len(order)))))
        if round(100 * (1 - share), 6) <= max_drop:
            chosen, after, most = candidate, share, count - 1
        else:
            fewest = count + 1
    on_progress("mixed precision, latency", 0.9)
    if chosen is None:
        raise CheckError(
            f"int8 agrees with float on {_percent(before)} {compared}, and on {_percent(highest)} if the ops that cost "
            f"most compute in float, up to half of them; a drop of {max_drop:g} % was allowed.\n"
            "With more ops in float a file is no faster than a float one: try --quant float16, or a larger --max-drop."
        )
    return chosen, _note(quantized, chosen, (before, after), len(held_back))


def ops_in_float(quantized: Quantized, values: Sequence[int]) -> Quantized:
    """The network in which the outputs of some nodes are never rounded, nor the weights of ops in float."""
    ops = _ops_beside(quantized, values)
    weighted = [index for index, node in enumerate(quantized.graph.nodes) if node.kernel is not None]
    layers = [
        _in_float(quantized.graph.nodes[index], layer) if index in ops else layer
        for index, layer in zip(weighted, quantized.layers, strict=True)
    ]
    exceptions = {**quantized.exceptions, **dict.fromkeys(sorted(ops), "float32")}
    return replace(quantized, layers=tuple(layers), exceptions=exceptions)


def _ops_beside(quantized: Quantized, values: Sequence[int]) -> set[int]:
    """The nodes that give these values, and those that take them."""
    return {user for index in values for user in (index, *quantized.graph.consumers(index))}


def _in_float(node: Node, layer: QuantizedLayer) -> QuantizedLayer:
    assert node.kernel is not None
    assert node.bias is not None
    return replace(layer, kernel=node.kernel, scale=np.ones_like(node.bias), bias=node.bias)


def agreement_with(quantized: Quantized, graph: Graph, images: UInt8) -> float:
    """How often the simulated network agrees with the float graph on images (n, res, res, 3): the share of those to
    which it gives its best class; of a detector see detection_agreement.
    """
    return _agreement(quantized, images, _answers(end_of(graph), map(graph, graph.chunks(images))))


def _agreement(quantized: Quantized, images: UInt8, expected: list[Any]) -> float:
    """See agreement_with. expected: the float graph's answers."""
    end = end_of(quantized.graph)
    outputs = (deque(quantized.outputs(chunk), maxlen=1)[0][1] for chunk in quantized.graph.chunks(images))
    found = _answers(end, outputs)
    if end is not None:
        return detection_agreement(found, expected, AGREEMENT_SCORE)
    return float(np.mean(np.equal(found, expected)))


def _answers(end: DetectionEnd | None, outputs: Iterable[Any]) -> list[Any]:
    """The best class of each image, or what a detector finds on it. outputs: of several images each."""
    if end is not None:
        return [one for output in outputs for one in detections_of(end, np.asarray(output))]
    return [best for output in outputs for best in np.asarray(output).reshape(len(output), -1).argmax(1).tolist()]


def _compared(graph: Graph, expected: list[Any]) -> str:
    """Of what the agreement is a share, in words. expected: the float graph's answers.

    Raises InputError if a detector finds nothing.
    """
    images = len(expected)
    if end_of(graph) is None:
        return f"of {images} images"
    objects = sum(len(one.above(AGREEMENT_SCORE)) for one in expected)
    if not objects:
        raise InputError(
            f"expected photos on which the float detector finds objects with a score of {AGREEMENT_SCORE:.0%} or more; "
            f"on {images} photos it finds none, so that no drop can be measured.\n"
            "Give photos that show its objects (--calibration), or leave --max-drop out."
        )
    return f"of the objects on {images} images (float finds {objects})"


def _costliest_first(quantized: Quantized, images: UInt8) -> list[int]:
    """The nodes whose outputs are rounded, in the order of what that costs."""
    statistics = measured(quantized.graph, images, observed_ranges(quantized.graph, images), draws=1)
    costs = [divergence_within(node, quantized.ranges[index]) for index, node in enumerate(statistics)]
    order: list[int] = np.argsort(-np.array(costs), kind="stable").tolist()
    return [index for index in order if not quantized.graph.nodes[index].stays_float]


def _note(plain: Quantized, mixed: Quantized, agreements: tuple[float, float], images: int) -> str:
    nodes = [plain.graph.nodes[index] for index in mixed.exceptions if index not in plain.exceptions]
    names = [node.name for node in nodes if not node.stays_float]
    latencies = _latencies_ms([plain, mixed])
    return (
        f"{len(names)} of {len(plain.graph.nodes)} ops compute in float: {shortened_list(names)}. Agreement with float "
        f"on {images} images from {_percent(agreements[0])} to {_percent(agreements[1])}; latency here from "
        f"{latencies[0]:.2f} to {latencies[1]:.2f} ms."
    )


def _latencies_ms(networks: Sequence[Quantized]) -> list[float]:
    """The median latency of each network's file, measured in turn."""
    sessions = [Session(pack(write_integer(one, "int8", "")), threads=os.cpu_count() or 1) for one in networks]
    times: list[list[float]] = [[] for _ in sessions]
    for session in sessions:
        session.clear()
        session.invoke()
    for _ in range(ROUNDS):
        for session, found in zip(sessions, times, strict=True):
            found.extend(session.time_invoke() for _ in range(RUNS))
    return [statistics.median(found) for found in times]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
