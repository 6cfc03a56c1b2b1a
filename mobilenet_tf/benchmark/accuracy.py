"""Top-1, top-5, per-class accuracy, confusion and confidence over photos whose classes are known."""

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.progress import OnProgress, ignore_progress
from mobilenet_tf.results.answers import WrongPhoto, confidence_bins, confusion_counts, most_confident_wrong
from mobilenet_tf.results.places_record import distance_sentences
from mobilenet_tf.results.records import MIN_CLASSES_OF_TOP5, Accuracy
from mobilenet_tf.results.thumbnails import THUMBNAIL_SIDE, thumbnail_text
from mobilenet_tf.terminal import printable
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.photo_model import PhotoModel
from mobilenet_tf.tflite.process_limits import allow_more_memory

from .accuracy_notes import doubts_of, remarks_of
from .labelled_photos import LabelledPhotos
from .placed_photos import distances_of
from .settings import MeasurementSettings

__all__ = ["Scores", "accuracy_of", "evaluate", "open_on_every_core", "score_photos", "those_read"]

TOP = 5
DIGITS = 6  # of a confidence
LARGE_BYTES = 400 * 10**6  # of the memory of one model

Model = TypeVar("Model", bound=PhotoModel)
# The scores (classes,) of a photo, or why it could not be read.
Scores = NDArray[np.float32] | str


def open_on_every_core(
    model_type: Callable[..., Model], path: Path, settings: MeasurementSettings, peak_bytes: int | None = None
) -> list[Model]:
    """`path` in as many interpreters as there are cores, with one thread each.

    So many photos at a time are faster than threads that share one photo.
    model_type: ImageModel, EmbeddingModel or DetectorModel, see there.
    peak_bytes: the memory that one of them takes, if it is known: of a model that takes much, there is one.
    """
    cores = os.cpu_count() or 1
    if peak_bytes is not None and peak_bytes > LARGE_BYTES:
        cores = 1
    allow_more_memory(cores)
    return [
        model_type(path, backend=settings.backend, labels=settings.labels, given=settings.given) for _ in range(cores)
    ]


def evaluate(
    models: Sequence[ImageModel], photos: LabelledPhotos, on_progress: OnProgress = ignore_progress
) -> Accuracy:
    """Accuracy of `models`, the same file in as many interpreters, on `photos`.

    Photos that cannot be read are listed and left out. Raises ImagesError if none can be.
    """
    start = time.perf_counter()
    scores = score_photos(models, photos.paths, on_progress)
    return accuracy_of(scores, photos, time.perf_counter() - start)


def accuracy_of(scores: Sequence[Scores], photos: LabelledPhotos, seconds: float) -> Accuracy:
    """Accuracy by the scores of each of `photos`, which it took so many seconds to get.

    Raises ImagesError if none could be read.
    """
    _, unreadable = those_read(scores)
    read = [(one, index) for one, index in zip(scores, photos.classes, strict=True) if not isinstance(one, str)]
    table, true = np.stack([one for one, _ in read]), np.array([index for _, index in read])
    best = np.argsort(-table, axis=1, kind="stable")[:, :TOP]
    first, right = best[:, 0], best[:, 0] == true
    paths = [path for path, one in zip(photos.paths, scores, strict=True) if not isinstance(one, str)]
    confidence = table[np.arange(len(first)), first]
    names, training = photos.class_names, photos.training
    distances = distances_of(photos, paths, first)
    accuracy = Accuracy(
        folder=str(photos.folder),
        images_sha256=photos.sha256([not isinstance(one, str) for one in scores]),
        images=len(true),
        top1=float(right.mean()),
        top5=float((best == true[:, None]).any(1).mean()) if len(names.names) >= MIN_CLASSES_OF_TOP5 else None,
        per_class=_per_class(true, right, names.names),
        confusion=confusion_counts(true, first),
        confidence=confidence_bins(confidence, right),
        seen=photos.seen,
        left_out=[*photos.skipped, *unreadable],
        unmatched_folders=[*photos.unmatched_folders],
        trained_left_out=training.left_out if training else 0,
        trained_measured=training.measured if training else None,
        doubts=[],
        background_offset=names.background,
        images_per_s=len(read) / seconds,
        answers=_answers(scores, photos),
        remarks=[*remarks_of(photos), *(distance_sentences(**vars(distances)) if distances else [])],
        classes=[*names.names],
        wrong=[
            WrongPhoto(
                printable(photos.name(paths[index])),
                int(true[index]),
                int(first[index]),
                round(float(confidence[index]), DIGITS),
                _thumbnail(paths[index]),
            )
            for index in most_confident_wrong(confidence, right)
        ],
        distances=distances,
    )
    return replace(accuracy, doubts=doubts_of(accuracy, photos))


def _answers(scores: Sequence[Scores], photos: LabelledPhotos) -> str:
    """A letter for each photo that was read, in the order of their paths: 1 right, 0 wrong."""
    letters = {
        path: str(int(np.argmax(one) == index))
        for path, one, index in zip(photos.paths, scores, photos.classes, strict=True)
        if not isinstance(one, str)
    }
    return "".join(letters[path] for path in sorted(letters, key=Path.as_posix))


def score_photos(
    models: Sequence[Model],
    paths: Sequence[Path],
    on_progress: OnProgress = ignore_progress,
    answer: Callable[[Model, NDArray[Any]], NDArray[np.float32]] = ImageModel.probabilities,  # type: ignore[assignment]
) -> list[Scores]:
    """What `answer` makes of the output of the file for each photo, in order: the probabilities of classes, or others.

    A thread for each of `models`, which are the same file: one decodes while another infers, outside Python's lock.
    """
    free: SimpleQueue[Model] = SimpleQueue()
    for model in models:
        free.put(model)

    def score(path: Path) -> Scores:
        try:
            with photo_memory():
                pixels = preprocess(read_photo(path), models[0].res)
        except ImagesError as error:
            return str(error)
        model = free.get()
        try:
            return answer(model, model.session.run(model.tensor(pixels)))
        finally:
            free.put(model)

    scores = []
    with ThreadPoolExecutor(len(models)) as pool:
        for number, result in enumerate(pool.map(score, paths), 1):
            scores.append(result)
            on_progress("measuring accuracy", number / len(paths))
    return scores


def those_read(scores: Sequence[Scores]) -> tuple[list[int], list[str]]:
    """(the places of the photos that could be read, why the others could not). Raises ImagesError if none could."""
    read = [index for index, one in enumerate(scores) if not isinstance(one, str)]
    unreadable = [one.removesuffix(".") for one in scores if isinstance(one, str)]
    if not read:
        raise ImagesError(f"none of the {len(scores)} photos can be read; the first: {unreadable[0]}.")
    return read, unreadable


def _per_class(true: NDArray[np.int64], right: NDArray[np.bool_], names: Sequence[str]) -> dict[str, list[int]]:
    """Label -> [right, photos]."""
    per_class: dict[str, list[int]] = {}
    for index in np.unique(true):
        of_class = true == index
        # Two classes may have the same name, as ImageNet's cranes do.
        label = names[index] if names[index] not in per_class else f"{names[index]} ({index})"
        per_class[label] = [int(right[of_class].sum()), int(of_class.sum())]
    return per_class


def _thumbnail(path: Path) -> str:
    """What the model saw of a photo, see WrongPhoto; nothing if the photo is gone by now."""
    try:
        return thumbnail_text(preprocess(read_photo(path), THUMBNAIL_SIDE))
    except ImagesError:
        return ""
