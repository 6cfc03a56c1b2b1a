"""The one step that makes a file of an export: quantize it, describe it, verify it, time it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.terminal import counted_list
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.metadata_writer import Metadata

from .job import Job
from .quantize import QuantizationStep, quantize
from .recipes import Recipe
from .source import Source
from .split_record import split_record
from .verify import Check, Reference, median_latency_ms, verify

if TYPE_CHECKING:
    from mobilenet_tf.quantization.graph import Graph

__all__ = ["VerifiedFile", "about_float_ops", "about_slow_ops", "make_file"]


@dataclass(frozen=True)
class VerifiedFile:
    """A file of an export and everything that is known about it.

    name:       the file's name.
    correction: the correction that it got: none, fast or best.
    notes:      what the person should know about the correction.
    steps:      the quantized network after each step of the correction, if settings.quant_report is true.
    float_ops:  how often each op of an integer file computes in float.
    slow_ops:   the ops that XNNPACK leaves to the interpreter on this host.
    scores:     what the file answers for the verification images, as real values (n, classes).
    latency_ms: median of one inference on one thread of this host.
    """

    name: str
    recipe: Recipe
    content: bytes
    correction: str
    notes: tuple[str, ...]
    steps: tuple[QuantizationStep, ...]
    float_ops: Mapping[str, int]
    slow_ops: Sequence[str]
    check: Check
    scores: NDArray[np.float32]
    latency_ms: float


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
    name, graph = f"{job.name}_{recipe.name}", source.graphs.for_recipe(recipe)
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
    truth = job.accuracy.ground_truth
    reference = Reference(
        images.verification.images, scores, truth, network.head, graph.normalization, network.thresholds
    )
    # Of random weights nothing can be expected.
    min_agreement = 0.0 if network.source == "random" else settings.min_agreement
    check, scores_of_file = verify(file, recipe, reference, network.labels, min_agreement)
    assert isinstance(file.model, ImageModel)
    latency_ms = median_latency_ms(file.model, reference.images[0])
    return VerifiedFile(
        f"{name}.tflite",
        recipe,
        file.content,
        file.correction,
        file.notes,
        file.steps,
        file.float_ops,
        file.model.session.left_by_xnnpack,
        check,
        scores_of_file,
        latency_ms,
    )


def _metadata(job: Job, name: str, graph: "Graph") -> Metadata:
    """What the file of this name says about itself."""
    network = job.network
    return Metadata(
        name,
        _description(job),
        network.labels,
        graph.normalization,
        network.head,
        cells=network.cells,
        thresholds=network.thresholds,
    )


def about_float_ops(files: Sequence[VerifiedFile]) -> list[str]:
    """A line for each integer file that has ops that compute in float."""
    return [f"{file.recipe.name} stays float: {counted_list(file.float_ops)}." for file in files if file.float_ops]


def about_slow_ops(files: Sequence[VerifiedFile]) -> list[str]:
    """A line for each file with ops that XNNPACK's fast kernels did not take on this host."""
    return [
        f"{file.recipe.name}: XNNPACK leaves {', '.join(file.slow_ops)} to slower kernels."
        for file in files
        if file.slow_ops
    ]


def _description(job: Job) -> str:
    """What the file says of itself beside its recipe: on which photos it was trained, if that is known."""
    split = split_record(job.network.split)
    return "" if split is None else split.describe()
