"""What quantization does to each layer, step by step: the numbers of the quantization report.

TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from export.quantize import Outcome
from mobilenet_tf.quantization.simulation import Quantized, chunks, step_of

__all__ = ["LayerReport", "RecipeReport", "report_recipe"]

IMAGES = 20  # looked at; each layer has thousands of values on each
WORST = 5

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class LayerReport:
    """One layer with weights.

    weight_min, weight_max: of each output channel, as stored (after equalization, where there was one).
    weight_sqnr_db:  signal-to-quantization-noise ratio of the weights; None where they are stored without error.
    sqnr_db:         the same of the layer's output, after the last step; it holds the noise of all layers before.
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


def report_recipe(recipe: str, outcome: Outcome, images: NDArray[np.uint8]) -> RecipeReport:
    """Compare each stage of a recipe's outcome with the float network on a few preprocessed images (n, res, res, 3)."""
    images, stages = images[:IMAGES], outcome.stages
    last = stages[-1].quantized
    errors = {stage.step: _errors(stage.quantized, images) for stage in stages}
    nodes = [node for node in last.graph.nodes if node.kernel is not None]
    layers = []
    for place, (node, layer) in enumerate(zip(nodes, last.layers, strict=True)):
        kernel = node.kernel
        assert kernel is not None
        # In every layout, rows of output channels once a depthwise kernel's trailing 1 is gone.
        columns = kernel.reshape(-1, layer.bias.size)
        layers.append(
            LayerReport(
                name=node.name,
                kind=node.kind,
                weights=kernel.size,
                weight_min=[_short(x) for x in columns.min(0)],
                weight_max=[_short(x) for x in columns.max(0)],
                weight_sqnr_db=_decibels(np.square(kernel).sum(), np.square(kernel - layer.real(node.kind)).sum()),
                sqnr_db=_decibels(*errors[stages[-1].step][1][place]),
                error_steps={step: _short(found[0][place]) for step, found in errors.items()},
            )
        )
    return RecipeReport(
        recipe=recipe,
        correction=outcome.correction,
        per_tensor=last.per_tensor,
        images=len(images),
        steps=[stage.step for stage in stages],
        layers=layers,
        worst=_worst(layers, stages[-1].step),
        notes=list(outcome.notes),
    )


def _worst(layers: Sequence[LayerReport], step: str) -> list[str]:
    """The layers after which the error, in steps, has grown most."""
    errors = [layer.error_steps[step] for layer in layers]
    growth = np.diff(errors, prepend=0)
    return [layers[index].name for index in np.argsort(-growth, kind="stable")[:WORST] if growth[index] > 0]


def _errors(quantized: Quantized, images: NDArray[np.uint8]) -> tuple[list[float], list[tuple[float, float]]]:
    """Of each layer with weights: mean absolute error in steps, and (power of the output, power of the error)."""
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


def _short(x: Any) -> float:
    return float(f"{float(x):.5g}")
