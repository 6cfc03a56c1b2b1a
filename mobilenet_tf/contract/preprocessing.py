"""The preprocessing rule: pixels -> tensors. It needs NumPy and Pillow only.

The rule uses integers only, so that any language computes the same bytes (docs/manifest.md has it too):

1. RGB, with the EXIF orientation applied.
2. Centre crop of 7/8 of the short side: side = max(1, (7 * short + 4) // 8). Photos much larger than the input
   are averaged first: k = max(1, side // (2 * res)), n = side // k; the crop is n * k pixels square, at
   ((width - n*k) // 2, (height - n*k) // 2), and each k x k block becomes its rounded mean (sum + k*k//2) // (k*k).
3. Bilinear resize of n x n to res x res with half-pixel centres and 8-bit fractions, as `resize` shows.
4. x = (byte - 127.5) / 127.5. An int8 model takes byte - 128 instead, a uint8 model the byte itself.

Step 3 uses two pixels in each direction, without an anti-aliasing filter, because the published MobileNets were
trained that way. Without the averaging in step 2, only one in two hundred pixels of a 12-megapixel photo would count.

Detectors see the whole photo, stretched to res x res (`stretch`): in place of step 2, the k of height and width are
k = max(1, length // (2 * res)) each, n = length // k, and the n * k pixels in the middle are averaged; step 3 is the
same for each direction.

`letterbox` shows the whole photo in its own shape: as `stretch`, but a side becomes
m = max(1, (2 * res * length + long) // (2 * long)) outputs in place of res, `long` being the longer side. They begin
at (res - m) // 2; every other byte is 127. mobilenet-export writes no model with this rule; the Android app reads one.
"""

import hashlib
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ImagesError

from .photo_file import open_photo, open_regular, rgb_of

__all__ = [
    "LETTERBOX_RULE",
    "MEAN",
    "RULE",
    "STD",
    "STRETCH_RULE",
    "centre_crop",
    "check_images",
    "dequantize",
    "letterbox",
    "load_rgb",
    "normalize",
    "preprocess",
    "resize",
    "rule_sha256",
    "stretch",
    "to_input",
    "yuv_to_rgb",
]

UInt8 = NDArray[np.uint8]
Float32 = NDArray[np.float32]

MEAN = STD = 127.5
BORDER = 127  # of a letterbox, next to (byte - 127.5) / 127.5 = 0
MIN_LEVELS = 16  # of 255 that the pixels of calibration images must span: those of real photos span far more

# The rule in words, which a manifest carries. Its hash identifies it in every result.
RULE = {
    "color_space": "RGB",
    "crop": "centre, 7/8 of the short side",
    "reduce": "k x k rounded mean, k = side // (2 * res)",
    "resize": "bilinear, half-pixel centres, 8-bit fractions",
    "mean": MEAN,
    "std": STD,
}

# That of detectors.
STRETCH_RULE = {
    "color_space": "RGB",
    "kind": "stretch",
    "reduce": "rounded mean of blocks, k = length // (2 * res) in each direction",
    "resize": "bilinear, half-pixel centres, 8-bit fractions",
    "mean": MEAN,
    "std": STD,
}

# Of no model of the toolkit's: for those that others describe by a manifest.
LETTERBOX_RULE = {
    "color_space": "RGB",
    "kind": "letterbox",
    "place": "centre, in its own shape; the border is 127",
    "reduce": "rounded mean of blocks, k = length // (2 * outputs) in each direction",
    "resize": "bilinear, half-pixel centres, 8-bit fractions",
    "mean": MEAN,
    "std": STD,
}


def rule_sha256(rule: Mapping[str, Any] = RULE) -> str:
    """Hash of a preprocessing rule: two results can be compared only if theirs are equal."""
    return hashlib.sha256(repr(sorted(rule.items())).encode()).hexdigest()


def load_rgb(file: str | Path | IO[bytes], short_side: int | None = None) -> UInt8:
    """The pixels of an image file, (height, width, 3), with the EXIF orientation applied.

    short_side: a JPEG may be decoded at 1/2, 1/4 or 1/8 scale if its short side is then at least this. That takes a
                third of the time for a 12-megapixel photo, but differs from the rule: do not evaluate with it.
    Raises what Pillow raises: OSError and others.
    """
    with open_regular(file) if isinstance(file, str | Path) else nullcontext(file) as opened:
        return np.ascontiguousarray(_decoded(opened, short_side))


def _decoded(file: IO[bytes], short_side: int | None) -> UInt8:
    with open_photo(file) as image:
        if short_side is not None:
            image.draft(None, (short_side, short_side))
        return rgb_of(image)


def yuv_to_rgb(y: UInt8, u: UInt8, v: UInt8) -> UInt8:
    """A camera image as Android gives it (YUV_420_888): planes -> RGB (height, width, 3).

    y: (height, width). u, v: half as high and half as wide, rounded up; the pixel at (row, column) has the chroma at
    (row // 2, column // 2). Full-range BT.601 (JFIF) in 16-bit fixed point, rounded once. The app computes the same
    integers. Raises ValueError for planes whose sizes do not fit.
    """
    height, width = y.shape
    if not u.shape == v.shape == ((height + 1) // 2, (width + 1) // 2):
        raise ValueError(f"expected u and v of {(height + 1) // 2, (width + 1) // 2}; got {u.shape} and {v.shape}")
    blue, red = (
        (plane.astype(np.int32) - 128).repeat(2, axis=0)[:height].repeat(2, axis=1)[:, :width] for plane in (u, v)
    )
    bright = (y.astype(np.int32) << 16) + 32768
    channels = bright + 91881 * red, bright - 22554 * blue - 46802 * red, bright + 116130 * blue
    return np.stack([(channel >> 16).clip(0, 255).astype(np.uint8) for channel in channels], axis=-1)


def centre_crop(width: int, height: int, res: int, side: int | None = None) -> tuple[int, int, int, int]:
    """(left, top, n, k) of step 2: a crop of n * k pixels square, to be averaged in k x k blocks.

    side: of the square in pixels; None for 7/8 of the short side, as the rule says.
    """
    side = max(1, (7 * min(width, height) + 4) // 8) if side is None else side
    k = max(1, side // (2 * res))
    n = side // k
    return (width - n * k) // 2, (height - n * k) // 2, n, k


def block_mean(pixels: UInt8, k: int, across: int | None = None) -> UInt8:
    """Rounded mean of blocks k high and `across` wide, by default k: (n*k, m*across, 3) -> (n, m, 3)."""
    across = k if across is None else across
    n, m = pixels.shape[0] // k, pixels.shape[1] // across
    by_row = pixels.reshape(n, k, m * across * 3)
    # Sums in a loop: NumPy's own over a short axis take twice as long, and so do wider numbers than are needed.
    rows: NDArray[Any] = by_row[:, 0].astype(np.uint16 if k * 255 < 2**16 else np.uint32)
    for row in range(1, k):
        rows += by_row[:, row]
    by_column = rows.reshape(n, m, across, 3)
    blocks: NDArray[Any] = by_column[:, :, 0].astype(np.uint32)
    for column in range(1, across):
        blocks += by_column[:, :, column]
    return ((blocks + k * across // 2) // (k * across)).astype(np.uint8)


def taps(n: int, res: int) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.uint16]]:
    """For each of `res` output pixels over `n` input pixels: the two inputs, and the weight of the second in 1/256."""
    centre = (((2 * np.arange(res) + 1) * n - res) * 256 + res) // (2 * res)
    centre = np.clip(centre, 0, (n - 1) * 256)
    first = centre >> 8
    return first, np.minimum(first + 1, n - 1), (centre & 255).astype(np.uint16)


def resize(pixels: UInt8, res: int, across: int | None = None) -> UInt8:
    """Step 3: (n, m, 3) -> (res, across, 3), by default square.

    First vertically, to 16 bits; then horizontally, rounded once.
    """
    n, m = pixels.shape[:2]
    across = res if across is None else across
    first, second, weight = taps(n, res)
    flat = pixels.reshape(n, m * 3)
    down = weight[:, None]
    rows = flat[first] * (256 - down) + flat[second] * down  # at most 255 * 256: fits 16 bits
    first, second, weight = taps(m, across)
    channel = np.arange(3)
    left = (first[:, None] * 3 + channel).ravel()
    right = (second[:, None] * 3 + channel).ravel()
    share = np.repeat(weight, 3).astype(np.uint32)
    mixed = rows.take(left, axis=1) * (256 - share) + rows.take(right, axis=1) * share
    return ((mixed + 32768) >> 16).astype(np.uint8).reshape(res, across, 3)


def preprocess(pixels: UInt8, res: int, side: int | None = None) -> UInt8:
    """Steps 2 and 3: any RGB image (height, width, 3) -> (res, res, 3), uint8. `side` as for centre_crop."""
    height, width = pixels.shape[:2]
    left, top, n, k = centre_crop(width, height, res, side)
    crop = np.ascontiguousarray(pixels[top : top + n * k, left : left + n * k])
    return resize(block_mean(crop, k) if k > 1 else crop, res)


def stretch(pixels: UInt8, res: int) -> UInt8:
    """What a detector sees of any RGB image (height, width, 3): all of it, as (res, res, 3), uint8.

    A place is the same share of both, but for the k - 1 rows or columns at most that fill no block.
    """
    return _whole(pixels, res, res)


def letterbox(pixels: UInt8, res: int) -> UInt8:
    """Any RGB image (height, width, 3) in its own shape, with grey beside it -> (res, res, 3), uint8."""
    long = max(pixels.shape[:2])
    height, width = [max(1, (2 * res * length + long) // (2 * long)) for length in pixels.shape[:2]]
    top, left = (res - height) // 2, (res - width) // 2
    square = np.full((res, res, 3), BORDER, np.uint8)
    square[top : top + height, left : left + width] = _whole(pixels, height, width)
    return square


def _whole(pixels: UInt8, height: int, width: int) -> UInt8:
    blocks = [max(1, length // (2 * outputs)) for length, outputs in zip(pixels.shape, (height, width), strict=False)]
    kept = [length // k * k for length, k in zip(pixels.shape, blocks, strict=False)]
    top, left = [(length - part) // 2 for length, part in zip(pixels.shape, kept, strict=False)]
    crop = np.ascontiguousarray(pixels[top : top + kept[0], left : left + kept[1]])
    return resize(block_mean(crop, *blocks) if max(blocks) > 1 else crop, height, width)


def normalize(pixels: UInt8, mean: float | tuple[float, ...] = MEAN, std: float | tuple[float, ...] = STD) -> Float32:
    """Step 4 for float models: bytes of any shape -> float32, (byte - mean) / std; by default in [-1, 1].

    mean, std: one value, or one for each channel, which is the last axis.
    """
    centred = pixels.astype(np.float32) - np.asarray(mean, np.float32)
    return (centred / np.asarray(std, np.float32)).astype(np.float32)


def to_input(pixels: UInt8, dtype: Any, scale: float = 0.0) -> NDArray[Any]:
    """Bytes -> the input of a model that takes this dtype, in the same shape.

    float32: (byte - 127.5) / 127.5. uint8: the byte. int8: byte - 128. int16: the normalized value in steps of
    `scale`, which the others do not need. Raises ValueError for another dtype.
    """
    dtype = np.dtype(dtype)
    if dtype == np.float32:
        return normalize(pixels)
    if dtype == np.uint8:
        return pixels
    if dtype == np.int8:
        return (pixels ^ 0x80).view(np.int8)
    if dtype == np.int16:
        return np.clip(np.rint(normalize(pixels) / scale), -32768, 32767).astype(np.int16)
    raise ValueError(f"expected an input of float32, uint8, int8 or int16; got {dtype}")


def dequantize(output: NDArray[Any], scale: float, zero_point: int) -> Float32:
    """A model's output -> real values: scale * (q - zero_point). Float outputs (scale 0) stay as they are."""
    if scale == 0:
        return output.astype(np.float32)
    return np.float32(scale) * (output.astype(np.int32) - zero_point).astype(np.float32)


def check_images(images: UInt8) -> None:
    """Raise ImagesError unless `images` can calibrate: pixels of photos, uint8 (n, res, res, 3)."""
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[-1] != 3 or not len(images):
        raise ImagesError(
            f"expected calibration images as uint8 pixels (n, res, res, 3); got {images.dtype} {images.shape}.\n"
            "Give the pixels 0 to 255 as they are: they are normalized here."
        )
    levels = int(images.max()) - int(images.min())
    if levels < MIN_LEVELS:
        raise ImagesError(
            f"the calibration images are all of one colour: their pixels span {levels} of 255 levels.\n"
            "Give photos like those the model will see."
        )
