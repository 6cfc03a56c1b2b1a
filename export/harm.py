"""Whether a correction does harm: how far the scores of both files are from the float network's, photo by photo.

Agreement on the best class changes by single photos, this divergence with each of them.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.image_model import ImageModel

from .calibration import ImageSet
from .convert import written
from .recipes import Recipe
from .settings import ExportSettings

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph
    from mobilenet_tf.quantization.simulation import Quantized

__all__ = ["harm", "score_divergence"]

Float32 = NDArray[np.float32]


def harm(
    graph: "Graph",
    recipe: Recipe,
    settings: ExportSettings,
    calibration: ImageSet,
    networks: Sequence["Quantized | None"],
) -> str | None:
    """A sentence if the correction takes the file further from float, and not by chance; None if it does not.

    networks: without the correction, and with it.
    By chance: the divergences of the photos rise by at most two standard errors of their differences.
    """
    from mobilenet_tf.quantization.divergence import is_gain

    models = [
        ImageModel.from_bytes(pack(written(graph, recipe, settings, one)), threads=os.cpu_count() or 1, min_classes=1)
        for one in networks
    ]
    exact = graph.scores(calibration.images)
    before, after = [
        score_divergence(
            model.predict(calibration.images),
            exact,
            calibration.photos,
            tags=graph.logits is None,
            smallest=max(model.session.output.scale / 2, 1e-6),
        )
        for model in models
    ]
    if not is_gain(after, before):
        return None
    return (
        f"{recipe.name}: the correction would raise the divergence from float on the calibration photos from "
        f"{before.mean():.4f} to {after.mean():.4f} nats a photo, more than chance does; it is not applied."
    )


def score_divergence(
    scores: Float32, exact: Float32, photos: Sequence[Path], *, tags: bool, smallest: float = 1e-6
) -> Float32:
    """The Kullback-Leibler divergence of scores (n, classes) from the exact ones, in nats, mean over the images of each
    photo: (photos,).

    photos:   the photo that each image is from: images of one photo are alike.
    tags:     each score is a probability of its own: the sum over the tags of the divergence of (p, 1 - p).
    smallest: what smaller scores count as: half a step of a quantized output, which has zeros.
    """
    if tags:
        scores, exact = (np.concatenate([each, 1 - each], 1) for each in (scores, exact))
    q, p = (np.maximum(each, smallest, dtype=np.float64) for each in (scores, exact))
    # With the difference of the sums it is that of numbers whose sum is not 1, which zeros made larger are.
    divergence = (p * np.log(p / q) - p + q).sum(1)
    _, photo_of = np.unique([str(photo) for photo in photos], return_inverse=True)
    return (np.bincount(photo_of, divergence) / np.bincount(photo_of)).astype(np.float32)
