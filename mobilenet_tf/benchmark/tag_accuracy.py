"""Mean average precision of a model's tags over photos whose tags are known."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.data.tags.measured import files_to_measure
from mobilenet_tf.data.tags.tag_files import TagFiles
from mobilenet_tf.progress import OnProgress, part_of
from mobilenet_tf.results.tag_accuracy import MeasuredTag, TagAccuracy
from mobilenet_tf.tasks.tags import TAG_THRESHOLD, tag_scores
from mobilenet_tf.tflite.image_model import ImageModel

from .accuracy import score_photos, those_read
from .measured_files import MeasuredFiles, measured_files
from .settings import MeasurementSettings

__all__ = ["PhotosWithTags", "photos_with_tags", "tag_accuracy"]


@dataclass(frozen=True)
class PhotosWithTags:
    """The photos that a model is measured on. marks: (n, tags of the model): 1 if a tag is true of a photo, 0 if it is
    not, or UNKNOWN.
    """

    files: MeasuredFiles
    marks: NDArray[np.int64]


def photos_with_tags(
    model: ImageModel, settings: MeasurementSettings, on_progress: OnProgress, digests: PhotoDigests
) -> PhotosWithTags:
    """The photos of the settings, each once: of the same photo in several places the tags count together.

    Raises DataError for photos without tags, or with none that the model knows.
    """
    assert settings.images is not None
    assert model.labels is not None
    found = files_to_measure(settings.images, settings.ground_truth, model.labels)
    names = digests.of([Path(path) for path in found.paths], part_of(on_progress, 0.0, 0.5))
    marks = _each_once(found, names)
    files = measured_files(
        model,
        settings.images,
        [*marks],
        digests,
        copies=len(found.paths) - len(marks),
        left_out=found.skipped,
        on_progress=part_of(on_progress, 0.5, 1.0),
    )
    return PhotosWithTags(files, np.array([marks[path] for path in files.paths]))


def _each_once(files: TagFiles, digests: Sequence[str | None]) -> dict[Path, NDArray[np.int64]]:
    """The first file of each content, and what is known of any with it; a file that cannot be read is kept alone."""
    first: dict[str, Path] = {}
    marks: dict[Path, NDArray[np.int64]] = {}
    for path, row, digest in zip(files.paths, files.marks, digests, strict=True):
        kept = first.setdefault(digest or path, Path(path))
        marks[kept] = np.maximum(marks[kept], row) if kept in marks else row
    return marks


def tag_accuracy(models: Sequence[ImageModel], photos: PhotosWithTags, on_progress: OnProgress) -> TagAccuracy:
    """How well `models`, the same file in as many interpreters, tell the tags of photos.

    Photos that cannot be read are listed and left out. Raises ImagesError if none can be.
    """
    start = time.perf_counter()
    answers = score_photos(models, photos.files.paths, on_progress)
    seconds = time.perf_counter() - start
    read, unreadable = those_read(answers)
    scores, truth = np.stack([np.asarray(answers[index]) for index in read]), photos.marks[read]
    labels, thresholds = models[0].labels or [], models[0].thresholds
    found = tag_scores(scores, truth, thresholds or [TAG_THRESHOLD] * len(labels))
    known = [one.ap for one in found if one.ap is not None]
    return TagAccuracy(
        folder=str(photos.files.folder),
        images_sha256=photos.files.sha256(read, photos.marks.tolist()),
        images=len(read),
        mean_ap=float(np.mean(known)) if known else None,
        per_tag={label: MeasuredTag(**vars(one)) for label, one in zip(labels, found, strict=True)},
        by_file=thresholds is not None,
        images_per_s=len(read) / seconds,
        trained_left_out=photos.files.trained_left_out,
        trained_measured=photos.files.trained_measured,
        left_out=[*photos.files.left_out, *unreadable],
    )
