"""The input of one export, read and checked before anything is made."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.errors import InputError, OutputError
from mobilenet_tf.files import refuse_unwritable
from mobilenet_tf.progress import OnProgress, ignore_progress
from mobilenet_tf.weights.class_names import labels_beside, labels_for
from mobilenet_tf.weights.file_kinds import weights_file
from mobilenet_tf.weights.load import SOURCES, Weights, load_weights

from .accuracy_photos import AccuracyPhotos, accuracy_photos
from .calibration import ExportImages, load_images
from .forgotten_weights import forgotten_weights
from .left_out import left_out_of_accuracy
from .recipes import Recipe
from .same_network import original_scores
from .settings import ExportSettings

__all__ = ["Job", "prepare"]


BYTES_OF_WEIGHT = {"float32": 4, "float16": 2, "int8": 1}
RUNS = Path("build/train")  # where mobilenet-train writes if nothing else is said


@dataclass(frozen=True)
class Job:
    """One export whose input has been read and found usable.

    name:     of its folder, and the beginning of its files' names.
    accuracy: the verification photos that accuracy counts.
    target:   the folder that is to be written.
    notes:    what the person should know.
    left_out: why there is no top-1 though some photos have a class, which counts as a failed check; None if there is no
              such reason.
    mistake:  a sentence on what the person probably meant instead, to stand last; None if nothing points to a mistake.
    original_scores: what the model in the person's file answers for the verification images (n, classes); None if
              there is no such model, or only the network that its weights are filled into can be run on them.
    """

    name: str
    settings: ExportSettings
    weights: Weights
    labels: list[str]
    images: ExportImages
    accuracy: AccuracyPhotos
    target: Path
    notes: tuple[str, ...]
    left_out: str | None = None
    mistake: str | None = None
    original_scores: NDArray[np.float32] | None = None


def prepare(settings: ExportSettings, on_progress: OnProgress = ignore_progress) -> Job:
    """Read and check everything an export needs; nothing is written.

    Raises InputError; CheckError if too many photos cannot be used.
    """
    weights = load_weights(
        settings.weights,
        arch=settings.arch,
        alpha=settings.alpha,
        res=settings.res,
        classes=settings.classes,
        drop_background=settings.drop_background,
        seed=settings.seed,
    )
    labels, labels_note = labels_for(weights, settings.labels or labels_beside(weights, settings.weights))
    _check_recipes(settings)
    file = weights_file(settings.weights, SOURCES) if weights.source == "file" else None
    name = _name(weights, file)
    target = settings.output_dir / name
    refuse_unwritable(target, overwrite=settings.overwrite)
    refuse_full_disk(target, weights, settings.recipes)
    images = _load_images(settings, weights, on_progress)
    verified = list(dict.fromkeys(images.verification.photos))
    truth = true_classes(verified, ClassMatcher(labels, weights.imagenet, weights.background), images.folder)
    classes = dict(zip(verified, truth.classes, strict=True))
    epochs = weights.split.epochs if weights.split else 0
    accuracy = accuracy_photos(images.verification, classes, images.training, epochs)
    left_out = None if settings.allow_skipped else left_out_of_accuracy(verified, truth.classes, images.folder)
    if left_out is not None:
        accuracy = AccuracyPhotos([None] * len(images.verification.photos))
    scores, about_file = original_scores(file, weights, images.verification) if file else (None, ())
    notes = [*weights.notes, *about_file, *images.warnings, *(truth.notes if accuracy.count else ())]
    if labels_note:
        notes.append(labels_note)
    if images.folder is None and any(recipe.quantized for recipe in settings.recipes):
        notes.append("calibrated on the bundled photos; about 100 of your own (--calibration DIR) are better.")
    mistake = forgotten_weights(settings.weights, weights, labels, images, RUNS)
    return Job(name, settings, weights, labels, images, accuracy, target, tuple(notes), left_out, mistake, scores)


def _name(weights: Weights, file: Path | None) -> str:
    """The name of the network, and of the data set if the weights say on which they were trained."""
    if weights.split is None:
        return weights.spec.name
    # mobilenet-train --quantize writes a run of its own for the same photos, whose folder ends so.
    quantized = "_quantized" if file and file.resolve().parent.name.endswith("_quantized") else ""
    return weights.spec.trained_on(weights.split.dataset + quantized)


def refuse_full_disk(target: Path, weights: Weights, recipes: Sequence[Recipe]) -> None:
    """Raise OutputError if the weights alone, as these recipes store them, do not fit on the disk of `target`."""
    existing = next(path for path in target.absolute().parents if path.exists())
    free = shutil.disk_usage(existing).free
    parameters = sum(array.size for array in weights.arrays)
    needed = sum(parameters * BYTES_OF_WEIGHT[recipe.weights] for recipe in recipes)
    if free < needed:
        raise OutputError(
            f"cannot write {target}: it takes {needed / 1e6:.1f} MB or more, and {free / 1e6:.1f} MB are free.\n"
            "The disk is full: free some space, or give another --output-dir. Nothing was changed."
        )


def _load_images(settings: ExportSettings, weights: Weights, on_progress: OnProgress) -> ExportImages:
    return load_images(
        settings.calibration,
        res=weights.spec.res,
        count=settings.num_calibration,
        seed=settings.seed,
        bundled="cifar10" if weights.source == "cifar10" else "imagenet",
        split=weights.split,
        allow_skipped=settings.allow_skipped,
        on_progress=on_progress,
    )


def _check_recipes(settings: ExportSettings) -> None:
    per_channel = [recipe.name for recipe in settings.recipes if recipe.quantized and recipe.name != "int8"]
    if settings.per_tensor and per_channel:
        names = " and ".join(per_channel)
        raise InputError(
            f"--per-tensor is for int8; TensorFlow converts {names} with per-channel kernels only.\n"
            f"Leave {names} out of --quant, or --per-tensor out."
        )
    if settings.quant_report and not any(recipe.quantized for recipe in settings.recipes):
        raise InputError("--quant-report is about quantized files; --quant names none. Add int8 to it.")
