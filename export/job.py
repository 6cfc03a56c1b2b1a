"""The input of one export, read and checked before anything is made."""

from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.errors import InputError
from mobilenet_tf.files import refuse_unwritable
from mobilenet_tf.progress import OnProgress, ignore_progress

from .accuracy_photos import AccuracyPhotos, accuracy_photos
from .calibration import ExportImages, ImageSet, load_images
from .choosing_photos import choosing_photos
from .disk import refuse_full_disk
from .forgotten_weights import forgotten_weights
from .left_out import left_out_of_accuracy
from .network import Network
from .read_network import read_network
from .settings import ExportSettings

__all__ = ["Job", "check_recipes", "prepare"]

MANY_DIMENSIONS = 500  # of a vector: from about these on most of the int8 error is the rounding of its numbers
RUNS = Path("build/train")  # where mobilenet-train writes if nothing else is said


@dataclass(frozen=True)
class Job:
    """One export whose input has been read and found usable.

    accuracy: the verification photos that accuracy counts.
    choosing: the photos by which --max-drop chooses the ops that stay float; None without it.
    target:   the folder that is to be written.
    notes:    what the person should know.
    left_out: why there is no top-1 though some photos have a class, which counts as a failed check; None if there is no
              such reason.
    mistake:  a sentence on what the person probably meant instead, to stand last; None if nothing points to a mistake.
    """

    settings: ExportSettings
    network: Network
    images: ExportImages
    accuracy: AccuracyPhotos
    target: Path
    notes: tuple[str, ...]
    left_out: str | None = None
    mistake: str | None = None
    choosing: ImageSet | None = None

    @property
    def name(self) -> str:
        """Of its folder, and the beginning of its files' names."""
        return self.network.name


def prepare(settings: ExportSettings, on_progress: OnProgress = ignore_progress) -> Job:
    """Read and check everything an export needs; nothing is written.

    Raises InputError; CheckError if too many photos cannot be used.
    """
    check_recipes(settings)
    network = read_network(settings)
    _check_io(settings, network)
    target = settings.output_dir / network.name
    refuse_unwritable(target, overwrite=settings.overwrite)
    refuse_full_disk(target, network.parameters, settings.recipes)
    images = _load_images(settings, network, on_progress)
    accuracy, left_out, notes = _accuracy(settings, network, images)
    if images.folder is None and any(recipe.quantized for recipe in settings.recipes):
        notes = (*notes, "calibrated on the bundled photos; about 100 of your own (--calibration DIR) are better.")
    choosing, about_choosing = choosing_photos(settings, network, images)
    mistake = forgotten_weights(settings.weights, network, images, RUNS)
    notes = (*network.notes, *images.warnings, *notes, *about_choosing, *_about_steps(settings, network))
    return Job(settings, network, images, accuracy, target, notes, left_out, mistake, choosing)


def _about_steps(settings: ExportSettings, network: Network) -> list[str]:
    """A note if int8 rounds the vectors of an embedding coarsely for their number of dimensions."""
    is_rounded = settings.io != "float32" and any(recipe.name == "int8" for recipe in settings.recipes)
    if network.head != "embedding" or not is_rounded or network.outputs < MANY_DIMENSIONS:
        return []
    return [
        f"int8 rounds the {network.outputs} numbers of a vector, most of which are small, to steps of 1/128; --io "
        "float32 does not, and is nearer to float."
    ]


def _accuracy(
    settings: ExportSettings, network: Network, images: ExportImages
) -> tuple[AccuracyPhotos, str | None, tuple[str, ...]]:
    """(The photos that accuracy counts, why there is none though some have a class, notes on the classes)."""
    nothing = AccuracyPhotos([None] * len(images.verification.photos))
    if network.head == "embedding":
        return nothing, None, ()
    verified = list(dict.fromkeys(images.verification.photos))
    truth = true_classes(verified, ClassMatcher(network.labels, network.imagenet, network.background), images.folder)
    if network.head == "sigmoid":
        known = sum(index is not None for index in truth.classes)
        note = "top-1 is not measured: the outputs are tags, of which several may be true."
        return nothing, None, (note,) if known else ()
    left_out = None if settings.allow_skipped else left_out_of_accuracy(verified, truth.classes, images.folder)
    if left_out is not None:
        return nothing, left_out, ()
    classes = dict(zip(verified, truth.classes, strict=True))
    epochs = network.split.epochs if network.split else 0
    accuracy = accuracy_photos(images.verification, classes, images.training, epochs)
    return accuracy, None, tuple(truth.notes) if accuracy.count else ()


def _load_images(settings: ExportSettings, network: Network, on_progress: OnProgress) -> ExportImages:
    return load_images(
        settings.calibration,
        res=network.res,
        count=settings.num_calibration,
        seed=settings.seed,
        bundled="cifar10" if network.source == "cifar10" else "imagenet",
        split=network.split,
        allow_skipped=settings.allow_skipped,
        on_progress=on_progress,
    )


def check_recipes(settings: ExportSettings) -> None:
    """Raise InputError for options about quantized files that do not fit the recipes."""
    per_channel = [recipe.name for recipe in settings.recipes if recipe.quantized and recipe.name != "int8"]
    if settings.per_tensor and per_channel:
        names = " and ".join(per_channel)
        raise InputError(
            f"--per-tensor is for int8; TensorFlow converts {names} with per-channel kernels only.\n"
            f"Leave {names} out of --quant, or --per-tensor out."
        )
    if settings.quant_report and not any(recipe.quantized for recipe in settings.recipes):
        raise InputError("--quant-report is about quantized files; --quant names none. Add int8 to it.")


def _check_io(settings: ExportSettings, network: Network) -> None:
    """Raise InputError if an int8 file with floats at its ends would take other ones than the float files."""
    channels = {*network.normalization.mean}, {*network.normalization.std}
    if settings.io == "float32" and any(len(values) > 1 for values in channels):
        raise InputError(
            f"--io float32 is for networks with one normalization of all channels; {settings.weights} takes "
            f"{network.normalization}.\nGive --io int8 or uint8: bytes go in as they are."
        )
