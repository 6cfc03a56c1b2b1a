import io

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.contract.preprocessing import (
    centre_crop,
    check_images,
    dequantize,
    load_rgb,
    normalize,
    preprocess,
    to_input,
    yuv_to_rgb,
)
from mobilenet_tf.errors import ImagesError


def by_the_rule(pixels, res):
    """The rule of the module's docstring, one pixel at a time in Python's integers."""
    height, width, _ = pixels.shape
    side = max(1, (7 * min(width, height) + 4) // 8)
    k = max(1, side // (2 * res))
    n = side // k
    left, top = (width - n * k) // 2, (height - n * k) // 2

    def block(y, x, c):
        rows = range(top + y * k, top + y * k + k)
        columns = range(left + x * k, left + x * k + k)
        return (sum(int(pixels[r, q, c]) for r in rows for q in columns) + k * k // 2) // (k * k)

    def tap(i):
        position = (((2 * i + 1) * n - res) * 256 + res) // (2 * res)
        position = min(max(position, 0), (n - 1) * 256)
        first = position // 256
        return first, min(first + 1, n - 1), position % 256

    out = np.zeros((res, res, 3), np.uint8)
    for y in range(res):
        y0, y1, v = tap(y)
        for x in range(res):
            x0, x1, h = tap(x)
            for c in range(3):
                near = block(y0, x0, c) * (256 - v) + block(y1, x0, c) * v
                far = block(y0, x1, c) * (256 - v) + block(y1, x1, c) * v
                out[y, x, c] = (near * (256 - h) + far * h + 32768) // 65536
    return out


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 3), (33, 41), (64, 64), (97, 150), (300, 211)])
def test_every_byte_is_the_rules(size):
    pixels = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    np.testing.assert_array_equal(preprocess(pixels, 32), by_the_rule(pixels, 32))


# At resolution 1 the blocks are 256, 257 and 258 pixels high: of the last one a column has more than 16 bits.
@pytest.mark.parametrize(("side", "res"), [(500, 32), (586, 1), (588, 1), (590, 1)])
def test_extremes_do_not_overflow(side, res):
    for value in (0, 255):
        pixels = np.full((side + 200, side, 3), value, np.uint8)
        assert (preprocess(pixels, res) == value).all()


@pytest.mark.parametrize(("width", "height"), [(500, 375), (4000, 3000), (1280, 720), (3, 1000)])
def test_the_crop_is_centred_and_inside(width, height):
    left, top, n, k = centre_crop(width, height, 160)
    side = n * k
    assert 0 <= width - side - 2 * left <= 1
    assert 0 <= height - side - 2 * top <= 1
    # The side is 7/8 of the short one, less what does not fill a block.
    assert 7 / 8 * min(width, height) - k < side <= 7 / 8 * min(width, height) + 0.5
    assert n < 4 * 160 + 2


def test_int8_is_the_byte_less_128():
    pixels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_input(pixels, np.int8), np.arange(-128, 128))
    np.testing.assert_array_equal(to_input(pixels, np.uint8), pixels)


def test_floats_run_from_minus_one_to_one_exactly():
    values = normalize(np.array([0, 255], np.uint8))
    assert values.dtype == np.float32
    assert values.tolist() == [-1, 1]


def test_int16_is_the_normalized_value_in_steps():
    steps = to_input(np.array([0, 255], np.uint8), np.int16, 1 / 32767)
    assert steps.tolist() == [-32767, 32767]


def test_an_unknown_dtype_is_refused():
    with pytest.raises(ValueError, match="float32, uint8, int8 or int16"):
        to_input(np.zeros(3, np.uint8), np.int64)


def test_dequantize_inverts_the_affine_map():
    output = np.array([-128, 0, 127], np.int8)
    np.testing.assert_array_equal(dequantize(output, 1 / 256, -128), np.float32([0, 128 / 256, 255 / 256]))
    np.testing.assert_array_equal(dequantize(np.float32([0.25]), 0, 0), np.float32([0.25]))


def saved(image, **options):
    file = io.BytesIO()
    image.save(file, **options)
    file.seek(0)
    return file


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_obeyed(orientation):
    upright = np.zeros((4, 6, 3), np.uint8)
    upright[0, 0], upright[-1, -1] = (255, 0, 0), (0, 255, 0)
    undo = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: np.rot90(a, 2).transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = saved(Image.fromarray(np.ascontiguousarray(undo(upright))), format="PNG", exif=exif)
    np.testing.assert_array_equal(load_rgb(file), upright)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "CMYK", "I;16"])
def test_any_pillow_mode_becomes_rgb(mode):
    image = Image.fromarray(np.full((5, 6), 700, np.uint16)) if mode == "I;16" else Image.new(mode, (6, 5))
    pixels = load_rgb(saved(image, format="TIFF" if mode == "CMYK" else "PNG"))
    assert pixels.shape == (5, 6, 3)
    assert pixels.dtype == np.uint8


def by_jfif(y, u, v):
    """JFIF's formula as it is published, in exact fractions of 10^6."""
    y, u, v = (np.asarray(plane, np.int64) for plane in (y, u, v))
    u, v = u - 128, v - 128
    exact = y * 10**6 + np.stack([1402000 * v, -344136 * u - 714136 * v, 1772000 * u])
    return ((exact + 500_000) // 10**6).clip(0, 255)


def test_yuv_is_jfifs_within_the_fixed_points_rounding():
    levels = np.arange(0, 256, 5, dtype=np.uint8)
    y, u, v = (plane.ravel() for plane in np.meshgrid(levels, levels, levels))
    rgb = yuv_to_rgb(y.repeat(2)[None], u[None], v[None])[0, ::2]
    # Each factor is rounded to 1/65536: at most 2 * 128 * 0.5 / 65536 = 0.002, so that only near-ties fall otherwise.
    assert np.abs(rgb - by_jfif(y, u, v).T).max() <= 1
    assert (rgb == by_jfif(y, u, v).T).mean() > 0.995


def test_grey_yuv_is_grey():
    y = np.arange(256, dtype=np.uint8)[None]
    half = np.full((1, 128), 128, np.uint8)
    np.testing.assert_array_equal(yuv_to_rgb(y, half, half)[0], np.repeat(y[0, :, None], 3, axis=1))


def test_each_pixel_has_the_chroma_of_its_four():
    u = np.array([[10, 200], [90, 128]], np.uint8)
    v = np.array([[128, 30], [250, 128]], np.uint8)
    rgb = yuv_to_rgb(np.full((3, 3), 100, np.uint8), u, v)
    for row in range(3):
        for column in range(3):
            place = np.s_[row // 2 : row // 2 + 1, column // 2 : column // 2 + 1]
            one = yuv_to_rgb(np.full((1, 1), 100, np.uint8), u[place], v[place])
            np.testing.assert_array_equal(rgb[row, column], one[0, 0])


def test_chroma_of_another_size_is_refused():
    with pytest.raises(ValueError, match="expected u and v"):
        yuv_to_rgb(np.zeros((3, 3), np.uint8), np.zeros((1, 1), np.uint8), np.zeros((1, 1), np.uint8))


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.full((12, 96, 96, 3), 7, np.uint8), "all of one colour: their pixels span 0 of 255"),
        (np.zeros((12, 96, 96, 3), np.float32), "as uint8 pixels"),
        (np.zeros((0, 96, 96, 3), np.uint8), "as uint8 pixels"),
        (np.zeros((12, 96, 96), np.uint8), "as uint8 pixels"),
    ],
)
def test_images_that_cannot_calibrate_are_refused(images, message):
    with pytest.raises(ImagesError, match=message):
        check_images(images)


def test_images_of_photos_are_accepted():
    check_images(np.arange(2 * 8 * 8 * 3, dtype=np.uint8).reshape(2, 8, 8, 3))
