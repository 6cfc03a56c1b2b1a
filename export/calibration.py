"""The representative dataset: which photos calibrate, which are held out to verify, and what is wrong with the rest.

A folder's photos are sorted, shuffled by a seed and split: some calibrate, others verify, never both. Where there
are too few for one photo an image, further images are crops of the same photos at several scales, flipped or not;
a photo still serves on one side only.
"""

import hashlib
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import check_images, load_rgb, preprocess
from mobilenet_tf.data.photos import bundled_photos, list_photos
from mobilenet_tf.errors import ImagesError

__all__ = ["HELD_OUT", "ImageSet", "Split", "load_split"]

MIN_PHOTOS = 10
HELD_OUT = 200  # images verified on, at least
MAX_HELD_OUT = 400  # and at most
DECODERS = 4

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class ImageSet:
    """Preprocessed images, uint8 (n, res, res, 3), and the photo each is from."""

    images: UInt8
    photos: tuple[Path, ...]

    @property
    def distinct(self) -> int:
        """How many different photos the images are from."""
        return len(set(self.photos))

    @property
    def sha256(self) -> str:
        """Hash of the images' bytes, in order."""
        return hashlib.sha256(self.images.tobytes()).hexdigest()


@dataclass(frozen=True)
class Split:
    """What `load_split` returns: `folder` is None for the bundled photos; `warnings` are for the person to read."""

    calibration: ImageSet
    held_out: ImageSet
    folder: Path | None
    seed: int
    warnings: tuple[str, ...]


def load_split(folder: Path | None, *, res: int, count: int = 100, seed: int = 0, bundled: str = "imagenet") -> Split:
    """`count` calibration images and at least 200 held-out ones from the photos in `folder`.

    Where `folder` is None these are the photos that are bundled for `bundled`, see photos.bundled_photos.
    Raises ImagesError when the folder is missing, holds no image, or fewer than 10 that differ and can be read.
    """
    warnings: list[str] = []
    paths = _distinct(list_photos(folder or bundled_photos(bundled)), warnings)
    np.random.default_rng(seed).shuffle(paths)  # type: ignore[arg-type]
    photos, broken = _decode_enough(paths, res, enough=count + MAX_HELD_OUT)
    if broken:
        names = ", ".join(path.name for path in broken[:5]) + (", ..." if len(broken) > 5 else "")
        warnings.append(f"skipped {len(broken)} unreadable image(s) in {folder}: {names}")
    if len(photos) < MIN_PHOTOS:
        reason = f" ({'; '.join(warnings)})" if warnings else ""
        raise ImagesError(
            f"expected at least {MIN_PHOTOS} different, readable photos in {folder}; found {len(photos)}{reason}.\n"
            "Give a folder of about 100 photos like those the model will see, or leave --calibration out."
        )
    # Where photos are too few for one an image, a third of them calibrate: more add little, and verifying on a few
    # photos' crops is a matter of luck.
    split = count if len(photos) >= count + HELD_OUT else min(count, len(photos) // 3)
    calibration, held_out = _image_set(photos[:split], count, res, seed), photos[split:]
    check_images(calibration.images)
    return Split(
        calibration,
        _image_set(held_out, max(HELD_OUT, len(held_out)), res, seed + 1),
        folder,
        seed,
        tuple(warnings),
    )


def _distinct(paths: list[Path], warnings: list[str]) -> list[Path]:
    """The paths without copies, told by content. Only files of equal size are read."""
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
        return preprocess(load_rgb(path), res)
    # Pillow's decoders raise what suits them on broken data, decompression bombs included.
    except Exception:
        return None


def _decode_enough(paths: list[Path], res: int, enough: int) -> tuple[list[tuple[Path, UInt8]], list[Path]]:
    """The first `enough` readable photos, each with its evaluation crop; and those found broken on the way."""
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
    """`count` images: each photo's evaluation crop first, then random crops of the photos in turn."""
    images, sources = [image for _, image in photos][:count], [path for path, _ in photos][:count]
    missing = count - len(images)
    for index, (path, _) in enumerate(photos[:missing]):
        share = -(-(missing - index) // len(photos))
        images += random_crops(load_rgb(path), res, share, seed=(seed, index))
        sources += [path] * share
    return ImageSet(np.stack(images), tuple(sources))


def random_crops(pixels: UInt8, res: int, count: int, seed: tuple[int, ...]) -> list[UInt8]:
    """`count` square crops of 9/10 to 1 of the short side, anywhere, half of them flipped: each (res, res, 3)."""
    rng = np.random.default_rng(seed)
    height, width = pixels.shape[:2]
    crops = []
    for _ in range(count):
        side = max(1, round(min(width, height) * rng.uniform(0.9, 1.0)))
        left, top = rng.integers(width - side + 1), rng.integers(height - side + 1)
        crop = pixels[top : top + side, left : left + side]
        crops.append(preprocess(crop[:, ::-1] if rng.random() < 0.5 else crop, res))
    return crops
