"""Mean average precision of a model's tags over photos whose tags are known."""

import hashlib
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
from .measured_photos import split_known

__all__ = ["PhotosWithTags", "photos_with_tags", "tag_accuracy"]


@dataclass(frozen=True)
class PhotosWithTags:
    """The photos that a model is measured on, each once.

    marks: (n, tags of the model): 1 if a tag is true of a photo, 0 if it is not, or UNKNOWN.
    digests: of the content of each, None if it cannot be read.
    doubt:   why the model may have been trained on some of them; None if nothing says so.
    The other fields are those of TagAccuracy.
    """

    folder: Path
    paths: list[Path]
    marks: NDArray[np.int64]
    digests: list[str | None]
    left_out: tuple[str, ...]
    trained_left_out: int = 0
    trained_measured: int | None = None
    doubt: str | None = None


def photos_with_tags(
    model: ImageModel, folder: Path, ground_truth: Path | None, digests: PhotoDigests, on_progress: OnProgress
) -> PhotosWithTags:
    """The photos of `folder`, or of the list `ground_truth`, without those that the model was trained on, if enough
    others are there; of the same photo in several places the tags count together.

    Raises DataError for photos without tags, or with none that the model knows.
    """
    assert model.labels is not None
    files = files_to_measure(folder, ground_truth, model.labels)
    every = [Path(path) for path in files.paths]
    names = digests.of(every, part_of(on_progress, 0.0, 0.5))
    paths, marks = _each_once(files, names)
    copies = len(every) - len(paths)
    left_out = (*files.skipped, *([f"{folder}: {copies} copies of other photos"] if copies else []))
    split, doubt = split_known(model)
    if split is None:
        return PhotosWithTags(folder, paths, marks, digests.of(paths), left_out, doubt=doubt)
    measured = split.sort_out(paths, digests, part_of(on_progress, 0.5, 1.0)).to_measure()
    kept = [index for index, path in enumerate(paths) if path in measured.paths]
    paths = [paths[index] for index in kept]
    return PhotosWithTags(folder, paths, marks[kept], digests.of(paths), left_out, measured.left_out, measured.trained)


def _each_once(files: TagFiles, digests: Sequence[str | None]) -> tuple[list[Path], NDArray[np.int64]]:
    """The first file of each content, and what is known of any with it; a file that cannot be read is kept alone."""
    place_of: dict[str, int] = {}
    paths, marks = list[str](), list[NDArray[np.int64]]()
    for path, row, digest in zip(files.paths, files.marks, digests, strict=True):
        place = place_of.setdefault(digest or path, len(paths))
        if place == len(paths):
            paths.append(path)
            marks.append(row)
        else:
            marks[place] = np.maximum(marks[place], row)
    return [Path(path) for path in paths], np.array(marks)


def tag_accuracy(models: Sequence[ImageModel], photos: PhotosWithTags, on_progress: OnProgress) -> TagAccuracy:
    """How well `models`, the same file in as many interpreters, tell the tags of photos.

    Photos that cannot be read are listed and left out. Raises ImagesError if none can be.
    """
    start = time.perf_counter()
    answers = score_photos(models, photos.paths, on_progress)
    seconds = time.perf_counter() - start
    read, unreadable = those_read(answers)
    scores, truth = np.stack([np.asarray(answers[index]) for index in read]), photos.marks[read]
    labels, thresholds = models[0].labels or [], models[0].thresholds
    found = tag_scores(scores, truth, thresholds or [TAG_THRESHOLD] * len(labels))
    known = [one.ap for one in found if one.ap is not None]
    return TagAccuracy(
        folder=str(photos.folder),
        images_sha256=_sha256(photos, read),
        images=len(read),
        mean_ap=float(np.mean(known)) if known else None,
        per_tag={label: MeasuredTag(**vars(one)) for label, one in zip(labels, found, strict=True)},
        by_file=thresholds is not None,
        images_per_s=len(read) / seconds,
        trained_left_out=photos.trained_left_out,
        trained_measured=photos.trained_measured,
        left_out=[*photos.left_out, *unreadable],
    )


def _sha256(photos: PhotosWithTags, read: Sequence[int]) -> str:
    """Hash of the photos that were measured and of their tags, in whatever order they were."""
    lines = sorted(f"{photos.digests[index]} {photos.marks[index].tolist()}" for index in read)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
