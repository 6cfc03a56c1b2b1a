"""The images of an export: the representative dataset that calibrates, and others that files are verified on.

The photos of a folder are sorted, shuffled by a seed and split: some are for calibration, the others for verification.
If there are fewer photos than images, further images are crops of the same photos at several scales, flipped or not.
No photo is used for both.
"""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import check_images, preprocess
from mobilenet_tf.data.photos import bundled_photos, find_photos, read_photo
from mobilenet_tf.errors import ImagesError

__all__ = ["MIN_VERIFICATION", "ExportImages", "ImageSet", "load_images"]

MIN_PHOTOS = 10
MIN_VERIFICATION, MAX_VERIFICATION = 200, 400  # images that files are verified on
DECODERS = 4  # threads

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
    """

    calibration: ImageSet
    verification: ImageSet
    folder: Path | None
    seed: int
    warnings: tuple[str, ...]


def load_images(
    folder: Path | None, *, res: int, count: int = 100, seed: int = 0, bundled: str = "imagenet"
) -> ExportImages:
    """`count` images for calibration and at least 200 for verification, from the photos in `folder`.

    If `folder` is None, the bundled photos are used: `bundled` says which, see photos.bundled_photos.
    Raises ImagesError if the folder is missing, holds no image, or fewer than 10 different ones that can be read.
    """
    warnings: list[str] = []
    found = find_photos(folder or bundled_photos(bundled))
    warnings += found.unread
    paths = _distinct(found.paths, warnings)
    np.random.default_rng(seed).shuffle(paths)  # type: ignore[arg-type]
    photos, broken = _decode_enough(paths, res, enough=count + MAX_VERIFICATION)
    if broken:
        names = ", ".join(path.name for path in broken[:5]) + (", ..." if len(broken) > 5 else "")
        warnings.append(f"skipped {len(broken)} unreadable image(s) in {folder}: {names}")
    if len(photos) < MIN_PHOTOS:
        reason = f" ({'; '.join(warnings)})" if warnings else ""
        raise ImagesError(
            f"expected at least {MIN_PHOTOS} different, readable photos in {folder}; found {len(photos)}{reason}.\n"
            "Give a folder of about 100 photos like those the model will see, or leave --calibration out."
        )
    # If there are fewer photos than images, a third of them calibrate: more would add little to the calibration, and
    # the result of a verification on crops of a few photos would be a matter of chance.
    split = count if len(photos) >= count + MIN_VERIFICATION else min(count, len(photos) // 3)
    calibration, others = _image_set(photos[:split], count, res, seed), photos[split:]
    check_images(calibration.images)
    verification = _image_set(others, max(MIN_VERIFICATION, len(others)), res, seed + 1)
    return ExportImages(calibration, verification, folder, seed, tuple(warnings))


def _distinct(paths: Sequence[Path], warnings: list[str]) -> list[Path]:
    """The paths without those of copies, found by content. Only files of equal size are read."""
    same_size = defaultdict(list)
    for path in paths:
        same_size[path.stat().st_size].append(path)
    seen: set[str] = set()
    kept = []
    for path in paths:
        if len(same_size[path.stat().st_size]) > 1:
            try:
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
            except OSError:
                digest = str(path)  # decoding it will fail too, and name it
            if digest in seen:
                continue
            seen.add(digest)
        kept.append(path)
    if len(kept) < len(paths):
        warnings.append(f"{len(paths)} images, but only {len(kept)} distinct: copies are counted once")
    return kept


def _decode(path: Path, res: int) -> UInt8 | None:
    try:
        return preprocess(read_photo(path), res)
    except ImagesError:
        return None


def _decode_enough(paths: list[Path], res: int, enough: int) -> tuple[list[tuple[Path, UInt8]], list[Path]]:
    """The first `enough` readable photos with their evaluation crops, and the unreadable ones found before the last."""
    photos: list[tuple[Path, UInt8]] = []
    broken: list[Path] = []
    with ThreadPoolExecutor(DECODERS) as pool:
        remaining = iter(paths)
        while chunk := list(islice(remaining, enough - len(photos))):
            for path, image in zip(chunk, pool.map(partial(_decode, res=res), chunk), strict=True):
                if image is None:
                    broken.append(path)
                else:
                    photos.append((path, image))
    return photos, broken


def _image_set(photos: list[tuple[Path, UInt8]], count: int, res: int, seed: int) -> ImageSet:
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
