"""Mult-Adds and parameters, layer by layer, from the spec alone (Howard et al. 2017, eqs. 2-7). TensorFlow-free."""

import math
from dataclasses import dataclass

from .detectors import DetectorSpec
from .layers import Layer
from .spec import ModelSpec

__all__ = [
    "LayerCost",
    "layer_costs",
    "positions",
    "totals",
    "traffic",
]


@dataclass(frozen=True)
class LayerCost:
    """What one layer costs. `output_shape` is (height, width, channels), or (classes,)."""

    name: str
    type: str
    output_shape: tuple[int, ...]
    mult_adds: int
    parameters: int


def layer_cost(layer: Layer) -> LayerCost:
    """Eq. (2) for a full convolution, eq. (4) for a depthwise one; a pointwise one is eq. (2) with D_K = 1.

    Parameters are the kernel's and batch norm's four per channel, or the bias, as Keras counts them; a kernel in
    n groups has 1/n of the weights. A layer without weights costs no Mult-Adds.
    """
    shape = (*layer.out_size, layer.out_channels)
    if not layer.weighted:
        return LayerCost(layer.name, layer.type, shape, 0, 0)
    kernel = math.prod(layer.kernel_shape)
    return LayerCost(
        name=layer.name,
        type=layer.type,
        output_shape=shape,
        mult_adds=kernel * math.prod(layer.out_size),
        parameters=sum(math.prod(shape) for shape in layer.weight_shapes),
    )


def layer_costs(spec: ModelSpec | DetectorSpec) -> list[LayerCost]:
    """The cost of every layer of `spec`: those of its plan, the pooling (no Mult-Adds), the classifier; of a detector
    those of its plan, heads included.
    """
    if isinstance(spec, DetectorSpec):
        return [layer_cost(layer) for layer in spec.plan().layers]
    costs = [layer_cost(layer) for layer in spec.plan()]
    channels = costs[-1].output_shape[-1]
    weights = channels * spec.classes
    if all(cost.type != "pool" for cost in costs):
        costs.append(LayerCost("pool", "pool", (1, 1, channels), 0, 0))
    costs.append(LayerCost("classifier", "dense", (spec.classes,), weights, weights + spec.classes))
    return costs


def totals(spec: ModelSpec | DetectorSpec) -> tuple[int, int]:
    """(Mult-Adds, parameters) of the whole network."""
    costs = layer_costs(spec)
    return sum(c.mult_adds for c in costs), sum(c.parameters for c in costs)


def traffic(spec: ModelSpec) -> tuple[int, int]:
    """(activations, weights) that one inference moves: every layer's output is written once and read once."""
    costs = layer_costs(spec)
    outputs = sum(math.prod(c.output_shape) for c in costs)
    return 3 * spec.res**2 + 2 * outputs, sum(c.parameters for c in costs)


def positions(spec: ModelSpec) -> int:
    """Output positions, height * width, of all layers together: the same at every width of a network."""
    return sum(math.prod(c.output_shape[:-1]) for c in layer_costs(spec))
