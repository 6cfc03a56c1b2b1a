import io

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data import photo_looks
from mobilenet_tf.data.digests import digest_number
from mobilenet_tf.data.photo_looks import PhotoLooks


def encoded(pixels, kind="PNG", **options):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **options)
    return file.getvalue()


def looks_of(*contents):
    looks = PhotoLooks.blank(len(contents))
    for index, content in enumerate(contents):
        looks.look(index, content)
    return looks


def ramp(height, width):
    """Dark at the left, bright at the right, and red."""
    row = np.linspace(0, 255, width).astype(np.uint8)
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, :, 0] = row
    return pixels


def test_size_colour_and_digest_of_a_photo():
    content = encoded(ramp(90, 50))
    looks = looks_of(content, encoded(ramp(64, 100)))
    assert looks.short_side.tolist() == [50, 64]
    assert looks.is_grey.tolist() == [False, False]
    assert looks.digests[0] == digest_number(content)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_photo_is_grey_if_its_channels_are_alike_however_it_is_saved(kind):
    grey = ramp(80, 80)[:, :, 0]
    tinted = np.stack([grey, grey, np.minimum(grey, 235) + 20], 2)
    looks = looks_of(encoded(grey, kind), encoded(grey[:, :, None].repeat(3, 2), kind), encoded(tinted, kind))
    assert looks.is_grey.tolist() == [True, True, False]


def test_the_thumbnail_is_of_the_upright_photo():
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise: the left becomes the top
    photo = ramp(100, 200)
    looks = looks_of(encoded(photo, "JPEG"), encoded(photo, "JPEG", exif=exif))
    assert looks.is_rotated.tolist() == [False, True]
    assert looks.short_side.tolist() == [100, 100]
    first, turned = looks.thumbnails.astype(int)
    assert np.all(np.diff(first[8]) > 0)
    assert abs(first.T - turned).max() <= 1  # the rounding of the two directions


def test_a_large_jpeg_that_is_cut_short_raises():
    content = encoded(np.random.default_rng(0).integers(0, 255, (400, 300, 3), dtype=np.uint8), "JPEG")
    with pytest.raises(OSError, match="truncated"):
        looks_of(content[: len(content) // 2])


def test_of_very_many_photos_no_thumbnails_are_kept(monkeypatch):
    monkeypatch.setattr(photo_looks, "MOST_COMPARED", 1)
    looks = looks_of(encoded(ramp(90, 50)), encoded(ramp(64, 100)))
    assert len(looks.thumbnails) == 0
    assert looks.at(np.array([1])).short_side.tolist() == [64]


def test_photos_in_memory_look_like_those_in_files():
    pixels = np.stack([ramp(70, 90), ramp(70, 90)[:, ::-1], np.full((70, 90, 3), 9, np.uint8)])
    files = looks_of(*map(encoded, pixels))
    looks = PhotoLooks.of_pixels(pixels, files.digests)
    for name in PhotoLooks.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(looks, name), getattr(files, name))
    assert looks.is_grey.tolist() == [False, False, True]


def test_some_of_the_photos_and_those_of_two_folders():
    one, other = looks_of(encoded(ramp(10, 10)), encoded(ramp(20, 20))), looks_of(encoded(ramp(30, 30)))
    assert one.followed_by(other).at(np.array([2, 0])).short_side.tolist() == [30, 10]
