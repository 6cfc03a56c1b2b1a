"""Mult-Adds and parameters, layer by layer, from the spec alone (Howard et al. 2017, eqs. 2-7). TensorFlow-free."""

import math
from dataclasses import dataclass

from .layers import Layer
from .spec import ModelSpec
from .zoo import plan

__all__ = [
    "PAPERS",
    "PAPER_TOTALS",
    "PUBLISHED_TOP1",
    "PUBLISHED_TOP1_SOURCE",
    "LayerCost",
    "layer_costs",
    "paper_totals",
    "positions",
    "totals",
    "traffic",
]

# name -> (Mult-Adds in millions, parameters in millions or None), as printed for 1000 classes. MobileNet V1: Howard et
# al. 2017, Tables 4 (conv), 5 (shallow), 6 (alpha), 7 (res) and 8 (0.50 MobileNet-160). ShuffleNet V1: Zhang et al.
# 2017, Table 1 (groups) and Tables 2 and 5 (scale factors).
PAPER_TOTALS = {
    "mobilenet_v1_a1.00_r224": (569, 4.2),
    "mobilenet_v1_a0.75_r224": (325, 2.6),
    "mobilenet_v1_a0.50_r224": (149, 1.3),
    "mobilenet_v1_a0.25_r224": (41, 0.5),
    "mobilenet_v1_a1.00_r192": (418, 4.2),
    "mobilenet_v1_a1.00_r160": (290, 4.2),
    "mobilenet_v1_a1.00_r128": (186, 4.2),
    "mobilenet_v1_a0.50_r160": (76, 1.32),
    "mobilenet_v1_conv_a1.00_r224": (4866, 29.3),
    "mobilenet_v1_shallow_a1.00_r224": (307, 2.9),
    "shufflenet_v1_g1_a1.00_r224": (143, None),
    "shufflenet_v1_g2_a1.00_r224": (140, None),
    "shufflenet_v1_a1.00_r224": (137, None),
    "shufflenet_v1_g4_a1.00_r224": (133, None),
    "shufflenet_v1_g8_a1.00_r224": (137, None),
    "shufflenet_v1_a0.25_r224": (13, None),
    "shufflenet_v1_a0.50_r224": (38, None),
    "shufflenet_v1_a1.50_r224": (292, None),
    "shufflenet_v1_a2.00_r224": (524, None),
}
PAPERS = {"mobilenet_v1": "Howard et al. 2017", "shufflenet_v1": "Zhang et al. 2017", "effnet": "Freeman et al. 2018"}

PUBLISHED_TOP1_SOURCE = "https://github.com/tensorflow/models/blob/master/research/slim/nets/mobilenet_v1.md"
# (alpha, res) -> top-1 in percent of Google's float checkpoint of that pair (2018_02_22), as printed there
PUBLISHED_TOP1 = {
    (0.25, 128): 41.5,
    (0.25, 160): 45.5,
    (0.25, 192): 47.7,
    (0.25, 224): 49.8,
    (0.5, 128): 56.3,
    (0.5, 160): 59.1,
    (0.5, 192): 61.7,
    (0.5, 224): 63.3,
    (0.75, 128): 62.1,
    (0.75, 160): 65.3,
    (0.75, 192): 67.2,
    (0.75, 224): 68.4,
    (1.0, 128): 65.2,
    (1.0, 160): 68.0,
    (1.0, 192): 70.0,
    (1.0, 224): 70.9,
}


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

    Parameters are the kernel's and batch norm's four per channel, as Keras counts them; a grouped kernel has that many
    times fewer weights. What has no weights costs no Mult-Adds.
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
        parameters=kernel + 4 * layer.out_channels,
    )


def layer_costs(spec: ModelSpec) -> list[LayerCost]:
    """The cost of every layer of `spec`: those of its plan, the pooling (no Mult-Adds), the classifier."""
    costs = [layer_cost(layer) for layer in plan(spec)]
    channels = costs[-1].output_shape[-1]
    weights = channels * spec.classes
    costs.append(LayerCost("pool", "pool", (1, 1, channels), 0, 0))
    costs.append(LayerCost("classifier", "dense", (spec.classes,), weights, weights + spec.classes))
    return costs


def totals(spec: ModelSpec) -> tuple[int, int]:
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


def paper_totals(spec: ModelSpec) -> tuple[float, float | None] | None:
    """(Mult-Adds, parameters) that the paper prints for `spec`, in millions; None where it prints none."""
    return PAPER_TOTALS.get(spec.name) if spec.classes == 1000 else None
