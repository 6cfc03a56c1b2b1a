"""What quantization does to each layer, step by step: the numbers of the quantization report.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.make_file import VerifiedFile
from export.quantize import QuantizedFile
from mobilenet_tf.quantization.graph import Node
from mobilenet_tf.quantization.simulation import Quantized, QuantizedLayer, chunks, step_of

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
    error_steps:     mean absolute error of the output after each step, in quantization steps of that output.
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
    """One quantized file: its steps in order, its layers in order, and the layers that add most error at the end."""

    recipe: str
    correction: str
    per_tensor: bool
    images: int
    steps: list[str]
    layers: list[LayerReport]
    worst: list[str]
    notes: list[str]


def report_file(recipe: str, file: QuantizedFile | VerifiedFile, images: NDArray[np.uint8]) -> RecipeReport:
    """Compare the network after each of the file's steps with the float network on preprocessed images.

    images: uint8 (n, res, res, 3), of which the first 20 are used.
    """
    images, steps = images[:IMAGES], file.steps
    last = steps[-1].quantized
    errors = {step.name: _errors(step.quantized, images) for step in steps}
    nodes = [node for node in last.graph.nodes if node.kernel is not None]
    layers = []
    for place, (node, layer) in enumerate(zip(nodes, last.layers, strict=True)):
        error_steps = {name: _rounded(of_layers[0][place]) for name, of_layers in errors.items()}
        powers = errors[steps[-1].name][1][place]
        layers.append(_layer_report(node, layer, error_steps, _decibels(*powers)))
    return RecipeReport(
        recipe=recipe,
        correction=file.correction,
        per_tensor=last.per_tensor,
        images=len(images),
        steps=[step.name for step in steps],
        layers=layers,
        worst=_worst(layers, steps[-1].name),
        notes=list(file.notes),
    )


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


def _errors(quantized: Quantized, images: NDArray[np.uint8]) -> tuple[list[float], list[tuple[float, float]]]:
    """For each layer with weights: mean absolute error in steps, and (power of the output, power of the error)."""
    graph = quantized.graph
    places = [index for index, node in enumerate(graph.nodes) if node.kernel is not None]
    totals = {index: np.zeros(3) for index in places}
    for chunk in chunks(images, 5):
        for (index, exact), (_, rounded) in zip(graph.walk(chunk), quantized.outputs(chunk), strict=True):
            if index in totals:
                totals[index] += _sums(np.asarray(exact), np.asarray(rounded)) * len(chunk) / len(images)
    steps = [step_of(quantized.ranges[index], quantized.activations) for index in places]
    absolute = [float(totals[index][0]) / step for index, step in zip(places, steps, strict=True)]
    return absolute, [(float(totals[index][1]), float(totals[index][2])) for index in places]


def _sums(exact: Any, rounded: Any) -> Float64:
    error = rounded - exact
    return np.array([np.abs(error).mean(), np.square(exact).mean(), np.square(error).mean()], np.float64)


def _decibels(signal: float, noise: float) -> float | None:
    return round(float(10 * np.log10(signal / noise)), 2) if noise > 0 and signal > 0 else None


def _rounded(x: Any) -> float:
    return float(f"{float(x):.5g}")
