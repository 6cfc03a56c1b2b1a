import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from mobilenet_tf.data import alike_pairs, copies
from mobilenet_tf.data.copies import groups_of_copies
from mobilenet_tf.data.photo_looks import PhotoLooks
from mobilenet_tf.data.photos import bundled_photos, find_photos


def looks_of(*images, **options):
    looks = PhotoLooks.blank(len(images))
    for index, image in enumerate(images):
        file = io.BytesIO()
        image.save(file, "JPEG", **options)
        looks.look(index, file.getvalue())
    return looks


@pytest.fixture(scope="module")
def photos():
    """The bundled photos, which show different things."""
    return [Image.open(path).convert("RGB") for path in find_photos(bundled_photos()).paths]


def test_photos_of_different_things_are_no_copies(photos):
    assert groups_of_copies(looks_of(*photos)).tolist() == list(range(len(photos)))


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image,
        lambda image: image.reduce(2),
        lambda image: image.resize((150, 120)),
        ImageOps.mirror,
        lambda image: ImageOps.mirror(image).reduce(2),
        lambda image: ImageOps.grayscale(image),
    ],
    ids=["saved again", "half as large", "of another shape", "mirrored", "mirrored and smaller", "grey"],
)
def test_copies_are_found_also_if_they_are_saved_at_low_quality(photos, change):
    count = len(photos)
    looks = looks_of(*photos).followed_by(looks_of(*map(change, photos), quality=30))
    assert groups_of_copies(looks).tolist() == [*range(count), *range(count)]


def test_chains_are_one_group_that_the_first_photo_names(photos):
    thumbnails = looks_of(*photos[:2]).thumbnails.astype(float)
    looks = PhotoLooks.blank(12)
    looks.digests[:] = np.arange(12)
    for index in range(12):  # from one picture to another in steps that are too small to see
        looks.thumbnails[index] = np.round(thumbnails[0] + (thumbnails[1] - thumbnails[0]) * index / 11)
    assert groups_of_copies(looks).tolist() == [0] * 12
    assert groups_of_copies(looks.at(np.array([0, 11]))).tolist() == [0, 1]


def test_photos_of_one_colour_are_copies_only_byte_for_byte():
    plain = [Image.new("RGB", (80, 60), (level, level, level)) for level in (0, 100, 101, 255, 100)]
    assert groups_of_copies(looks_of(*plain)).tolist() == [0, 1, 2, 3, 1]


def test_of_too_many_photos_only_those_that_are_the_same_byte_for_byte_are_found(photos, monkeypatch):
    looks = looks_of(*photos[:2], photos[0], ImageOps.mirror(photos[1]))
    assert groups_of_copies(looks).tolist() == [0, 1, 0, 1]
    monkeypatch.setattr(copies, "MOST_COMPARED", 3)
    assert groups_of_copies(looks).tolist() == [0, 1, 0, 3]


def test_it_does_not_matter_in_which_block_a_photo_is(photos, monkeypatch):
    looks = looks_of(*photos, *map(ImageOps.mirror, photos))
    groups = groups_of_copies(looks)
    monkeypatch.setattr(alike_pairs, "ROWS", 3)
    monkeypatch.setattr(alike_pairs, "COLUMNS", 5)
    assert np.array_equal(groups_of_copies(looks), groups)
