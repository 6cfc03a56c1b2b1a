import io

import numpy as np
import pytest
from PIL import Image, UnidentifiedImageError

from mobilenet_tf.data import growing_looks, photo_looks
from mobilenet_tf.data.growing_looks import GrowingLooks, ThumbnailRoom, joined_looks
from mobilenet_tf.data.photo_looks import PhotoLooks


def contents(count):
    files = [io.BytesIO() for _ in range(count)]
    for number, file in enumerate(files):
        Image.new("RGB", (20 + number, 30), (10 * number, 0, 0)).save(file, "PNG")
    return [file.getvalue() for file in files]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(growing_looks, "CHUNK", 2)


@pytest.mark.parametrize("count", [0, 1, 4, 5])
def test_the_looks_are_those_of_a_known_number_of_photos(count):
    growing, known = GrowingLooks(ThumbnailRoom()), PhotoLooks.blank(count)
    for index, content in enumerate(contents(count)):
        growing.look(content)
        known.look(index, content)
    looks = growing.done()
    for name in PhotoLooks.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(looks, name), getattr(known, name))


def test_a_broken_photo_is_not_among_them():
    growing = GrowingLooks(ThumbnailRoom())
    first, *others = contents(4)
    growing.look(first)
    with pytest.raises(UnidentifiedImageError):
        growing.look(b"no photo")
    for content in others:
        growing.look(content)
    assert growing.done().short_side.tolist() == [20, 21, 22, 23]
    assert len(growing.done().thumbnails) == 4


def test_of_too_many_photos_over_all_shards_there_are_no_thumbnails(monkeypatch):
    monkeypatch.setattr(photo_looks, "MOST_COMPARED", 4)
    room = ThumbnailRoom()
    shards = [GrowingLooks(room) for _ in range(2)]
    for shard in shards:
        for content in contents(3):
            shard.look(content)
    one, other = (shard.done() for shard in shards)
    assert (len(one.thumbnails), len(other.thumbnails)) == (3, 0)
    both = joined_looks([one, other])
    assert len(both.thumbnails) == 0
    assert both.short_side.tolist() == [20, 21, 22] * 2
