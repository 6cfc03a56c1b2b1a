"""The images of an export: the representative dataset that calibrates, and others that files are verified on.

The photos of a folder are sorted, shuffled by a seed and divided: some are for calibration, the others for
verification. If the weights say which photos they were trained on, those calibrate, and the others verify. If there are
fewer photos than images, further images are crops of the same photos at several scales, flipped or not. No photo is
used for both.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import check_images, preprocess
from mobilenet_tf.data.photos import bundled_photos, check_left_out, read_photo
from mobilenet_tf.data.split import SortedPhotos, Split
from mobilenet_tf.progress import OnProgress, ignore_progress

from .decoding import Decoded, Decoder
from .photo_folder import PhotosUsed, read_folder

__all__ = ["MIN_VERIFICATION", "ExportImages", "ImageSet", "load_images"]

MIN_VERIFICATION, MAX_VERIFICATION = 200, 400  # images that files are verified on
MAX_UNTRAINED = 1000  # photos that the network was not trained on: as many as possible, for their top-1

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class ImageSet:
    """Preprocessed images, uint8 (n, res, res, 3), and the photo that each is from."""

    images: UInt8
    photos: tuple[Path, ...]

    @property
    def distinct(self) -> int:
        """The number of different photos that the images are from."""
        return len(set(self.photos))

    @property
    def sha256(self) -> str:
        """Hash of the images' bytes, in order."""
        return hashlib.sha256(self.images.tobytes()).hexdigest()


@dataclass(frozen=True)
class ExportImages:
    """Images to calibrate on and images to verify on, from different photos.

    folder:   None for the bundled photos.
    warnings: what the person should know about the photos.
    training: what the training of the weights did with the photos; None if the weights do not say it.
    """

    calibration: ImageSet
    verification: ImageSet
    folder: Path | None
    seed: int
    used: PhotosUsed
    warnings: tuple[str, ...]
    training: SortedPhotos | None = None


def load_images(
    folder: Path | None,
    *,
    res: int,
    count: int = 100,
    seed: int = 0,
    bundled: str = "imagenet",
    split: Split | None = None,
    allow_skipped: bool = False,
    on_progress: OnProgress = ignore_progress,
) -> ExportImages:
    """`count` images for calibration and at least 200 for verification, from the photos in `folder`.

    folder: if it is None, the bundled photos are used: `bundled` says which, see photos.bundled_photos.
    split:  which photos the weights were trained on.
    Raises ImagesError if the folder is missing, holds no image, or fewer than 10 different ones that can be read;
    CheckError if more than a tenth of them cannot be used, unless `allow_skipped`.
    """
    place = folder or bundled_photos(bundled)
    photos, decoder = read_folder(place, seed, split, on_progress), Decoder(res)
    calibrating, verifying = _divide(photos.photos, count, decoder)
    readable, found = len(calibrating) + len(verifying), photos.found
    used, broken, warnings = photos.used(decoder, readable)
    # Of a large folder only as many are decoded as are wanted.
    all_decoded = readable + used.copies + broken == len(found.paths)
    seen, left_out = (found.seen, used.unusable) if all_decoded else (readable + broken, broken)
    check_left_out(seen - left_out, seen, place, warnings, allow_skipped=allow_skipped)
    check_left_out(len(found.paths), found.seen, place, warnings, allow_skipped=allow_skipped)
    calibration = _image_set(calibrating, count, res, seed)
    check_images(calibration.images)
    verification = _image_set(verifying, max(MIN_VERIFICATION, len(verifying)), res, seed + 1)
    lines = tuple(f"{place}: {line}." for line in warnings)
    return ExportImages(calibration, verification, folder, seed, used, lines, photos.training)


def _divide(photos: SortedPhotos, count: int, decoder: Decoder) -> tuple[list[Decoded], list[Decoded]]:
    """(photos to calibrate on, photos to verify on), decoded.

    If there are fewer photos than images, a third of them calibrate: more would add little to the calibration, and the
    result of a verification on crops of a few photos would be a matter of chance.
    """
    is_of_training = bool(photos.validation or photos.trained)
    kept_back = decoder.decode(photos.validation, MAX_UNTRAINED)
    most = MAX_UNTRAINED if is_of_training else count + MAX_VERIFICATION
    unknown = decoder.decode(photos.others, most - len(kept_back))
    new = len(kept_back) + len(unknown)
    missing = 0 if new >= MIN_VERIFICATION else MAX_VERIFICATION - new
    learned = decoder.decode(photos.trained, count + missing)
    total = len(kept_back) + len(learned) + len(unknown)
    size = count if total >= count + MIN_VERIFICATION else min(count, total // 3)
    by_use = [*learned, *unknown, *kept_back]  # in the order in which they calibrate
    calibrating = by_use[:size]
    kept_back = kept_back[max(0, size - len(learned) - len(unknown)) :]
    return calibrating, [*kept_back, *unknown[max(0, size - len(learned)) :], *learned[size:]]


def _image_set(photos: list[Decoded], count: int, res: int, seed: int) -> ImageSet:
    """`count` images: first the evaluation crop of each photo, then random crops of one photo after the other."""
    images, sources = [image for _, image in photos][:count], [path for path, _ in photos][:count]
    missing = count - len(images)
    for index, (path, _) in enumerate(photos[:missing]):
        share = -(-(missing - index) // len(photos))
        images += random_crops(read_photo(path), res, share, seed=(seed, index))
        sources += [path] * share
    return ImageSet(np.stack(images), tuple(sources))


def random_crops(pixels: UInt8, res: int, count: int, seed: tuple[int, ...]) -> list[UInt8]:
    """`count` square crops at random places, half of them flipped, each resized to (res, res, 3).

    Their sides are 0.9 to 1 of the short side of the photo, `pixels` (height, width, 3).
    """
    rng = np.random.default_rng(seed)
    height, width = pixels.shape[:2]
    crops = []
    for _ in range(count):
        side = max(1, round(min(width, height) * rng.uniform(0.9, 1.0)))
        left, top = rng.integers(width - side + 1), rng.integers(height - side + 1)
        crop = pixels[top : top + side, left : left + side]
        crops.append(preprocess(crop[:, ::-1] if rng.random() < 0.5 else crop, res))
    return crops
