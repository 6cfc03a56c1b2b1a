"""What quantization does to each layer, step by step: the numbers of the quantization report.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.made_file import MadeFile
from export.quantize import QuantizedFile
from mobilenet_tf.quantization.detection_end import end_of, split_outputs
from mobilenet_tf.quantization.graph import Graph, Node
from mobilenet_tf.quantization.ranges import step_of
from mobilenet_tf.quantization.simulation import Quantized, QuantizedLayer
from mobilenet_tf.tasks.classification import softmax
from mobilenet_tf.tasks.tags import sigmoid

__all__ = ["LayerReport", "RecipeReport", "report_file"]

IMAGES = 20  # that errors are measured on: each layer has thousands of values on each
WORST = 5  # layers that are named

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class LayerReport:
    """One layer with weights.

    weight_min, weight_max: of each output channel, after equalization if there was one.
    weight_sqnr_db:  signal-to-quantization-noise ratio of the weights; None if they are quantized without error.
    sqnr_db:         the same of the layer's output, after the last step, with the noise of all layers before it.
    error_steps:     mean absolute error of the output after each step, in quantization steps of the first range of that
                     output throughout. Logits outside of the range that the correction chose count as its end: it
                     leaves them out on purpose, as the softmax hardly sees them.
    """

    name: str
    kind: str
    weights: int
    weight_min: list[float]
    weight_max: list[float]
    weight_sqnr_db: float | None
    sqnr_db: float | None
    error_steps: dict[str, float]


@dataclass(frozen=True)
class RecipeReport:
    """One quantized file: its steps in order, its layers in order, and the layers that add most error at the end.

    logits:            the name of the layer before the softmax; None if the network does not end in one.
    logit_ranges:      after each step, the range of that layer's quantized output; empty without one.
    probability_error: after each step, the largest difference of a class's probability from the float network's, from
                       0 to 1, as a mean over the images; of a detector, of any class of any anchor; empty for others
                       without a softmax.
    """

    recipe: str
    correction: str
    per_tensor: bool
    images: int
    steps: list[str]
    layers: list[LayerReport]
    worst: list[str]
    notes: list[str]
    logits: str | None
    logit_ranges: dict[str, list[float]]
    probability_error: dict[str, float]

    def risen(self) -> list[LayerReport]:
        """The layers whose error is larger after the last step than after the first, by more than a twentieth."""
        first, last = self.steps[0], self.steps[-1]
        return [layer for layer in self.layers if layer.error_steps[last] > 1.05 * layer.error_steps[first]]


def report_file(recipe: str, file: QuantizedFile | MadeFile, images: NDArray[np.uint8]) -> RecipeReport:
    """Compare the network after each of the file's steps with the float network on preprocessed images.

    images: uint8 (n, res, res, 3), of which the first 20 are used.
    """
    images, steps = images[:IMAGES], file.steps
    last = steps[-1].quantized
    errors = {step.name: _errors(step.quantized, steps[0].quantized, images) for step in steps}
    nodes = [node for node in last.graph.nodes if node.kernel is not None]
    layers = []
    for place, (node, layer) in enumerate(zip(nodes, last.layers, strict=True)):
        error_steps = {name: _rounded(of_step.absolute[place]) for name, of_step in errors.items()}
        powers = errors[steps[-1].name].powers[place]
        layers.append(_layer_report(node, layer, error_steps, _decibels(*powers)))
    logits = last.graph.logits
    return RecipeReport(
        recipe=recipe,
        correction=file.correction,
        per_tensor=last.per_tensor,
        images=len(images),
        steps=[step.name for step in steps],
        layers=layers,
        worst=_worst(layers, steps[-1].name),
        notes=list(file.notes),
        logits=None if logits is None else last.graph.nodes[logits].name,
        logit_ranges={} if logits is None else {step.name: _logit_range(step.quantized) for step in steps},
        probability_error={
            name: _rounded(of_step.probability) for name, of_step in errors.items() if of_step.probability is not None
        },
    )


def _logit_range(quantized: Quantized) -> list[float]:
    assert quantized.graph.logits is not None
    return [_rounded(end) for end in quantized.ranges[quantized.graph.logits]]


def _layer_report(
    node: Node, layer: QuantizedLayer, error_steps: dict[str, float], sqnr_db: float | None
) -> LayerReport:
    kernel = node.kernel
    assert kernel is not None
    # A column for each output channel; the last axis of a depthwise kernel, which is 1, makes no difference.
    columns = kernel.reshape(-1, layer.bias.size)
    return LayerReport(
        name=node.name,
        kind=node.kind,
        weights=kernel.size,
        weight_min=[_rounded(x) for x in columns.min(0)],
        weight_max=[_rounded(x) for x in columns.max(0)],
        weight_sqnr_db=_decibels(np.square(kernel).sum(), np.square(kernel - layer.real(node.kind)).sum()),
        sqnr_db=sqnr_db,
        error_steps=error_steps,
    )


def _worst(layers: Sequence[LayerReport], step: str) -> list[str]:
    """The layers that increase the error most, in steps."""
    errors = [layer.error_steps[step] for layer in layers]
    growth = np.diff(errors, prepend=0)
    return [layers[index].name for index in np.argsort(-growth, kind="stable")[:WORST] if growth[index] > 0]


@dataclass(frozen=True)
class _Errors:
    """Of the network after one step.

    absolute:    for each layer with weights the mean absolute error in steps.
    powers:      likewise the power of the output and that of its error.
    probability: see RecipeReport.probability_error; None if the network gives none.
    """

    absolute: list[float]
    powers: list[tuple[float, float]]
    probability: float | None


def _errors(quantized: Quantized, first: Quantized, images: NDArray[np.uint8]) -> _Errors:
    graph = quantized.graph
    places = [index for index, node in enumerate(graph.nodes) if node.kernel is not None]
    totals = {index: np.zeros(3) for index in places}
    giving = graph.logits if end_of(graph) is None else len(graph.nodes) - 1
    probability = 0.0
    for chunk in graph.chunks(images, 5):
        for (index, exact), (_, rounded) in zip(graph.walk(chunk), quantized.outputs(chunk), strict=True):
            if index == giving:
                expected, given = (_probabilities(graph, output) for output in (exact, rounded))
                probability += float(np.abs(given - expected).max(1).sum()) / len(images)
            if index == graph.logits:
                exact = np.clip(exact, *quantized.ranges[index])
            if index in totals:
                totals[index] += _sums(np.asarray(exact), np.asarray(rounded)) * len(chunk) / len(images)
    # The correction chooses other ranges: in their steps, a smaller error could be more steps.
    steps = [step_of(first.ranges[index], quantized.activations) for index in places]
    return _Errors(
        absolute=[float(totals[index][0]) / step for index, step in zip(places, steps, strict=True)],
        powers=[(float(totals[index][1]), float(totals[index][2])) for index in places],
        probability=None if giving is None else probability,
    )


def _sums(exact: Any, rounded: Any) -> Float64:
    error = rounded - exact
    return np.array([np.abs(error).mean(), np.square(exact).mean(), np.square(error).mean()], np.float64)


def _probabilities(graph: Graph, output: Any) -> Float64:
    """The probabilities (n, classes) of logits, whatever axes of one element they have besides; or those of all classes
    of all anchors (n, anchors * classes) of what a detector's graph gives.
    """
    values = np.asarray(output, np.float64)
    if end_of(graph) is None:
        return softmax(values.reshape(len(values), -1))
    return sigmoid(split_outputs(values)[1].reshape(len(values), -1))


def _decibels(signal: float, noise: float) -> float | None:
    return round(float(10 * np.log10(signal / noise)), 2) if noise > 0 and signal > 0 else None


def _rounded(x: Any) -> float:
    return float(f"{float(x):.5g}")
