"""mAP, AP50 and AR of a detector's file over photos whose boxes are known."""

import hashlib
import os
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.preprocessing import stretch
from mobilenet_tf.data.boxes.annotations import Annotations
from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.data.boxes.find import find_boxes
from mobilenet_tf.data.boxes.read import read_photos
from mobilenet_tf.data.class_matching import normalized
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import DataError, LabelsError
from mobilenet_tf.progress import OnProgress, part_of
from mobilenet_tf.results.detection_accuracy import DetectionAccuracy
from mobilenet_tf.tasks.detection_score import TrueBoxes, detection_score
from mobilenet_tf.tasks.post_processing import Detections
from mobilenet_tf.terminal import shortened_list
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.tflite.process_limits import allow_more_memory

from .settings import MeasurementSettings

__all__ = ["AnnotatedImages", "annotated_images", "detection_accuracy"]


@dataclass(frozen=True)
class AnnotatedImages:
    """Photos with boxes whose classes are those of a model.

    left_out: lines on what is not measured. trained_left_out, trained_measured: see DetectionAccuracy.
    """

    folder: Path
    photos: BoxedPhotos
    left_out: tuple[str, ...]
    trained_left_out: int = 0
    trained_measured: int | None = None


def annotated_images(
    folder: Path, labels: Sequence[str], split: Split | None, digests: PhotoDigests | None, on_progress: OnProgress
) -> AnnotatedImages:
    """The photos in a folder, or of a file of annotations, that a model with these labels is measured on.

    split: which photos the model was trained on; those are left out if enough others are there.
    Raises DataError if there are no boxes, LabelsError if none is of a class of the model.
    """
    found = find_boxes(folder)
    number_of = {name: number for number, name in enumerate(_classes(folder, found, labels))}
    read = read_photos(found.photos, number_of, part_of(on_progress, 0.0, 0.8))
    photos, left_out = read.photos, (*found.skipped, *read.skipped)
    if not len(photos):
        raise DataError(f"none of the {len(found.photos)} photos in {folder} can be read.\n{read.skipped[0]}")
    if split is None:
        return AnnotatedImages(folder, photos, left_out)
    paths = [Path(path) for path in photos.paths]
    training = split.sort_out(paths, digests, part_of(on_progress, 0.8, 1.0))
    measured = training.to_measure()
    kept = np.array([index for index, path in enumerate(paths) if path in measured.paths], np.int64)
    return AnnotatedImages(folder, photos.at(kept), left_out, measured.left_out, measured.trained)


def _classes(folder: Path, found: Annotations, labels: Sequence[str]) -> tuple[str, ...]:
    """The name in the annotations of each class of the model, by its letters; its own if they do not name it."""
    named = {box.label for photo in found.photos for box in photo.boxes if box.label is not None}
    spelled = {normalized(label): label for label in sorted(named)}
    classes = tuple(spelled.get(normalized(label), label) for label in labels)
    if not named & {*classes}:
        raise LabelsError(
            f"expected boxes of classes that the model knows in {folder}; its classes are "
            f"{shortened_list(list(labels))}, and those of the boxes {shortened_list(sorted(named))}.\n"
            "Give the names of the model's classes with --labels FILE, as the annotations have them."
        )
    return classes


def detection_accuracy(
    path: Path, settings: MeasurementSettings, images: AnnotatedImages, on_progress: OnProgress
) -> DetectionAccuracy:
    """The scores of a file on photos with boxes. It runs in as many interpreters as there are cores."""
    cores = os.cpu_count() or 1
    allow_more_memory(cores)
    models = [
        DetectorModel(path, backend=settings.backend, labels=settings.labels, given=settings.given)
        for _ in range(cores)
    ]
    start = time.perf_counter()
    found = _detect(models, images.photos, on_progress)
    seconds = time.perf_counter() - start
    photos, labels = images.photos, models[0].labels
    truth = [
        TrueBoxes(photos.boxes[index], photos.classes[index], photos.ignored[index], (height, width))
        for index, (height, width) in enumerate(photos.sizes.tolist())
    ]
    score = detection_score(found, truth, len(labels))
    named = list(zip(labels, score.classes, strict=True))
    return DetectionAccuracy(
        folder=str(images.folder),
        images_sha256=_sha256(photos),
        images=len(photos),
        boxes=sum(one.boxes for one in score.classes),
        ap=score.ap,
        ap50=score.ap50,
        ar=score.ar,
        voc_ap50=score.voc_ap50,
        per_class={label: one.ap50 for label, one in named if one.boxes},
        boxes_per_class={label: one.boxes for label, one in named if one.boxes},
        images_per_s=len(photos) / seconds,
        trained_left_out=images.trained_left_out,
        trained_measured=images.trained_measured,
        left_out=[*images.left_out],
    )


def _detect(models: Sequence[DetectorModel], photos: BoxedPhotos, on_progress: OnProgress) -> list[Detections]:
    """All detections on each photo. Each of the models, which are the same file, is used by one thread at a time."""
    free: SimpleQueue[DetectorModel] = SimpleQueue()
    for model in models:
        free.put(model)

    def detect(path: str) -> Detections:
        with photo_memory():
            pixels = stretch(read_photo(Path(path)), models[0].res)
        model = free.get()
        try:
            return model.detect(pixels)
        finally:
            free.put(model)

    found = []
    with ThreadPoolExecutor(len(models)) as pool:
        for number, one in enumerate(pool.map(detect, photos.paths), 1):
            found.append(one)
            on_progress("measuring mAP", number / len(photos.paths))
    return found


def _sha256(photos: BoxedPhotos) -> str:
    """Hash of the photos and of their boxes: of two results with the same one the scores can be compared."""
    digest = hashlib.sha256(photos.digests.tobytes())
    for boxes, classes in zip(photos.boxes, photos.classes, strict=True):
        digest.update(np.ascontiguousarray(boxes).tobytes() + np.ascontiguousarray(classes).tobytes())
    return digest.hexdigest()
