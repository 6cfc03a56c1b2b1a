"""What the Kotlin tests compare with: the committed part is today's, and is computed as it says."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from android_demo.tools.tiny_detector import detector_bytes
from android_demo.tools.tiny_model import FOLDER, INT8, RES, build
from android_demo.tools.vectors import COMMITTED, COMMITTED_SIZES, SIZES, document, noise, plane, random_sizes, upright
from tests.support.commands import ROOT


def test_the_committed_vectors_are_todays():
    assert (ROOT / COMMITTED).read_text() == document(COMMITTED_SIZES, (16,))


def test_the_committed_models_are_todays():
    assert (ROOT / FOLDER / "tiny" / "tiny_int8.tflite").read_bytes() == build([1, RES, RES, 3], INT8)
    vector = ROOT / FOLDER / "vector" / "vector_int8.tflite"
    assert vector.read_bytes() == build([1, RES, RES, 3], INT8, "L2_NORMALIZATION")
    assert (ROOT / FOLDER / "found" / "found_float32.tflite").read_bytes() == detector_bytes()


def test_there_are_a_hundred_pictures_from_one_pixel_to_twelve_million():
    sizes = SIZES + random_sizes()
    assert 2 * len(sizes) >= 100
    assert {(1, 1), (4000, 3000)} <= set(sizes)
    assert sum(width % 2 and height % 2 for width, height in sizes) >= 5


def test_noise_is_the_formula():
    def number(index, seed):
        value = (index * 0x9E3779B1 + seed * 0x85EBCA6B) % 2**32
        value = (value ^ value >> 15) * 0x2C1B3C6D % 2**32
        return value ^ value >> 12

    for seed in (0, 1, 530):
        assert noise(5, seed).tolist() == [number(index, seed) for index in range(5)]


def test_a_plane_is_read_over_its_gaps():
    buffer = (noise(2 * 11 + 2 * 3 + 1, 4) >> 24).astype(np.uint8)
    rows = [[buffer[row * 11 + column * 3] for column in range(3)] for row in range(3)]
    np.testing.assert_array_equal(plane(3, 3, 11, 3, 4), rows)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_upright_is_pillows(orientation):
    pixels = np.random.default_rng(0).integers(0, 256, (4, 6, 3), dtype=np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format="PNG", exif=exif)
    np.testing.assert_array_equal(upright(pixels, orientation), ImageOps.exif_transpose(Image.open(file)))
