import os

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data.photos import check_left_out, find_photos, photo_suffixes, read_photo
from mobilenet_tf.errors import CheckError, ImagesError
from tests.support.commands import images_in

HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"  # how a photo of an iPhone begins


def test_photos_of_every_suffix_are_found_and_read(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    suffixes = ("jpg", "JPEG", "jpe", "jfif", "png", "bmp", "webp", "tif", "tiff", "ppm")
    for suffix in suffixes:
        Image.fromarray(pixels).save(tmp_path / f"photo.{suffix}")
    found = find_photos(tmp_path)
    assert found.paths == tuple(sorted(tmp_path / f"photo.{suffix}" for suffix in suffixes))
    assert (found.unread, found.seen) == ((), len(suffixes))
    assert {read_photo(path).shape for path in found.paths} == {(24, 32, 3)}


@pytest.fixture
def without_pillow_heif(monkeypatch):
    """As if pillow-heif were not installed."""
    monkeypatch.setattr("mobilenet_tf.data.photos.find_spec", lambda _: None)
    photo_suffixes.cache_clear()
    yield
    photo_suffixes.cache_clear()


@pytest.mark.usefixtures("without_pillow_heif")
def test_photos_of_kinds_that_are_not_read_are_counted_with_the_remedy(tmp_path):
    images_in(tmp_path, 2)
    for name in ("a.HEIC", "b.heic", "c/d.heic", "e.gif", "._f.gif", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(HEIC)
    found = find_photos(tmp_path)
    assert (len(found.paths), found.unread_count, found.seen) == (2, 4, 6)
    assert found.unread == (
        "1 .gif file, not read: save it as PNG",
        "3 .heic files, not read: pip install pillow-heif reads them",
    )


def test_a_folder_of_kinds_that_are_not_read_names_them(tmp_path):
    (tmp_path / "a.gif").write_bytes(b"GIF89a")
    with pytest.raises(ImagesError, match=r"it holds only 1 \.gif file, not read: save it as PNG"):
        find_photos(tmp_path)


def test_a_folder_that_is_none_or_empty_is_refused(tmp_path):
    with pytest.raises(ImagesError, match="it is empty"):
        find_photos(tmp_path)
    (tmp_path / "._a.jpg").write_bytes(b"")
    with pytest.raises(ImagesError, match="it holds no image"):
        find_photos(tmp_path)
    with pytest.raises(ImagesError, match="is a file"):
        find_photos(tmp_path / "._a.jpg")
    with pytest.raises(ImagesError, match="does not exist"):
        find_photos(tmp_path / "nowhere")


def test_links_to_nothing_are_named_and_counted(tmp_path):
    images_in(tmp_path, 1)
    for name in ("gone.jpg", "gone too.jpg", "gone.txt"):
        (tmp_path / name).symlink_to("nowhere")
    found = find_photos(tmp_path)
    assert found.unread == (f"{tmp_path / 'gone too.jpg'} and 1 more: a link to what does not exist",)
    assert found.seen == 3


def test_a_photo_whose_name_is_not_utf_8_is_found_and_read(tmp_path):
    images_in(tmp_path, 1)
    os.rename(tmp_path / "photo_000.jpg", os.fsencode(tmp_path) + b"/caf\xe9.jpg")
    (path,) = find_photos(tmp_path).paths
    assert read_photo(path).ndim == 3


@pytest.mark.usefixtures("without_pillow_heif")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "no image of a kind that is read"),
        (HEIC, "a HEIC photo in spite of its name; pip install pillow-heif reads it"),
    ],
)
def test_a_photo_that_cannot_be_read_is_named_with_the_reason(tmp_path, content, why):
    (tmp_path / "a.jpg").write_bytes(content)
    with pytest.raises(ImagesError) as error:
        read_photo(tmp_path / "a.jpg")
    assert str(error.value) == f"cannot read {tmp_path / 'a.jpg'}: {why}."


def test_a_missing_photo_and_one_over_the_limit_of_pixels_are_named(tmp_path, monkeypatch):
    with pytest.raises(ImagesError, match=r"cannot read .*gone\.jpg: No such file or directory\."):
        read_photo(tmp_path / "gone.jpg")
    images_in(tmp_path, 1)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ImagesError, match="more than 100 pixels"):
        read_photo(tmp_path / "photo_000.jpg")


def test_a_tenth_of_the_photos_may_be_left_out(tmp_path):
    check_left_out(90, 100, tmp_path, [], allow_skipped=False)
    check_left_out(1, 100, tmp_path, [], allow_skipped=True)
    with pytest.raises(CheckError, match=r"89 of 100 can be used\.\nLeft out: 11 \.gif files\.\n.*--allow-skipped"):
        check_left_out(89, 100, tmp_path, ["11 .gif files"], allow_skipped=False)


def test_of_many_pipes_the_first_ten_are_named_and_the_others_counted(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "a.png")
    for number in range(14):
        os.mkfifo(tmp_path / f"{number:02d}.jpg")
    found = find_photos(tmp_path)
    assert found.paths == (tmp_path / "a.png",)
    assert [line.rpartition(": ")[2] for line in found.unread] == ["it is no regular file"] * 10 + [
        "4 more things are left out"
    ]
