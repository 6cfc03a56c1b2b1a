"""Recall@1 and verification accuracy of vectors over photos whose classes are known."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mobilenet_tf.data.digests import PhotoDigests, without_copies
from mobilenet_tf.data.embeddings.measured import photos_of_classes
from mobilenet_tf.errors import InputError
from mobilenet_tf.progress import OnProgress, part_of
from mobilenet_tf.results.embedding_accuracy import EmbeddingAccuracy
from mobilenet_tf.tasks.embeddings import recall_at_1, verification
from mobilenet_tf.tflite.embedding_model import EmbeddingModel

from .accuracy import score_photos, those_read
from .measured_files import MeasuredFiles, measured_files
from .settings import MeasurementSettings

__all__ = ["PhotosWithClasses", "embedding_accuracy", "photos_with_classes"]


@dataclass(frozen=True)
class PhotosWithClasses:
    """The photos that a model is measured on, and the class of each."""

    files: MeasuredFiles
    classes: list[str]


def photos_with_classes(
    model: EmbeddingModel, settings: MeasurementSettings, on_progress: OnProgress, digests: PhotoDigests
) -> PhotosWithClasses:
    """The photos of the settings without copies, which are nearest to each other by any vectors.

    Raises InputError for options of classifiers, DataError if no class has several photos.
    """
    assert settings.images is not None
    _refuse_options_of_classifiers(model, settings)
    found = photos_of_classes(settings.images, settings.ground_truth)
    class_of = dict(zip(found.paths, found.classes, strict=True))
    paths, copies = without_copies(found.paths, digests, part_of(on_progress, 0.0, 0.5))
    files = measured_files(
        model,
        settings.images,
        paths,
        digests,
        copies=copies.total(),
        left_out=tuple(found.left_out),
        on_progress=part_of(on_progress, 0.5, 1.0),
    )
    return PhotosWithClasses(files, [class_of[path] for path in files.paths])


def _refuse_options_of_classifiers(model: EmbeddingModel, settings: MeasurementSettings) -> None:
    for name, given in (
        ("background-offset", settings.background_offset is not None),
        ("class-offset", bool(settings.class_offset)),
    ):
        if given:
            raise InputError(f"--{name} is for classifiers; {model.path} gives vectors. Leave it out.")


def embedding_accuracy(
    models: Sequence[EmbeddingModel], photos: PhotosWithClasses, on_progress: OnProgress
) -> EmbeddingAccuracy:
    """How well the vectors of `models`, the same file in as many interpreters, tell the classes of photos.

    Photos that cannot be read are listed and left out. Raises ImagesError if none can be.
    """
    start = time.perf_counter()
    answers = score_photos(models, photos.files.paths, on_progress, EmbeddingModel.vector)
    seconds = time.perf_counter() - start
    read, unreadable = those_read(answers)
    vectors = np.stack([np.asarray(answers[index]) for index in read])
    names, classes = np.unique([photos.classes[index] for index in read], return_inverse=True)
    recall, count = recall_at_1(vectors, classes)
    pairs = verification(vectors, classes)
    return EmbeddingAccuracy(
        folder=str(photos.files.folder),
        images_sha256=photos.files.sha256(read, photos.classes),
        images=len(read),
        classes=len(names),
        recall_at_1=recall,
        recall_photos=count,
        verification=None if pairs is None else pairs.accuracy,
        pairs=0 if pairs is None else pairs.pairs,
        threshold=None if pairs is None else pairs.threshold,
        images_per_s=len(read) / seconds,
        trained_left_out=photos.files.trained_left_out,
        trained_measured=photos.files.trained_measured,
        left_out=[*photos.files.left_out, *unreadable],
    )
