"""Whether a correction does harm: how far the scores of both files are from the float network's, photo by photo.

Agreement on the best class changes by single photos, this divergence with each of them. Of embeddings it is 1 - their
cosine.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.tasks.classification import softmax
from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.input_tensor import input_of_byte
from mobilenet_tf.tflite.interpreter import Session

from .calibration import ImageSet
from .convert import written
from .recipes import Recipe
from .settings import ExportSettings

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph
    from mobilenet_tf.quantization.simulation import Quantized

__all__ = ["harm", "score_divergence"]

SMALLEST = 1e-6  # what smaller probabilities count as

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
    from mobilenet_tf.quantization.detection_end import end_of
    from mobilenet_tf.quantization.divergence import is_gain

    if end_of(graph) is None:
        exact = graph.before_last().scores(calibration.images)
        before, after = [_divergences(graph, recipe, settings, calibration, one, exact) for one in networks]
    else:
        before, after = [_divergences_of_detector(graph, recipe, settings, calibration, one) for one in networks]
    if not is_gain(after, before):
        return None
    change = f"on the calibration photos from {before.mean():.4f} to {after.mean():.4f}"
    end = "more than chance does; it is not applied."
    if graph.before_unit_length is not None:
        return f"{recipe.name}: the correction would raise 1 - cosine to float {change}, {end}"
    return f"{recipe.name}: the correction would raise the divergence from float {change} nats a photo, {end}"


def probabilities(graph: "Graph", outputs: Float32) -> Float32:
    """What the outputs (n, classes) of `graph.before_last()` of a network with classes or tags stand for."""
    return outputs if graph.logits is None else softmax(outputs)


def _divergences(
    graph: "Graph",
    recipe: Recipe,
    settings: ExportSettings,
    calibration: ImageSet,
    network: "Quantized | None",
    exact: Float32,
) -> Float32:
    """The divergence of the file of a network from the exact outputs, for each photo of the calibration.

    exact: of `graph.before_last()`.
    The file is written without its softmax, if it has one: int8 probabilities have steps of 1/256, so that of a
    thousand classes nearly all are 0, whatever their logits are. Steps of a vector of length 1 are as coarse.
    """
    from mobilenet_tf.quantization.divergence import cosine_errors

    cut = network and replace(network, graph=network.graph.before_last())
    content = pack(written(graph.before_last(), recipe, settings, cut))
    model = ImageModel.from_bytes(content, threads=os.cpu_count() or 1, min_classes=1)
    outputs = model.predict(calibration.images)
    if graph.before_unit_length is not None:
        return _mean_of_photos(np.asarray(cosine_errors(outputs, exact)), calibration.photos)
    tags = graph.logits is None
    smallest = max(model.session.output.scale / 2, SMALLEST) if tags else SMALLEST
    scores, expected = probabilities(graph, outputs), probabilities(graph, exact)
    return score_divergence(scores, expected, calibration.photos, tags=tags, smallest=smallest)


def _divergences_of_detector(
    graph: "Graph", recipe: Recipe, settings: ExportSettings, calibration: ImageSet, network: "Quantized | None"
) -> Float32:
    """The divergence of the file of a detector from its graph, for each image: of all anchors, before the sigmoid."""
    from mobilenet_tf.quantization.detection_end import detection_divergence, with_outputs

    ended = with_outputs(graph, "logits")
    same = network and replace(network, graph=with_outputs(network.graph, "logits"))
    session = Session(pack(written(ended, recipe, settings, same)), threads=os.cpu_count() or 1)
    table, divergences = input_of_byte(session.input, graph.normalization), []
    for image in calibration.images:
        exact = np.asarray(graph(graph.normalize(image[None])))
        session.run(table[image][None])
        divergences.append(detection_divergence(exact, np.concatenate(session.get_all(), -1)))
    return np.concatenate(divergences)


def score_divergence(
    scores: Float32, exact: Float32, photos: Sequence[Path], *, tags: bool, smallest: float = SMALLEST
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
    return _mean_of_photos((p * np.log(p / q) - p + q).sum(1), photos)


def _mean_of_photos(values: NDArray[Any], photos: Sequence[Path]) -> Float32:
    """The mean over the images of each photo, from a value for each image: (photos,)."""
    _, photo_of = np.unique([str(photo) for photo in photos], return_inverse=True)
    return (np.bincount(photo_of, values) / np.bincount(photo_of)).astype(np.float32)
