"""The main path: weights -> Keras model -> one verified .tflite per recipe -> a folder with all that belongs to it."""

from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.contract.manifest import MANIFEST_FILE
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .folder import write_folder
from .job import Job
from .make_file import VerifiedFile, make_file
from .manifest_builder import build_manifest
from .source import read_source

__all__ = ["Export", "export_model"]


@dataclass(frozen=True)
class Export:
    """What an export wrote: its folder, the name of the manifest in it, and the files, one per recipe."""

    job: Job
    folder: Path
    manifest_file: str
    files: tuple[VerifiedFile, ...]


def export_model(job: Job, on_progress: OnProgress = ignore_progress) -> Export:
    """Make, verify and write the files of one export.

    Raises CheckError if a file fails its verification, OutputError if the folder cannot be written. In both cases
    what was there before is left as it was.
    """
    name, recipes = job.name, job.settings.recipes
    on_progress(f"{name}: build the model", 0.0)
    source = read_source(job)
    making, count = part_of(on_progress, 0.1, 0.9), len(recipes)
    files: dict[str, VerifiedFile] = {}
    for number, recipe in enumerate(recipes):
        part = named(part_of(making, number / count, (number + 1) / count), f"{name} {recipe.name}")
        files[recipe.name] = make_file(job, source, recipe, files.get("float32"), part)
    on_progress(f"{name}: write", 0.9)
    made = tuple(files.values())
    write_folder(job, build_manifest(job, made), made)
    return Export(job, job.target, MANIFEST_FILE, made)


def named(on_progress: OnProgress, name: str) -> OnProgress:
    """Put what the work is done for before what is being done."""
    return lambda task, share: on_progress(f"{name}: {task}", share)
