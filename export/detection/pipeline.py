"""The main path of a detector: the Keras model -> one verified .tflite per recipe -> a folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from export.convert import GraphForms
from export.quantize import quantize
from export.recipes import Recipe
from export.split_record import training_text
from export.verify import median_latency_ms
from mobilenet_tf.contract.manifest import MANIFEST_FILE
from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.files import refuse_unwritable
from mobilenet_tf.locks import locked
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.tasks.post_processing import Detections, detect
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.tflite.metadata_writer import Metadata

from .file import DetectorFile
from .folder import write_detector_folder
from .job import DetectorJob
from .verify import DetectorReference, verify_detector

if TYPE_CHECKING:
    import keras

__all__ = ["DetectorExport", "export_detector"]

LATENCY_RUNS, LATENCY_WARM_UP = 20, 3
BATCH = 8

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class DetectorExport:
    """What an export wrote: its folder, the name of the manifest in it, and the files, one per recipe."""

    job: DetectorJob
    folder: Path
    manifest_file: str
    files: tuple[DetectorFile, ...]
    notes: tuple[str, ...] = ()


def export_detector(job: DetectorJob, on_progress: OnProgress = ignore_progress) -> DetectorExport:
    """Make, verify and write the files of one export, as soon as no other process writes the same folder.

    Raises CheckError if a file fails its verification, OutputError if the folder cannot be written. In both cases
    what was there before is left as it was.
    """

    def on_part(task: str, share: float) -> None:
        on_progress(f"{job.name}: {task}", share)

    with locked(job.target, "another mobilenet-export", " is writing ", on_part):
        refuse_unwritable(job.target, overwrite=job.settings.overwrite)
        on_part("build the model", 0.0)
        model = job.weights.load()
        reference = _reference(job, model)
        graphs = _graphs(job, model)
        making, count = part_of(on_part, 0.1, 0.9), len(job.settings.recipes)
        files = []
        for number, recipe in enumerate(job.settings.recipes):
            files.append(_file(job, graphs, reference, recipe, part_of(making, number / count, (number + 1) / count)))
        on_part("write", 0.9)
        notes = tuple(note for file in files for note in file.notes)
        write_detector_folder(job, files, (*job.notes, *notes))
    return DetectorExport(job, job.target, MANIFEST_FILE, tuple(files), notes)


def keras_detections(job: DetectorJob, model: "keras.Model", images: UInt8) -> list[Detections]:
    """What the Keras model detects on preprocessed images (n, res, res, 3), by the post-processing of the files."""
    anchors, found = job.weights.spec.anchors(), []
    for start in range(0, len(images), BATCH):
        boxes, scores = (np.asarray(each) for each in model(normalize(images[start : start + BATCH]), training=False))
        found += [detect(*pair, anchors, job.chosen) for pair in zip(boxes, scores, strict=True)]
    return found


def _reference(job: DetectorJob, model: "keras.Model") -> DetectorReference:
    images = job.images.verification.images
    found = keras_detections(job, model, images)
    return DetectorReference(images, found, job.known, None if job.known is None else job.known.score(found))


def _graphs(job: DetectorJob, model: "keras.Model") -> GraphForms:
    from mobilenet_tf.quantization.detection_end import detection_graph

    return GraphForms(detection_graph(model, job.weights.spec, job.chosen, job.outputs))


def _file(
    job: DetectorJob, graphs: GraphForms, reference: DetectorReference, recipe: Recipe, on_progress: OnProgress
) -> DetectorFile:
    """Make and verify the file of one recipe. Nothing is written. Raises CheckError."""
    settings, images, name = job.settings, job.images, f"{job.name}_{recipe.name}"
    graph = graphs.for_recipe(recipe)
    made = quantize(
        graph,
        recipe,
        images.calibration,
        settings,
        metadata=Metadata(
            name, training_text(job.weights.split), job.labels, graph.normalization, "sigmoid", job.outputs
        ),
        choosing=job.choosing,
        on_progress=part_of(on_progress, 0.0, 0.8),
    )
    on_progress("verify", 0.8)
    # Of random weights nothing can be expected.
    min_agreement = settings.least_agreement(random=job.weights.source == "random")
    check = verify_detector(made, recipe, reference, min_agreement)
    assert isinstance(made.model, DetectorModel)
    return DetectorFile(
        name=f"{name}.tflite",
        recipe=recipe,
        content=made.content,
        correction=made.correction,
        notes=made.notes,
        float_ops=made.float_ops,
        slow_ops=made.model.session.left_by_xnnpack,
        latency_ms=median_latency_ms(made.model, images.verification.images[0], LATENCY_RUNS, LATENCY_WARM_UP),
        steps=made.steps,
        check=check,
    )
