"""mAP, AP50 and AR of a detector's file over photos whose boxes are known."""

import hashlib
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import numpy as np

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.preprocessing import stretch
from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.data.boxes.measured import AnnotatedImages, annotated_images
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.errors import InputError
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.results.detection_accuracy import DetectionAccuracy
from mobilenet_tf.tasks.detection_score import detection_score
from mobilenet_tf.tasks.post_processing import Detections
from mobilenet_tf.tflite.detector_model import DetectorModel

from .measured_photos import split_known
from .settings import MeasurementSettings

__all__ = ["detection_accuracy", "photos_with_boxes", "refuse_options_of_classifiers"]


def refuse_options_of_classifiers(path: Path, settings: MeasurementSettings) -> None:
    """Raise InputError for options that the detector at `path` has no use for."""
    for name, given in (
        ("ground-truth", settings.ground_truth is not None),
        ("background-offset", settings.background_offset is not None),
    ):
        if given:
            raise InputError(
                f"--{name} is for classifiers; {path} is an object detector. Leave it out: --images takes a folder of "
                "photos with annotations of boxes."
            )


def photos_with_boxes(
    model: DetectorModel, settings: MeasurementSettings, on_progress: OnProgress, digests: PhotoDigests
) -> AnnotatedImages:
    """The photos of the settings that a model is measured on; see annotated_images."""
    assert settings.images is not None
    split, doubt = split_known(model)
    return annotated_images(settings.images, model.labels, split, digests, on_progress, doubt=doubt)


def detection_accuracy(
    models: Sequence[DetectorModel], images: AnnotatedImages, on_progress: OnProgress
) -> DetectionAccuracy:
    """The scores of `models`, the same file in as many interpreters, on photos with boxes."""
    start = time.perf_counter()
    found = _detect(models, images.photos, on_progress)
    seconds = time.perf_counter() - start
    photos, labels, training = images.photos, models[0].labels, images.training
    score = detection_score(found, photos.true_boxes(), len(labels))
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
        trained_left_out=training.left_out if training else 0,
        trained_measured=training.trained if training else None,
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
