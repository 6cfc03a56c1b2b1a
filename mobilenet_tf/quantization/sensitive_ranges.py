"""What an int8 network gets before its layers are corrected: the ranges whose rounding and clipping cost the softmax
least, and its spare channels put to use.

TensorFlow is loaded with this module.
"""

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress, ignore_progress

from .graph import Graph
from .ignored_tails import without_ignored_tails
from .ops import Range
from .ranges import observed_channels, ranges_of, scale_groups, tied
from .sensitivity import best_range, measured
from .spare_channels import with_spare_channels_used

__all__ = ["prepared_for_int8"]

EVERY = 2  # of the images one in so many measures the sensitivities, which takes longer than all else


def prepared_for_int8(
    graph: Graph, images: NDArray[np.uint8], on_progress: OnProgress = ignore_progress
) -> tuple[Graph, dict[int, Range]]:
    """The graph with its spare channels used, and the int8 range of each node's output on images (n, res, res, 3).

    The logits keep the range that was observed, as the correction chooses theirs by the softmax itself.
    """
    channels = observed_channels(graph, images)
    observed = ranges_of(graph, channels)
    statistics = measured(graph, images[::EVERY], observed, draws=1, on_progress=on_progress)
    of_logits = next((group for group in scale_groups(graph) if graph.logits in group), [])
    # A class is one answer of an image; of boxes and of vectors each part counts, and no image is given up.
    chosen = {
        index: best_range(node, gives_up=graph.logits is not None)
        for index, node in enumerate(statistics)
        if index not in of_logits
    }
    ranges = tied(graph, without_ignored_tails(graph, {**observed, **chosen}))
    return with_spare_channels_used(graph, statistics, channels, ranges), ranges
