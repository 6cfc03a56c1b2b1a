"""The photos of an export of a detector, each seen whole: those that calibrate, and others that verify."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from export.calibration import ExportImages, ImageSet
from export.decoding import Decoded, Decoder
from export.photo_folder import read_folder
from export.settings import ExportSettings
from mobilenet_tf.contract.preprocessing import check_images, stretch
from mobilenet_tf.data.photos import bundled_photos, check_left_out
from mobilenet_tf.data.split import SortedPhotos, Split
from mobilenet_tf.progress import OnProgress, ignore_progress

__all__ = ["MOST_VERIFIED", "load_detector_images"]

MOST_VERIFIED = 100  # photos: a detector takes ten times as long as a classifier, and each photo has several boxes


def load_detector_images(
    settings: ExportSettings, res: int, split: Split | None, on_progress: OnProgress = ignore_progress
) -> ExportImages:
    """The photos of settings.calibration, or the bundled ones, divided as those of a classifier are.

    A third calibrates if there are few. Photos that the weights were trained on calibrate first, and those that
    validated them verify first. Raises what calibration.load_images raises.
    """
    place = settings.calibration or bundled_photos()
    photos, decoder = read_folder(place, settings.seed, split, on_progress), Decoder(res, stretch)
    calibrating, verifying = _divided(photos.photos, settings.num_calibration, decoder)
    readable = len(calibrating) + len(verifying)
    used, broken, warnings = photos.used(decoder, readable)
    check_left_out(readable, readable + broken, place, warnings, allow_skipped=settings.allow_skipped)
    check_left_out(len(photos.found.paths), photos.found.seen, place, warnings, allow_skipped=settings.allow_skipped)
    calibration = _image_set(calibrating)
    check_images(calibration.images)
    lines = tuple(f"{place}: {line}." for line in warnings)
    return ExportImages(
        calibration, _image_set(verifying), settings.calibration, settings.seed, used, lines, photos.training
    )


def _divided(photos: SortedPhotos, count: int, decoder: Decoder) -> tuple[list[Decoded], list[Decoded]]:
    """(photos to calibrate on, photos to verify on), decoded."""
    by_use: Sequence[Path] = [*photos.trained, *photos.others, *photos.validation]  # in the order they calibrate
    size = count if len(by_use) >= count + MOST_VERIFIED else min(count, len(by_use) // 3)
    calibrating = decoder.decode(by_use[:size], size)
    verifying = decoder.decode(by_use[size:][::-1], MOST_VERIFIED)
    return calibrating, verifying


def _image_set(photos: Sequence[Decoded]) -> ImageSet:
    return ImageSet(np.stack([image for _, image in photos]), tuple(path for path, _ in photos))
