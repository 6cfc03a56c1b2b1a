"""The float model that an export starts from, in the forms that files are made from, and what it answers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.weights.load import model_with

from .convert import GraphForms
from .job import Job
from .original import run_keras

if TYPE_CHECKING:
    import keras

__all__ = ["Source", "keras_scores", "read_source"]

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Source:
    """A float model.

    graphs:       what files are converted from.
    scores:       what files must agree with: the scores of the model in the person's file, or if there is none, of the
                  network that the weights were filled into, run by Keras, for the verification images (n, classes).
    """

    graphs: GraphForms
    scores: Float32


def read_source(job: Job) -> Source:
    """Build the Keras model of a job and run it on the verification images."""
    from mobilenet_tf.quantization.keras_graph import graph_of

    model, images = model_with(job.weights), job.images.verification
    return Source(
        graphs=GraphForms(graph_of(model)),
        scores=keras_scores(model, images.images) if job.original_scores is None else job.original_scores,
    )


def keras_scores(model: "keras.Model", images: NDArray[np.uint8]) -> Float32:
    """The scores of a Keras model of ours for preprocessed images, uint8 (n, res, res, 3) -> (n, classes)."""
    return run_keras(model, normalize(images))
