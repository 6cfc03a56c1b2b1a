"""Recall@1 and verification accuracy of vectors over photos whose classes are known."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mobilenet_tf.data.digests import PhotoDigests, without_copies
from mobilenet_tf.data.embeddings.measured import photos_of_classes
from mobilenet_tf.progress import OnProgress, part_of
from mobilenet_tf.results.embedding_accuracy import EmbeddingAccuracy
from mobilenet_tf.tasks.embeddings import recall_at_1, verification
from mobilenet_tf.tflite.embedding_model import EmbeddingModel

from .accuracy import score_photos, those_read
from .measured_photos import split_known

__all__ = ["PhotosWithClasses", "embedding_accuracy", "photos_with_classes"]


@dataclass(frozen=True)
class PhotosWithClasses:
    """The photos that a model is measured on, each once, and the class of each.

    digests: of the content of each, None if it cannot be read.
    doubt:   why the model may have been trained on some of them; None if nothing says so.
    The other fields are those of EmbeddingAccuracy.
    """

    folder: Path
    paths: list[Path]
    classes: list[str]
    digests: list[str | None]
    left_out: tuple[str, ...]
    trained_left_out: int = 0
    trained_measured: int | None = None
    doubt: str | None = None


def photos_with_classes(
    model: EmbeddingModel, folder: Path, ground_truth: Path | None, digests: PhotoDigests, on_progress: OnProgress
) -> PhotosWithClasses:
    """The photos of `folder`, or of the list `ground_truth`, without copies, which are nearest to each other by any
    vectors, and without those that the model was trained on, if enough others are there.

    Raises DataError if no class has several photos.
    """
    found = photos_of_classes(folder, ground_truth)
    class_of = dict(zip(found.paths, found.classes, strict=True))
    paths, copies = without_copies(found.paths, digests, part_of(on_progress, 0.0, 0.5))
    count = copies.total()
    left_out = (*found.left_out, *([f"{folder}: {count} copies of other photos"] if count else []))
    split, doubt = split_known(model)
    trained: tuple[int, int | None] = (0, None)
    if split is not None:
        measured = split.sort_out(paths, digests, part_of(on_progress, 0.5, 1.0)).to_measure()
        paths = [path for path in paths if path in measured.paths]
        trained = measured.left_out, measured.trained
    classes = [class_of[path] for path in paths]
    return PhotosWithClasses(folder, paths, classes, digests.of(paths), left_out, *trained, doubt)


def embedding_accuracy(
    models: Sequence[EmbeddingModel], photos: PhotosWithClasses, on_progress: OnProgress
) -> EmbeddingAccuracy:
    """How well the vectors of `models`, the same file in as many interpreters, tell the classes of photos.

    Photos that cannot be read are listed and left out. Raises ImagesError if none can be.
    """
    start = time.perf_counter()
    answers = score_photos(models, photos.paths, on_progress, EmbeddingModel.vector)
    seconds = time.perf_counter() - start
    read, unreadable = those_read(answers)
    vectors = np.stack([np.asarray(answers[index]) for index in read])
    names, classes = np.unique([photos.classes[index] for index in read], return_inverse=True)
    recall, count = recall_at_1(vectors, classes)
    pairs = verification(vectors, classes)
    return EmbeddingAccuracy(
        folder=str(photos.folder),
        images_sha256=_sha256(photos, read),
        images=len(read),
        classes=len(names),
        recall_at_1=recall,
        recall_photos=count,
        verification=None if pairs is None else pairs.accuracy,
        pairs=0 if pairs is None else pairs.pairs,
        threshold=None if pairs is None else pairs.threshold,
        images_per_s=len(read) / seconds,
        trained_left_out=photos.trained_left_out,
        trained_measured=photos.trained_measured,
        left_out=[*photos.left_out, *unreadable],
    )


def _sha256(photos: PhotosWithClasses, read: Sequence[int]) -> str:
    """Hash of the photos that were measured and of their classes, in whatever order they were."""
    lines = sorted(f"{photos.digests[index]} {photos.classes[index]}" for index in read)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogateescape")).hexdigest()
