"""Ranges and gains by sensitivity: what is done to the corrected int8 network before it is fine-tuned.

Ranges are chosen by sensitivity.py, gains by channel_gains.py. Each is kept only if the softmaxes come nearer to those
of the float network by more than chance, on views of the photos. TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress, ignore_progress

from .channel_gains import rescaled
from .correction import correct
from .divergence import Divergence, is_gain
from .graph import Graph
from .ranges import observed_ranges, tied
from .sensitivity import NodeStatistics, best_range, measured
from .simulation import Quantized

__all__ = ["Adapted", "adapt"]


@dataclass(frozen=True)
class Adapted:
    """The network that was kept, its divergence from float before and after in nats an image, and what was kept."""

    quantized: Quantized
    before: float
    after: float
    kept: tuple[str, ...]


def adapt(
    start: Quantized,
    teacher: Graph,
    images: NDArray[np.uint8],
    photos: Sequence[Any],
    *,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
) -> Adapted:
    """Adapt an int8 network to images (n, res, res, 3). photos: the photo that each image is from.

    teacher: the float network, which ends in a softmax.
    """
    divergence = Divergence(teacher, images, photos, seed)
    on_progress("measuring sensitivities", 0.1)
    first = smallest = divergence(start)
    kept, chosen = [], start
    statistics = measured(start.graph, images, observed_ranges(start.graph, images), seed)
    candidate = _with_ranges(start, statistics)
    if is_gain(smallest, found := divergence(candidate)):
        kept, chosen, smallest = ["ranges"], candidate, found
    on_progress("gains of channels", 0.5)
    graph = rescaled(start.graph, statistics)
    corrected = correct(graph, images, activations=start.activations, per_tensor=start.per_tensor)
    statistics = measured(graph, images, observed_ranges(graph, images), seed)
    for names, candidate in ((["gains"], corrected), (["gains", "ranges"], _with_ranges(corrected, statistics))):
        if is_gain(smallest, found := divergence(candidate)):
            kept, chosen, smallest = names, candidate, found
    on_progress("gains of channels", 1.0)
    return Adapted(chosen, float(first.mean()), float(smallest.mean()), tuple(kept))


def _with_ranges(quantized: Quantized, statistics: Sequence[NodeStatistics]) -> Quantized:
    """The network with the ranges of least divergence. The logits keep theirs, which was chosen for the softmax."""
    chosen = {index: best_range(node) for index, node in enumerate(statistics) if index != quantized.graph.logits}
    return replace(quantized, ranges=tied(quantized.graph, {**quantized.ranges, **chosen}))
