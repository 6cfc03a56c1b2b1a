"""The one step that makes a file of an export: quantize it, describe it, verify it, time it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.metadata_writer import Metadata

from .compared import Reference
from .job import Job
from .made_file import MadeFile
from .quantize import quantize
from .recipes import Recipe
from .source import Source
from .split_record import training_text
from .verify import Check, median_latency_ms, verify

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph

__all__ = ["VerifiedFile", "about_slow_ops", "make_file"]

CHEAP = {"L2_NORMALIZATION"}  # of one vector, in microseconds whatever computes it


@dataclass(frozen=True)
class VerifiedFile(MadeFile):
    """A file of an export of a classifier, or of an embedding, and everything that is known about it.

    scores: what the file answers for the verification images, as real values (n, classes).
    """

    check: Check
    scores: NDArray[np.float32]


def make_file(
    job: Job,
    source: Source,
    scores: NDArray[np.float32],
    recipe: Recipe,
    on_progress: OnProgress = ignore_progress,
) -> VerifiedFile:
    """Make the file of one recipe. Nothing is written.

    scores: those of the source for the verification images (n, classes), which the file must agree with.
    Raises CheckError if the file fails its verification.
    """
    settings, images, network = job.settings, job.images, job.network
    name, graph = f"{job.name}_{recipe.name}", source.graphs.for_recipe(recipe, settings.io)
    file = quantize(
        graph,
        recipe,
        images.calibration,
        settings,
        metadata=_metadata(job, name, graph),
        choosing=job.choosing,
        checkpoint=settings.output_dir / f".{job.name}.finetune.npz",
        on_progress=part_of(on_progress, 0.0, 0.7),
    )
    on_progress("verify", 0.7)
    reference = _reference(job, graph, scores)
    min_agreement = settings.least_agreement(embedding=network.head == "embedding", random=network.source == "random")
    check, scores_of_file = verify(file, recipe, reference, network.labels, min_agreement)
    assert isinstance(file.model, ImageModel)
    return VerifiedFile(
        name=f"{name}.tflite",
        recipe=recipe,
        content=file.content,
        correction=file.correction,
        notes=file.notes,
        float_ops=file.float_ops,
        slow_ops=file.model.session.left_by_xnnpack,
        latency_ms=median_latency_ms(file.model, reference.images[0]),
        check=check,
        steps=file.steps,
        scores=scores_of_file,
    )


def _reference(job: Job, graph: "Graph", scores: NDArray[np.float32]) -> Reference:
    """What the files are verified against."""
    verification, network = job.images.verification, job.network
    return Reference(
        verification.images,
        scores,
        job.accuracy.ground_truth,
        network.head,
        graph.normalization,
        network.thresholds,
        verification.photos,
    )


def _metadata(job: Job, name: str, graph: "Graph") -> Metadata:
    """What the file of this name says about itself."""
    network = job.network
    return Metadata(
        name,
        training_text(network.split),
        network.labels,
        graph.normalization,
        network.head,
        cells=network.cells,
        thresholds=network.thresholds,
        dimensions=network.outputs if network.head == "embedding" else None,
    )


def about_slow_ops(files: Sequence[VerifiedFile]) -> list[str]:
    """A line for each file with ops that cost time and that XNNPACK's fast kernels did not take on this host."""
    return [
        f"{file.recipe.name}: XNNPACK leaves {', '.join(file.slow_ops)} to slower kernels."
        for file in files
        if {*file.slow_ops} - CHEAP
    ]
