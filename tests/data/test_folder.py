import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import DataError
from tests.support.commands import images_in

RED, BLUE = (200, 30, 40), (30, 60, 220)


def plain(path, colour, size=(40, 30), **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)


def names(photos):
    """The photos' file names and labels, in order."""
    inner, indices = (photos.photos, photos.indices) if hasattr(photos, "indices") else (photos, range(len(photos)))
    return [(inner.paths[i].rsplit("/", 1)[1], int(label)) for i, label in zip(indices, photos.labels, strict=True)]


def test_sub_folders_are_the_classes_sorted_by_name(pets):
    data = load_dataset(str(pets))
    assert data.classes == ("cat", "dog")
    assert np.bincount(data.train.labels).tolist() == [8, 4]
    assert np.bincount(data.validation.labels).tolist() == [2, 1]
    assert data.train.labels.dtype == np.int64
    assert data.skipped == ()


def test_a_photo_bears_the_label_of_its_folder(tmp_path):
    for name, colour in {"blue": BLUE, "red": RED}.items():
        for index in range(4):
            plain(tmp_path / name / f"{index}.png", colour, (40 + index, 30))
    data = load_dataset(str(tmp_path), validation_share=0.5)
    for side in (data.train, data.validation):
        assert len(side) == 4
        for index, label in enumerate(side.labels):
            assert side.read(index, 32)[5, 5].tolist() == list((BLUE, RED)[label])
            assert Path(side.name(index)).parent == tmp_path / ("blue", "red")[label]


def test_the_split_does_not_depend_on_the_order_of_creation(tmp_path):
    for root, order in (("one", range(20)), ("other", reversed(range(20)))):
        for index in order:
            for name in "ab":
                plain(tmp_path / root / name / f"{index}.png", (index, ord(name), 0))
    one, other = (load_dataset(str(tmp_path / root), seed=3) for root in ("one", "other"))
    assert names(one.validation) == names(other.validation)
    assert names(one.train) == sorted(names(one.train), key=lambda row: (row[1], row[0]))


def test_any_case_of_suffix_deeper_folders_and_names_that_lie_count(pets):
    (pets / "cat" / "photo_000.jpg").rename(pets / "cat" / "PHOTO.JPEG")
    (pets / "cat" / "deep" / "er").mkdir(parents=True)
    (pets / "cat" / "photo_001.jpg").rename(pets / "cat" / "deep" / "er" / "x.Jpg")
    plain(pets / "cat" / "png.jpg", RED, format="PNG")
    data = load_dataset(str(pets))
    assert len(data.train) + len(data.validation) == 16


def test_hidden_files_and_folders_do_not_count(pets):
    shutil.copy(pets / "cat" / "photo_000.jpg", pets / "cat" / "._photo_000.jpg")
    images_in(pets / ".cache", 3)
    images_in(pets / "dog" / ".thumbnails", 3)
    (pets / ".DS_Store").write_bytes(b"")
    data = load_dataset(str(pets))
    assert data.classes == ("cat", "dog")
    assert len(data.train) + len(data.validation) == 15
    assert data.skipped == ()


def test_broken_photos_are_named_with_the_reason_and_skipped(pets):
    whole = (pets / "cat" / "photo_003.jpg").read_bytes()
    (pets / "cat" / "empty.jpg").write_bytes(b"")
    (pets / "cat" / "short.jpg").write_bytes(whole[:-100])
    (pets / "dog" / "text.png").write_text("no photo")
    data = load_dataset(str(pets))
    assert len(data.train) + len(data.validation) == 15
    assert [line.split(":")[0] for line in data.skipped] == [
        f"cannot read {pets / name}" for name in ("cat/empty.jpg", "cat/short.jpg", "dog/text.png")
    ]
    assert data.skipped[0].endswith(": no image of a kind that is read.")
    assert "truncated" in data.skipped[1]


@pytest.mark.parametrize("options", [{"format": "JPEG"}, {"format": "JPEG", "progressive": True}, {"format": "PNG"}])
def test_what_the_scan_lets_pass_can_be_read_at_any_scale_wherever_it_was_cut(pets, tmp_path_factory, options):
    path = tmp_path_factory.mktemp("whole") / "photo"
    noise = np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((360, 270)).save(path, **options)
    whole = path.read_bytes()
    cuts = [*range(len(whole) - 8, len(whole) + 1), *range(0, len(whole), len(whole) // 20)]
    for cut in cuts:
        (pets / "cat" / f"cut_{cut}.jpg").write_bytes(whole[:cut])
    data = load_dataset(str(pets))
    assert len(data.skipped) >= 19
    assert len(data.skipped) < len(cuts)
    for side in (data.train, data.validation):
        for index in range(len(side)):
            for short_side in (32, 100, 1000):
                assert side.read(index, short_side).ndim == 3


def test_other_files_and_photos_outside_the_classes_are_counted(pets):
    (pets / "cat" / "notes.txt").write_text("x")
    (pets / "LICENSE").write_text("x")
    (pets / "labels.txt").write_text("dog\ncat\n")  # it is used, see test_class_order.py
    plain(pets / "cover.jpg", RED)
    assert load_dataset(str(pets)).skipped == (
        f"{pets}: 1 photo(s) outside the classes' sub-folders",
        f"{pets}: 2 other file(s), by their suffix no photos",
    )


def test_a_photo_that_goes_after_the_scan_is_named(pets):
    data = load_dataset(str(pets))
    (pets / "cat" / names(data.train)[0][0]).unlink()
    with pytest.raises(DataError, match=r"cannot read .*cat/photo_\d+.jpg: No such file[\s\S]*was whole when"):
        data.train.read(0, 32)


@pytest.mark.parametrize("name", ["val", "validation", "Test"])
def test_train_and_a_validation_folder_are_the_two_sides(tmp_path, name):
    for index, (side, count) in enumerate({"train": 4, name: 3}.items()):
        for label in ("cat", "dog"):
            images_in(tmp_path / side / label, count, seed=index)
    data = load_dataset(str(tmp_path))
    assert data.classes == ("cat", "dog")
    assert (len(data.train), len(data.validation)) == (8, 6)


def test_validation_goes_before_test(tmp_path):
    for seed, (side, count) in enumerate({"train": 4, "test": 2, "val": 3}.items()):
        for label in "ab":
            images_in(tmp_path / side / label, count, seed=seed)
    assert len(load_dataset(str(tmp_path)).validation) == 6


def test_train_and_test_that_hold_photos_themselves_are_classes(tmp_path):
    for name in ("train", "test", "plane"):
        images_in(tmp_path / name, 3)
    assert load_dataset(str(tmp_path)).classes == ("plane", "test", "train")


def test_a_given_validation_folder_goes_before_the_one_inside_and_before_the_split(tmp_path):
    for seed, (side, count) in enumerate({"all/train": 4, "all/val": 3, "mine": 5}.items()):
        for label in "ab":
            images_in(tmp_path / side / label, count, seed=seed)
    (tmp_path / "mine" / "a" / "photo_000.jpg").write_bytes(b"")
    inside = load_dataset(str(tmp_path / "all"), validation=tmp_path / "mine")
    beside = load_dataset(str(tmp_path / "all" / "train"), validation=tmp_path / "mine")
    for data in (inside, beside):
        assert (len(data.train), len(data.validation)) == (8, 9)
        assert "photo_000.jpg" in data.skipped[0]


def test_validation_labels_are_those_of_training_and_some_classes_may_lack(tmp_path):
    for label in ("ant", "bee", "cat"):
        images_in(tmp_path / "train" / label, 2)
    for label in ("bee", "cat"):
        images_in(tmp_path / "val" / label, 1)
    (tmp_path / "val" / "empty").mkdir()
    data = load_dataset(str(tmp_path))
    assert data.validation.labels.tolist() == [1, 2]


def test_a_validation_class_that_training_lacks_is_refused(tmp_path):
    for side, classes in {"train": ("ant", "bee"), "val": ("ant", "wasp")}.items():
        for label in classes:
            images_in(tmp_path / side / label, 2)
    with pytest.raises(DataError, match=r"the training classes' names in .*val; training has no wasp"):
        load_dataset(str(tmp_path))


def test_validation_folders_of_similar_names_are_taken_for_the_classes_and_said(tmp_path):
    for label in ("fire truck", "cat"):
        images_in(tmp_path / "train" / label, 2)
    images_in(tmp_path / "val" / "Fire_Truck", 1)
    data = load_dataset(str(tmp_path / "train"), validation=tmp_path / "val")
    assert data.validation.labels.tolist() == [1]
    expected = "taken for training's classes of similar names: 'Fire_Truck' for 'fire truck'."
    assert data.notes == (f"{tmp_path / 'val'}: {expected}",)


def test_what_is_left_out_is_counted_against_what_was_seen(pets):
    (pets / "cat" / "broken.jpg").write_bytes(b"")
    (pets / "dog" / "moving.gif").write_bytes(b"GIF89a")
    (pets / "dog" / "gone.jpg").symlink_to("nowhere.jpg")
    (pets / "dog" / "gone").symlink_to("nowhere")
    plain(pets / "cover.jpg", RED)
    data = load_dataset(str(pets))
    assert (data.used, data.left_out, data.seen) == (15, 4, 19)
    assert data.skipped == (
        f"cannot read {pets}/cat/broken.jpg: no image of a kind that is read.",
        f"{pets}: 1 .gif file, not read: save it as PNG",
        f"{pets}/dog/gone and 1 more: a link to what does not exist",
        f"{pets}: 1 photo(s) outside the classes' sub-folders",
    )


def test_a_folder_without_sub_folders_is_refused(tmp_path):
    images_in(tmp_path, 3)
    with pytest.raises(DataError, match="it has no sub-folder"):
        load_dataset(str(tmp_path))


def test_one_class_is_refused(tmp_path):
    images_in(tmp_path / "cat", 3)
    with pytest.raises(DataError, match=r"at least two classes.*found only cat"):
        load_dataset(str(tmp_path))


def test_a_class_with_fewer_than_two_photos_is_named(pets):
    images_in(pets / "newt", 1)
    (pets / "empty").mkdir()
    (pets / "newt" / "broken.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"too few in empty \(0\), newt \(1\)[.]\nLeft out: .*broken.jpg"):
        load_dataset(str(pets))


def test_a_folder_with_nothing_to_read_is_refused(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
    with pytest.raises(
        DataError, match=r"expected photos \(JPEG, PNG, .*\) in the.* none can be read.\nThey are empty"
    ):
        load_dataset(str(tmp_path))
    (tmp_path / "a" / "zero.jpg").write_bytes(b"")
    with pytest.raises(DataError, match=r"none can be read.\nLeft out: cannot read .*zero.jpg: no image[^.]*read[.]$"):
        load_dataset(str(tmp_path))
