"""The main path: the float model -> one verified .tflite per recipe -> a folder with all that belongs to it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.manifest import MANIFEST_FILE
from mobilenet_tf.errors import CheckError
from mobilenet_tf.files import refuse_unwritable
from mobilenet_tf.locks import locked
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .compared import Reference, agreement_of
from .folder import write_folder
from .job import Job
from .made_file import about_float_ops
from .make_file import VerifiedFile, make_file
from .manifest_builder import build_manifest
from .source import Source

__all__ = ["Export", "export_model"]

SAME_VECTOR = 1e-6  # largest difference of a part of vectors of length 1: float32 rounds them by as much


@dataclass(frozen=True)
class Export:
    """What an export wrote: its folder, the name of the manifest in it, and the files, one per recipe.

    notes: what was found while they were made, beside job.notes.
    """

    job: Job
    folder: Path
    manifest_file: str
    files: tuple[VerifiedFile, ...]
    notes: tuple[str, ...] = ()


def export_model(job: Job, on_progress: OnProgress = ignore_progress) -> Export:
    """Make, verify and write the files of one export, as soon as no other process writes the same folder.

    Raises CheckError if a file fails its verification, OutputError if the folder cannot be written. In both cases
    what was there before is left as it was.
    """

    def on_wait(task: str, share: float) -> None:
        on_progress(f"{job.name}: {task}", share)

    # This locks the checkpoints of the fine-tuning too, which are named after the folder.
    with locked(job.target, "another mobilenet-export", " is writing ", on_wait):
        refuse_unwritable(job.target, overwrite=job.settings.overwrite)
        return _made_and_written(job, on_progress)


def _made_and_written(job: Job, on_progress: OnProgress) -> Export:
    name, recipes = job.name, job.settings.recipes
    on_progress(f"{name}: build the model", 0.0)
    source = job.network.load()
    scores = source.scores(job.images.verification.images)
    _check_vectors(job, scores)
    making, count = part_of(on_progress, 0.1, 0.9), len(recipes)
    files: dict[str, VerifiedFile] = {}
    for number, recipe in enumerate(recipes):
        part = named(part_of(making, number / count, (number + 1) / count), f"{name} {recipe.name}")
        files[recipe.name] = make_file(job, source, scores, recipe, part)
    on_progress(f"{name}: write", 0.9)
    made = tuple(files.values())
    notes = (*about_original(job, source, scores), *(note for file in made for note in file.notes))
    write_folder(job, build_manifest(job, made, (*job.notes, *notes, *about_float_ops(made))), made)
    return Export(job, job.target, MANIFEST_FILE, made, notes)


def _check_vectors(job: Job, scores: NDArray[np.float32]) -> None:
    """Raise CheckError for an embedding that is the same for all photos: nothing can be compared by it."""
    is_random = job.network.source == "random"  # such weights make photos hardly differ
    if job.network.head == "embedding" and not is_random and np.ptp(scores, axis=0).max() < SAME_VECTOR:
        raise CheckError(
            f"{job.settings.weights} gives the same vector for all {len(scores)} images.\nIt is not trained, or its "
            "input is normalized otherwise: --input-range, or --mean and --std."
        )


def about_original(job: Job, source: Source, scores: NDArray[np.float32]) -> tuple[str, ...]:
    """A note on how often the float model decides as the quantized file that its weights were taken from."""
    if source.original is None:
        return ()
    images, network = job.images.verification, job.network
    original = Reference(images.images, scores, (), network.head, photos=images.photos)
    share = agreement_of(source.original(images.images), original)
    what = f"{len(scores)} images" if network.head != "embedding" else "the nearest photos"
    return (
        f"the float model, made of weights that were integers, agrees with the file itself on {share:.1%} of {what}: a "
        "quantized file rounds what the float model does not.",
    )


def named(on_progress: OnProgress, name: str) -> OnProgress:
    """Put what the work is done for before what is being done."""
    return lambda task, share: on_progress(f"{name}: {task}", share)
