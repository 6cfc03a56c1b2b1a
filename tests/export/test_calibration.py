import shutil

import numpy as np
import pytest

from export.calibration import MIN_VERIFICATION, load_images
from mobilenet_tf.data.digests import photo_digest
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import CheckError, ImagesError
from tests.support.commands import images_in


def test_plenty_of_photos_serve_once_each(tmp_path):
    folder = images_in(tmp_path, 230)
    images = load_images(folder, res=32, count=20)
    assert len(images.calibration.images) == images.calibration.distinct == 20
    assert len(images.verification.images) == images.verification.distinct == 210
    assert not set(images.calibration.photos) & set(images.verification.photos)
    assert not images.warnings


def test_few_photos_are_split_and_cropped_and_never_used_for_both():
    images = load_images(None, res=32, count=100)
    assert len(images.calibration.images) == 100
    assert len(images.verification.images) == MIN_VERIFICATION
    photos = len(list(bundled_photos().glob("*.jpg")))
    assert (images.calibration.distinct, images.verification.distinct) == (photos // 3, photos - photos // 3)
    assert not set(images.calibration.photos) & set(images.verification.photos)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others():
    one, same, other = (load_images(None, res=32, seed=seed).calibration.sha256 for seed in (0, 0, 1))
    assert one == same != other


def test_crops_of_one_photo_differ(tmp_path):
    images = load_images(images_in(tmp_path, 12), res=32, count=30)
    assert len(np.unique(images.calibration.images.reshape(30, -1), axis=0)) == 30


def test_copies_are_found_by_content_and_counted_once(tmp_path):
    folder = images_in(tmp_path, 12)
    for index in range(5):
        shutil.copy(folder / "photo_000.jpg", folder / f"copy_{index}.jpg")
    images = load_images(folder, res=32, count=10)
    assert "5 of the 17 photos are copies of others" in images.warnings[0]
    assert (images.used.found, images.used.copies, images.used.unusable) == (17, 5, 0)
    assert images.calibration.distinct + images.verification.distinct == 12


def test_one_image_many_times_is_refused(tmp_path):
    folder = images_in(tmp_path, 1)
    for index in range(99):
        shutil.copy(folder / "photo_000.jpg", folder / f"copy_{index}.jpg")
    with pytest.raises(ImagesError, match=r"found 1 \(99 of the 100 photos are copies"):
        load_images(folder, res=32)


def test_corrupt_images_are_named_and_skipped(tmp_path):
    folder = images_in(tmp_path, 15)
    (folder / "broken_a.jpg").write_bytes(b"\xff\xd8 no jpeg")
    whole = (folder / "photo_003.jpg").read_bytes()
    (folder / "broken_b.jpg").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(CheckError, match=r"15 of 17 can be used[\s\S]*Left out: 2 unreadable \(broken_.*.jpg\)\.\n"):
        load_images(folder, res=32, count=10)
    images = load_images(folder, res=32, count=10, allow_skipped=True)
    assert "2 unreadable" in images.warnings[0]
    assert images.used.unusable == 2
    assert "broken_a.jpg" in images.warnings[0]
    assert "broken_b.jpg" in images.warnings[0]


def test_fewer_than_ten_readable_photos_are_refused(tmp_path):
    folder = images_in(tmp_path, 9)
    (folder / "broken.jpg").write_bytes(b"")
    with pytest.raises(ImagesError, match=r"at least 10 .*found 9 \(1 unreadable"):
        load_images(folder, res=32)


def test_sub_folders_and_upper_case_suffixes_count(tmp_path):
    images_in(tmp_path / "a", 6)
    images_in(tmp_path / "b" / "c", 6, seed=1)
    (tmp_path / "a" / "photo_000.jpg").rename(tmp_path / "a" / "PHOTO.JPG")
    images = load_images(tmp_path, res=32, count=10)
    assert images.calibration.distinct + images.verification.distinct == 12


def test_a_folder_that_cannot_serve_says_why(tmp_path):
    with pytest.raises(ImagesError, match="does not exist"):
        load_images(tmp_path / "none", res=32)
    with pytest.raises(ImagesError, match="is empty"):
        load_images(tmp_path, res=32)
    (tmp_path / "notes.txt").write_text("no photo")
    with pytest.raises(ImagesError, match="holds no image"):
        load_images(tmp_path, res=32)
    with pytest.raises(ImagesError, match="is a file"):
        load_images(tmp_path / "notes.txt", res=32)


def test_other_kinds_of_photos_count_as_left_out(tmp_path):
    folder = images_in(tmp_path, 20)
    for index in range(2):
        (folder / f"{index}.gif").write_bytes(b"GIF89a")
    assert any("2 .gif files" in warning for warning in load_images(folder, res=32, count=10).warnings)
    (folder / "3.gif").write_bytes(b"GIF89a")
    with pytest.raises(CheckError, match=r"20 of 23 can be used[\s\S]*3 \.gif files[\s\S]*--allow-skipped"):
        load_images(folder, res=32, count=10)


def test_copies_of_what_cannot_be_read_are_no_photos_either(tmp_path):
    folder = images_in(tmp_path, 60)
    for index in range(40):
        (folder / f"broken_{index}.jpg").write_bytes(b"")
    with pytest.raises(CheckError, match=r"60 of 100 can be used"):
        load_images(folder, res=32, count=10)


def split_by(paths, validation):
    """A split in which the photos of this many last paths validated, and the others were trained on."""
    digests = [photo_digest(path.read_bytes()) for path in sorted(paths)]
    return Split("photos", 3, frozenset(digests[:-validation]), frozenset(digests[-validation:]))


def test_photos_that_were_trained_on_calibrate_and_those_that_validated_verify(tmp_path):
    paths = sorted(images_in(tmp_path, 260).iterdir())
    images = load_images(tmp_path, res=32, count=20, split=split_by(paths, 230))
    assert set(images.calibration.photos) <= set(paths[:30])
    assert set(images.verification.photos) == set(paths[30:])


def test_few_validation_photos_come_first_and_others_after_them(tmp_path):
    paths = sorted(images_in(tmp_path, 60).iterdir())
    images = load_images(tmp_path, res=32, count=100, split=split_by(paths, 12))
    assert images.calibration.distinct == 20
    assert not set(images.calibration.photos) & set(paths[-12:])
    assert set(images.verification.photos[:12]) == set(paths[-12:])
    assert images.verification.distinct == 40


def test_a_folder_of_validation_photos_alone_serves_both(tmp_path):
    paths = sorted(images_in(tmp_path, 30).iterdir())
    images = load_images(tmp_path, res=32, count=20, split=split_by(paths, 30))
    assert (images.calibration.distinct, images.verification.distinct) == (10, 20)
    assert not set(images.calibration.photos) & set(images.verification.photos)


def test_without_a_split_the_photos_are_chosen_as_if_there_were_none_in_it(tmp_path):
    folder = images_in(tmp_path, 40)
    nothing = Split("other", 1, frozenset(), frozenset())
    one, other = (load_images(folder, res=32, count=20, split=split) for split in (None, nothing))
    assert one.calibration.sha256 == other.calibration.sha256
    assert one.verification.sha256 == other.verification.sha256
