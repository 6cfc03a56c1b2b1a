"""The adapted network in a checkpoint, so that a fine-tuning which was interrupted goes on from the same network.

What the adaptation measures may differ by an ulp from run to run, and with it a level.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .checkpoint import read_checkpoint, write_checkpoint
from .graph import Graph
from .simulation import Quantized

__all__ = ["Adapted", "arrays_of", "key_of", "read_adapted", "with_arrays", "write_adapted"]

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True)
class Adapted:
    """The network, its divergence from float before and after in nats an image, and what was kept, if anything."""

    quantized: Quantized
    before: float
    after: float
    kept: str


def key_of(graph: Graph, images: NDArray[np.uint8], seed: int) -> str:
    """Identifies what a checkpoint belongs to: the float network, the images and the seed."""
    digest = hashlib.sha256(images.tobytes() + str(seed).encode())
    for node in graph.nodes:
        digest.update(node.op.encode())
        for array in (node.kernel, node.bias, *node.constants.values()):
            digest.update(b"" if array is None else array.tobytes())
    return digest.hexdigest()


def write_adapted(path: Path | None, key: str, adapted: Adapted) -> None:
    """Write a checkpoint. Nothing is done if `path` is None."""
    told = {"before": adapted.before, "after": adapted.after, "kept": adapted.kept}
    write_checkpoint(path, key, told | arrays_of(adapted.quantized))


def read_adapted(path: Path | None, key: str, start: Quantized) -> Adapted | None:
    """What was written for `key`; None if nothing was. start: the network before it was adapted.

    Raises OutputError for a checkpoint that cannot be read.
    """
    saved = read_checkpoint(path, key)
    if saved is None:
        return None
    quantized = with_arrays(start, saved)
    return Adapted(quantized, float(saved["before"]), float(saved["after"]), str(saved["kept"]))


def arrays_of(quantized: Quantized) -> dict[str, Any]:
    """All that the adaptation of a network changes."""
    arrays: dict[str, Any] = {
        "places": np.array(list(quantized.ranges)),
        "ranges": np.array(list(quantized.ranges.values()), np.float64),
    }
    nodes = [node for node in quantized.graph.nodes if node.kernel is not None]
    for number, (node, layer) in enumerate(zip(nodes, quantized.layers, strict=True)):
        parts: dict[str, Any] = {"float_kernel": node.kernel, "float_bias": node.bias}
        parts |= {"kernel": layer.kernel, "scale": layer.scale, "bias": layer.bias}
        arrays |= {f"{name}_{number}": part for name, part in parts.items() if part is not None}
    return arrays


def with_arrays(start: Quantized, arrays: Arrays) -> Quantized:
    """The network of which `arrays_of` was taken. start: the network before it was adapted."""
    nodes, layers = list(start.graph.nodes), []
    places = [index for index, node in enumerate(nodes) if node.kernel is not None]
    for number, (place, layer) in enumerate(zip(places, start.layers, strict=True)):
        kernel, bias = arrays[f"float_kernel_{number}"], arrays.get(f"float_bias_{number}")
        nodes[place] = replace(nodes[place], kernel=kernel, bias=bias)
        levels, scale, corrected = (arrays[f"{name}_{number}"] for name in ("kernel", "scale", "bias"))
        layers.append(replace(layer, kernel=levels, scale=scale, bias=corrected))
    pairs = zip(arrays["places"].tolist(), arrays["ranges"].tolist(), strict=True)
    ranges = {place: (low, high) for place, (low, high) in pairs}
    return replace(start, graph=replace(start.graph, nodes=tuple(nodes)), layers=tuple(layers), ranges=ranges)
