"""Ranges and gains by sensitivity: what is done to the corrected int8 network before it is fine-tuned.

Ranges are chosen by sensitivity.py, gains by channel_gains.py. Each is kept only if the softmaxes come nearer to those
of the float network by more than chance, on views of the photos. TensorFlow is loaded with this module.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .adapted_checkpoint import Adapted, key_of, read_adapted, write_adapted
from .channel_gains import rescaled
from .correction import correct
from .divergence import Divergence, is_gain
from .graph import Graph
from .ranges import observed_ranges, scale_groups, tied
from .sensitivity import NodeStatistics, best_range, measured
from .simulation import Quantized

__all__ = ["adapt"]


def adapt(
    start: Quantized,
    teacher: Graph,
    images: NDArray[np.uint8],
    photos: Sequence[Any],
    *,
    seed: int = 0,
    checkpoint: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> Adapted:
    """Adapt an int8 network to images (n, res, res, 3). photos: the photo that each image is from.

    teacher:    the float network, which ends in a softmax.
    checkpoint: a file that keeps what was found; if it is there, nothing is done again.
    Raises OutputError for a checkpoint that cannot be read.
    """
    key = key_of(teacher, images, seed)
    adapted = read_adapted(checkpoint, key, start)
    if adapted is None:
        adapted = _adapted(start, Divergence(teacher, images, photos, seed), images, seed, on_progress)
        write_adapted(checkpoint, key, adapted)
    return adapted


def _adapted(
    start: Quantized, divergence: Divergence, images: NDArray[np.uint8], seed: int, on_progress: OnProgress
) -> Adapted:
    # The shares are those of the time that was measured.
    first = smallest = divergence(start, _named(on_progress, "measuring the int8 network", 0.0, 0.1))
    kept: tuple[str, ...] = ()
    chosen = start
    observed = observed_ranges(start.graph, images)
    sensitivities = _named(on_progress, "measuring sensitivities", 0.1, 0.4)
    statistics = measured(start.graph, images, observed, seed, on_progress=sensitivities)
    candidate = _with_ranges(start, statistics)
    found = divergence(candidate, _named(on_progress, "ranges by sensitivity", 0.4, 0.5))
    if is_gain(smallest, found):
        kept, chosen, smallest = ("ranges",), candidate, found
    on_progress("gains of channels", 0.5)
    graph = rescaled(start.graph, statistics)
    corrected = correct(graph, images, activations=start.activations, per_tensor=start.per_tensor)
    sensitivities = _named(on_progress, "gains of channels", 0.55, 0.8)
    statistics = measured(graph, images, observed_ranges(graph, images), seed, on_progress=sensitivities)
    found = divergence(corrected, _named(on_progress, "gains of channels", 0.8, 0.9))
    if is_gain(smallest, found):
        kept, chosen, smallest = ("gains",), corrected, found
    candidate = _with_ranges(corrected, statistics)
    found = divergence(candidate, _named(on_progress, "gains of channels and ranges", 0.9, 1.0))
    if is_gain(smallest, found):
        kept, chosen, smallest = ("gains", "ranges"), candidate, found
    return Adapted(chosen, float(first.mean()), float(smallest.mean()), kept)


def _named(on_progress: OnProgress, task: str, start: float, end: float) -> OnProgress:
    """The `on_progress` for a part of the work that says nothing of itself but its share."""
    return lambda _, share: part_of(on_progress, start, end)(task, share)


def _with_ranges(quantized: Quantized, statistics: Sequence[NodeStatistics]) -> Quantized:
    """The network with the ranges of least divergence. The logits keep theirs, which was chosen for the softmax."""
    graph = quantized.graph
    of_logits = next(group for group in scale_groups(graph) if graph.logits in group)
    chosen = {index: best_range(node) for index, node in enumerate(statistics) if index not in of_logits}
    return replace(quantized, ranges=tied(graph, {**quantized.ranges, **chosen}))
