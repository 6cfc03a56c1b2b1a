"""The input of one export of a detector, read and checked before anything is made."""

from dataclasses import dataclass
from pathlib import Path

from export.calibration import ExportImages, ImageSet
from export.choosing_photos import photos_to_choose_by
from export.decoding import Decoder
from export.disk import refuse_full_disk
from export.job import check_recipes
from export.settings import ExportSettings
from mobilenet_tf.contract.labels import BACKGROUND, LABELS_FILE, begins_with_background, read_labels, without_numbers
from mobilenet_tf.contract.preprocessing import stretch
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.errors import InputError, LabelsError
from mobilenet_tf.files import refuse_unwritable
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.tasks.post_processing import PostProcessing
from mobilenet_tf.tflite.detector_metadata import Outputs
from mobilenet_tf.weights.detectors import DetectorWeights, is_detector, load_detector

from .images import load_detector_images
from .known_boxes import KnownBoxes, known_boxes

__all__ = ["DetectorJob", "is_detector_export", "prepare_detector"]

CHOOSING = (50, 100)  # photos that choose the ops of --max-drop, at least and at most: each has several objects


@dataclass(frozen=True)
class DetectorJob:
    """One export of a detector whose input has been read and found usable.

    chosen:  how detections are chosen, in the files and in their verification.
    outputs: what the files give: the outputs of post-processing, or the raw heads.
    known:    the verification photos whose boxes are known; None if those of none are.
    choosing: the photos by which --max-drop chooses the ops that stay float; None without it.
    """

    settings: ExportSettings
    weights: DetectorWeights
    labels: list[str]
    images: ExportImages
    target: Path
    chosen: PostProcessing
    outputs: Outputs
    notes: tuple[str, ...]
    choosing: ImageSet | None = None
    known: KnownBoxes | None = None

    @property
    def name(self) -> str:
        """Of its folder, and the beginning of its files' names."""
        return self.target.name


def is_detector_export(settings: ExportSettings) -> bool:
    """Whether the settings mean a detector. Reads no more than the description of a file."""
    return is_detector(settings.weights, settings.arch)


def prepare_detector(settings: ExportSettings, on_progress: OnProgress = ignore_progress) -> DetectorJob:
    """Read and check everything that the export of a detector needs; nothing is written.

    Raises InputError; CheckError if too many photos cannot be used.
    """
    _check_options(settings)
    check_recipes(settings)
    weights = load_detector(
        settings.weights,
        arch=settings.arch,
        alpha=settings.alpha,
        res=settings.res,
        classes=settings.classes,
        seed=settings.seed,
    )
    labels, notes = _labels(settings, weights)
    name = weights.spec.trained_on(weights.split.dataset) if weights.split else weights.spec.name
    target = settings.output_dir / name
    refuse_unwritable(target, overwrite=settings.overwrite)
    refuse_full_disk(target, weights.parameters, settings.recipes)
    images = load_detector_images(settings, weights.spec.res, weights.split, part_of(on_progress, 0.0, 0.7))
    if images.folder is None:
        notes.append("calibrated on the bundled photos; about 100 of your own (--calibration DIR) are better.")
    known, about_boxes = None, list[str]()
    if weights.source != "random":  # of random weights nothing can be expected
        known, about_boxes = known_boxes(images, labels, weights.split, part_of(on_progress, 0.7, 1.0))
    decoder = Decoder(weights.spec.res, stretch)
    choosing, about_choosing = photos_to_choose_by(settings, images, decoder, bundled_photos(), CHOOSING)
    return DetectorJob(
        settings=settings,
        weights=weights,
        labels=labels,
        images=images,
        target=target,
        chosen=PostProcessing(),
        outputs="raw" if settings.raw_outputs else "detections",
        notes=(*weights.notes, *images.warnings, *notes, *about_boxes, *about_choosing),
        choosing=choosing,
        known=known,
    )


def _check_options(settings: ExportSettings) -> None:
    if settings.weights == "imagenet" and settings.arch is not None:
        raise InputError(
            f"there are no bundled weights of {settings.arch}: --weights FILE takes what mobilenet-train made, or the "
            ".tflite of a published SSD.\nFor latency alone: --weights random."
        )
    if settings.weights == "random" and settings.max_drop is not None:
        raise InputError(
            "--max-drop counts the objects that the float detector finds; random weights find none.\n"
            "Leave it out, or give trained --weights."
        )
    for name, given in (
        ("drop-background", settings.drop_background),
        ("mean", settings.normalization is not None),
    ):
        if given:
            raise InputError(f"--{name} is for classifiers; {settings.weights} is an object detector. Leave it out.")
    if settings.io == "float32" and any(recipe.name == "int8" for recipe in settings.recipes):
        raise InputError(
            "--io float32 is for classifiers: the outputs of a detector are floats anyway, and its int8 file takes "
            "bytes.\nLeave it out, or give --io uint8."
        )


def _labels(settings: ExportSettings, weights: DetectorWeights) -> tuple[list[str], list[str]]:
    """(The name of each class, notes): from --labels, else from the run, else beside the weights, else numbers."""
    classes = weights.spec.classes
    if settings.labels is not None:
        labels, note = without_numbers(read_labels(settings.labels), str(settings.labels))
        notes = [note] if note else []
        if len(labels) == classes + 1 and begins_with_background(labels):
            notes.append(f"the first label, '{labels[0]}', stands for the background: class 0 is '{labels[1]}'.")
            labels = labels[1:]
        if len(labels) != classes:
            raise LabelsError(
                f"expected {classes} labels, one for each class of {settings.weights}, or one more that begins with a "
                f"line `{BACKGROUND}`; {settings.labels} has {len(labels)}.\nGive the list it was trained with."
            )
        return labels, notes
    if weights.split is not None and len(weights.split.classes) == classes:
        return list(weights.split.classes), []
    beside = _beside(settings.weights)
    if beside.is_file() and len(found := read_labels(beside)) == classes:
        return found, []
    note = f"no labels given: the {classes} classes are named by number; --labels FILE names them."
    return [f"class {number}" for number in range(classes)], [note]


def _beside(source: str) -> Path:
    path = Path(source)
    return path / LABELS_FILE if path.is_dir() else path.with_name(LABELS_FILE)
