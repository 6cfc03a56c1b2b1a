"""Image classification sets by their name in TensorFlow Datasets, if that package is installed.

A set prepared as TFRecords, TFDS's default, is indexed as any shards are (tfrecord.py); a set prepared as
array_record is read by TFDS's own random access. Both hold only labels and positions in memory.
"""

import importlib
import io
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.contract.preprocessing import load_rgb
from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .dataset import (
    Dataset,
    Int64,
    Photos,
    Subset,
    UInt8,
    UInt64,
    untrained_classes_note,
)
from .layout import SIDES, TEST, VALIDATION
from .photo_looks import PhotoLooks
from .scan import changed_photo_error, describe_error, find_broken
from .sides import given_sides, held_out_sides
from .tfrecord import scan_shards

__all__ = ["SourcePhotos", "load_tfds"]

SCANNED = 0.95  # share of the time after which all photos are read; the rest finds copies
TRAIN_SHARE = 0.8  # of the time that scanning both splits takes


@dataclass(frozen=True)
class SourcePhotos:
    """Photos of a TFDS data source, whose feature `image` is still encoded."""

    source: Any
    image: str
    labels: Int64
    digests: UInt64

    def __len__(self) -> int:
        return len(self.labels)

    def name(self, index: int) -> str:
        """Its place in the source, from 0."""
        return f"photo {index}"

    def read(self, index: int, short_side: int) -> UInt8:
        """As Photos.read."""
        try:
            return load_rgb(io.BytesIO(self.source[index][self.image]), short_side)
        except Exception as error:  # TFDS's readers and Pillow's decoders raise all kinds of exceptions
            raise changed_photo_error(
                f"cannot read photo {index} of {self.source}: {describe_error(error)}."
            ) from error


@dataclass(frozen=True)
class _Scan:
    """The photos of one split, how they look, and a line for each that is left out."""

    photos: Photos
    looks: PhotoLooks
    skipped: tuple[str, ...]


def load_tfds(
    name: str,
    share: float,
    seed: int,
    data_dir: Path | None = None,
    on_progress: OnProgress = ignore_progress,
) -> Dataset:
    """The set `name`, downloaded and prepared in `data_dir` (None: TFDS's own folder) if it is not there yet.

    Its split `train`, or its only split, is trained on, and a split of validation photos, else one
    of test photos, validates; a set without any of these has `share` of each class held out. Raises DataError.
    """
    tfds = _package(name)
    builder = _prepared(tfds, name, data_dir)
    image, label = _features(tfds, name, builder.info)
    feature = builder.info.features[label]
    classes = tuple(feature.int2str(index).strip() for index in range(feature.num_classes))
    train_split, held_out_split = _splits(name, list(builder.info.splits))
    scan = partial(_scan_split, tfds, builder, image=image, label=label)
    on_copies = part_of(on_progress, SCANNED, 1)
    if held_out_split is None:
        train = scan(train_split, on_progress=part_of(on_progress, 0, SCANNED))
        sides = held_out_sides(classes, train.photos, train.looks, share, seed, on_copies)
        return sides.dataset(classes, train.skipped, len(train.skipped), len(train.skipped), ())
    train = scan(train_split, on_progress=part_of(on_progress, 0, TRAIN_SHARE * SCANNED))
    held_out = scan(held_out_split, on_progress=part_of(on_progress, TRAIN_SHARE * SCANNED, SCANNED))
    photos, looks = (train.photos, held_out.photos), (train.looks, held_out.looks)
    sides = given_sides(classes, photos, looks, share, seed, on_copies)
    skipped = train.skipped + held_out.skipped
    note = untrained_classes_note(classes, sides.train, sides.validation)
    return sides.dataset(classes, skipped, len(skipped), len(skipped), note)


def _package(name: str) -> Any:
    try:
        importlib.import_module("mobilenet_tf.keras_loader")  # TFDS loads TensorFlow, which must not load Keras first
        return importlib.import_module("tensorflow_datasets")
    except ImportError as error:
        raise DataError(
            f"tfds:{name} needs the package tensorflow-datasets, which cannot be loaded ({error}).\n"
            "Install it: pip install tensorflow-datasets"
        ) from error


def _prepared(tfds: Any, name: str, data_dir: Path | None) -> Any:
    try:
        builder = tfds.builder(name, data_dir=data_dir)
        builder.download_and_prepare()
    except Exception as error:  # TFDS's, urllib's or the set's own, depending on what failed
        raise DataError(
            f"tfds:{name} is not prepared, and cannot be ({type(error).__name__}: {describe_error(error)}).\n"
            "Check the name (tensorflow.org/datasets/catalog lists them) and the network, or give a folder of photos."
        ) from error
    return builder


def _features(tfds: Any, name: str, info: Any) -> tuple[str, str]:
    """The names of the photo and of its class: those that TFDS trains the set with, or the only ones it has."""
    features = sorted(info.features.items())
    images = [key for key, feature in features if isinstance(feature, tfds.features.Image)]
    labels = [key for key, feature in features if isinstance(feature, tfds.features.ClassLabel)]
    supervised = info.supervised_keys
    if supervised and supervised[0] in images and supervised[1] in labels:
        return supervised[0], supervised[1]
    if len(images) == len(labels) == 1:
        return images[0], labels[0]
    raise DataError(
        f"expected one image and one class label in tfds:{name}; it has images {images} and class labels {labels}.\n"
        "Choose an image classification set."
    )


def _splits(name: str, splits: list[str]) -> tuple[str, str | None]:
    """(to train on, to validate with or None)."""
    if len(splits) == 1:
        return splits[0], None
    if "train" not in splits:
        raise DataError(f"expected a split `train` in tfds:{name}; it has {', '.join(splits)}.\nChoose another set.")
    held_out = (split for side in (VALIDATION, TEST) for split in splits if SIDES.get(split) == side)
    return "train", next(held_out, None)


def _scan_split(tfds: Any, builder: Any, split: str, *, image: str, label: str, on_progress: OnProgress) -> _Scan:
    if builder.info.file_format == tfds.core.FileFormat.TFRECORD:
        records = scan_shards([Path(path) for path in builder.info.splits[split].filepaths], image, label, on_progress)
        return _Scan(records.photos, records.looks, records.skipped)
    keep = tfds.decode.SkipDecoding()
    encoded = {key: keep for key, feature in builder.info.features.items() if isinstance(feature, tfds.features.Image)}
    try:
        source = builder.as_data_source(split, decoders=encoded)
    except (NotImplementedError, ImportError) as error:
        raise DataError(
            f"{builder.data_path} is prepared as {builder.info.file_format.value}, which cannot be read here.\n"
            f"Prepare it as tfrecord, TFDS's default. ({describe_error(error)})"
        ) from error
    return _scan_source(source, f"{builder.info.full_name} {split}", image, label, on_progress)


def _scan_source(source: Any, name: str, image: str, label: str, on_progress: OnProgress) -> _Scan:
    """The photos of a TFDS data source."""
    labels, looks = np.zeros(len(source), np.int64), PhotoLooks.blank(len(source))

    def decode(index: int) -> None:
        record = source[index]
        labels[index] = record[label]
        if labels[index] < 0:
            raise ValueError("it has no label")
        looks.look(index, record[image])

    broken = find_broken(decode, len(source), on_progress)
    kept = np.setdiff1d(np.arange(len(source)), list(broken))
    skipped = tuple(f"{name}, photo {index}: {why}" for index, why in broken.items())
    return _Scan(Subset(SourcePhotos(source, image, labels, looks.digests), kept), looks.at(kept), skipped)
