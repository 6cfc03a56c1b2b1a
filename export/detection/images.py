"""The photos of an export of a detector, each seen whole: those that calibrate, and others that verify."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from export.calibration import MIN_PHOTOS, ExportImages, ImageSet, PhotosUsed, about_photos
from export.decoding import Decoded, Decoder
from export.settings import ExportSettings
from mobilenet_tf.contract.preprocessing import check_images, stretch
from mobilenet_tf.data.digests import PhotoDigests, without_copies
from mobilenet_tf.data.photos import bundled_photos, check_left_out, find_photos
from mobilenet_tf.data.split import SortedPhotos, Split
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

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
    found, digests = find_photos(place), PhotoDigests()
    paths, copies = without_copies(found.paths, digests, part_of(on_progress, 0.0, 0.4))
    np.random.default_rng(settings.seed).shuffle(paths)  # type: ignore[arg-type]
    training = split.sort_out(paths, digests, part_of(on_progress, 0.4, 0.8)) if split else None
    on_progress("reading photos", 0.8)
    decoder = Decoder(res, stretch)
    calibrating, verifying = _divided(training or SortedPhotos([], [], paths), settings.num_calibration, decoder)
    broken = sum(1 + copies.pop(path, 0) for path in decoder.broken)
    used = PhotosUsed(found.seen, copies.total(), found.unread_count + broken)
    warnings = [*found.unread, *about_photos(used, broken, decoder)]
    readable = len(calibrating) + len(verifying)
    if readable < MIN_PHOTOS:
        reason = f" ({'; '.join(warnings)})" if warnings else ""
        raise ImagesError(
            f"expected at least {MIN_PHOTOS} different, readable photos in {place}; found {readable}{reason}.\n"
            "Give a folder of about 100 photos like those the model will see, or leave --calibration out."
        )
    check_left_out(readable, readable + broken, place, warnings, allow_skipped=settings.allow_skipped)
    check_left_out(len(found.paths), found.seen, place, warnings, allow_skipped=settings.allow_skipped)
    calibration = _image_set(calibrating)
    check_images(calibration.images)
    lines = tuple(f"{place}: {line}." for line in warnings)
    return ExportImages(calibration, _image_set(verifying), settings.calibration, settings.seed, used, lines, training)


def _divided(photos: SortedPhotos, count: int, decoder: Decoder) -> tuple[list[Decoded], list[Decoded]]:
    """(photos to calibrate on, photos to verify on), decoded."""
    by_use: Sequence[Path] = [*photos.trained, *photos.others, *photos.validation]  # in the order they calibrate
    size = count if len(by_use) >= count + MOST_VERIFIED else min(count, len(by_use) // 3)
    calibrating = decoder.decode(by_use[:size], size)
    verifying = decoder.decode(by_use[size:][::-1], MOST_VERIFIED)
    return calibrating, verifying


def _image_set(photos: Sequence[Decoded]) -> ImageSet:
    return ImageSet(np.stack([image for _, image in photos]), tuple(path for path, _ in photos))
