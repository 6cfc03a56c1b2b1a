"""load_rgb: photos of every format, mode, size and orientation."""

import io

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.contract.preprocessing import load_rgb

RED, BLUE = (200, 30, 40), (30, 60, 220)


def halves(size=(64, 32), left=RED, right=BLUE):
    """A photo whose left half is of one colour and its right half of another."""
    image = Image.new("RGB", size, left)
    image.paste(right, (size[0] // 2, 0, size[0], size[1]))
    return image


def encoded(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    return file


def close(pixel, colour, by=12):
    return np.abs(pixel.astype(int) - colour).max() <= by


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "BMP"])
def test_every_format_gives_its_colours(kind):
    pixels = load_rgb(encoded(halves(), kind), 32)
    assert pixels.dtype == np.uint8
    assert pixels.shape == (32, 64, 3)
    assert close(pixels[16, 8], RED)
    assert close(pixels[16, 56], BLUE)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "CMYK"])
def test_every_mode_becomes_rgb(mode):
    image = halves(left=(255, 255, 255), right=(0, 0, 0)).convert(mode)
    pixels = load_rgb(encoded(image, "JPEG" if mode == "CMYK" else "PNG"), 32)
    assert pixels.shape == (32, 64, 3)
    assert close(pixels[16, 8], (255, 255, 255))
    assert close(pixels[16, 56], (0, 0, 0))


def test_a_palette_with_transparency_keeps_its_colours_and_warns_of_nothing():
    palette = halves().quantize(4)
    pixels = load_rgb(encoded(palette, "PNG", transparency=bytes([0, 128, 255, 255])), 32)
    assert close(pixels[16, 8], RED)
    assert close(pixels[16, 56], BLUE)


def test_16_bit_grey_keeps_its_levels():
    grey = Image.fromarray(np.array([[0, 64 << 8], [128 << 8, 65535]], np.uint16))
    assert load_rgb(encoded(grey, "PNG"), 2)[..., 0].tolist() == [[0, 64], [128, 255]]


def test_pixels_of_an_unknown_range_are_refused():
    with pytest.raises(ValueError, match="floating-point numbers"):
        load_rgb(encoded(Image.fromarray(np.full((4, 4), 0.5, np.float32)), "TIFF"))


def test_the_photo_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # stored a quarter turn to the left
    pixels = load_rgb(encoded(halves(), "JPEG", exif=exif), 32)
    assert pixels.shape == (64, 32, 3)
    assert close(pixels[8, 16], RED)
    assert close(pixels[56, 16], BLUE)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_where_nothing_is_scaled_the_pixels_are_those_of_the_evaluation(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = encoded(halves(), "JPEG", exif=exif)
    assert np.array_equal(load_rgb(file, 32), load_rgb(file))


@pytest.mark.parametrize(
    ("short_side", "expected"),
    [(1, 80), (80, 80), (81, 160), (160, 160), (161, 320), (224, 320), (320, 320), (321, 640), (5000, 640)],
)
def test_a_big_jpeg_is_decoded_at_the_smallest_scale_that_serves(short_side, expected):
    pixels = load_rgb(encoded(halves((960, 640)), "JPEG"), short_side)
    assert min(pixels.shape[:2]) == expected
    assert pixels.shape[1] * 2 == pixels.shape[0] * 3
    assert close(pixels[0, 0], RED)


def test_a_scaled_side_is_never_rounded_below_what_was_asked():
    file = encoded(halves((459, 449)), "JPEG")  # 449 / 2 is 224.5
    assert min(load_rgb(file, 224).shape[:2]) == 225
    assert min(load_rgb(file, 225).shape[:2]) == 449
