"""Photos in one folder whose names say their classes, as those of Kaggle's cats and dogs do."""

import re

import numpy as np
import pytest

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import DataError
from tests.support.commands import images_in


def named(folder, *classes, count=5, pattern="{}.{}.jpg", first_seed=0):
    """`count` photos of each of the classes in `folder`, named after it."""
    for seed, name in enumerate(classes, first_seed):
        images_in(folder / "made", count, seed=seed)
        for number, path in enumerate(sorted((folder / "made").iterdir())):
            path.rename(folder / pattern.format(name, number))
    (folder / "made").rmdir()


def files(photos):
    return {photos.name(index) for index in range(len(photos))}


def test_the_classes_are_taken_from_the_names_which_is_said_first(tmp_path):
    named(tmp_path, "dog", "cat")
    data = load_dataset(str(tmp_path))
    assert data.classes == ("cat", "dog")
    for photos in (data.train, data.validation):
        assert [data.classes[label] in photos.name(index) for index, label in enumerate(photos.labels)].count(
            False
        ) == 0
    assert (len(data.train), len(data.validation)) == (8, 2)
    assert data.notes[0] == (
        f"{tmp_path} has no sub-folders with photos: the class of a photo is what its name has before its last number "
        "or numbers: cat (cat.0.jpg), dog (dog.0.jpg).\n"
        "If these are not the classes, sort the photos into sub-folders named after theirs, or list them in lines "
        "`file,label`, in labels.csv there or in --ground-truth FILE."
    )


def test_a_side_without_labels_is_not_used(tmp_path):
    named(tmp_path / "train", "cat", "dog")
    images_in(tmp_path / "test1", 4, seed=9)
    data = load_dataset(str(tmp_path))
    assert (data.classes, data.used) == (("cat", "dog"), 10)
    assert data.notes[1] == (f"{tmp_path}: train is trained on, no other side has the classes inside; not used: test1.")


def test_a_side_whose_names_say_the_same_classes_validates(tmp_path):
    named(tmp_path / "train" / "train", "cat", "dog")
    named(tmp_path / "val", "dog", "cat", count=2, pattern="{}_{:03}.png", first_seed=2)
    images_in(tmp_path / "test", 4, seed=9)
    data = load_dataset(str(tmp_path))
    assert all("/val/" in name for name in files(data.validation))
    assert [data.classes[label] for label in data.validation.labels] == ["cat"] * 2 + ["dog"] * 2
    assert data.notes[1] == f"{tmp_path}: train is trained on, and val validates; not used: test."


def test_a_folder_to_validate_with_may_be_named_so_too(tmp_path):
    for name in ("cat", "dog"):
        images_in(tmp_path / "photos" / name, 3, seed=len(name))
    named(tmp_path / "own", "Dog", "Cat", count=1)
    data = load_dataset(str(tmp_path / "photos"), validation=tmp_path / "own")
    assert np.bincount(data.validation.labels).tolist() == [1, 1]


def test_labels_txt_fixes_the_order_and_what_else_lies_there_is_said(tmp_path):
    named(tmp_path, "cat", "dog")
    (tmp_path / "labels.txt").write_text("dog\ncat\n")
    (tmp_path / "notes.md").write_text("nothing")
    (tmp_path / "cat.9.gif").write_bytes(b"")
    (tmp_path / "dog.9.jpg").symlink_to(tmp_path / "gone")
    (tmp_path / "dog.8.jpg").write_bytes(b"")
    data = load_dataset(str(tmp_path))
    assert (data.classes, data.used, data.left_out) == (("dog", "cat"), 10, 3)
    assert data.skipped == (
        f"cannot read {tmp_path}/dog.8.jpg: no image of a kind that is read.",
        f"{tmp_path}: 1 .gif file, not read: save it as PNG",
        f"{tmp_path}/dog.9.jpg: a link to what does not exist",
        f"{tmp_path}: 1 other file(s), by their suffix no photos",
    )


def test_a_list_goes_before_the_names(tmp_path):
    named(tmp_path, "cat", "dog")
    lines = [f"{path.name},{'odd' if '1' in path.name or '3' in path.name else 'even'}" for path in tmp_path.iterdir()]
    (tmp_path / "labels.csv").write_text("\n".join(lines))
    assert load_dataset(str(tmp_path)).classes == ("even", "odd")


def test_names_that_say_nothing_are_refused_with_what_to_do(tmp_path):
    images_in(tmp_path, 4)
    what = (
        "the names of its files do not say the classes clearly, as cat.0.jpg and dog_001.jpg do: each needs a number "
        "after its class, none may be as a camera gives it, and there must be two classes at least, of three photos "
        "each.\n"
        f"Sort the photos into sub-folders named after their classes, {tmp_path}/cat, {tmp_path}/dog, ..., or list "
        f"them in {tmp_path}/labels.csv, a line `file,label` for each."
    )
    with pytest.raises(DataError, match=re.escape(what)):
        load_dataset(str(tmp_path))


@pytest.mark.parametrize("side", ["", "train", "val"])
def test_a_list_that_cannot_be_used_is_not_replaced_by_the_names(tmp_path, side):
    named(tmp_path / "train", "left", "right")
    named(tmp_path / "val", "left", "right", first_seed=2)
    (tmp_path / side / "labels.csv").write_text("a.jpg,cat\nb.jpg,dog\n")
    with pytest.raises(DataError, match=r"labels\.csv names none of the photos"):
        load_dataset(str(tmp_path))


def test_nor_is_one_beside_the_photos_to_validate_with(tmp_path):
    named(tmp_path / "train", "left", "right")
    named(tmp_path / "val", "left", "right", first_seed=2)
    (tmp_path / "val" / "labels.csv").write_text("a.jpg,cat\nb.jpg,dog\n")
    with pytest.raises(DataError, match=r"labels\.csv names none of the photos"):
        load_dataset(str(tmp_path / "train"), validation=tmp_path / "val")


def test_what_shows_how_to_submit_to_a_contest_is_no_list(tmp_path):
    named(tmp_path / "train", "cat", "dog")
    images_in(tmp_path / "test1", 4, seed=9)
    (tmp_path / "sampleSubmission.csv").write_text("id,label\n1,0\n2,0\n")
    assert load_dataset(str(tmp_path)).classes == ("cat", "dog")


def test_the_note_names_the_photos_that_are_given_to_validate_with(tmp_path):
    root, other = tmp_path / "photos", tmp_path / "other"
    named(root / "train", "cat", "dog")
    named(root / "val", "cat", "dog", first_seed=2)
    named(other, "cat", "dog", first_seed=4)
    data = load_dataset(str(root), validation=other)
    assert files(data.validation) == {str(path) for path in other.iterdir()}
    assert data.notes[1] == f"{root}: train is trained on, and {other} validates; not used: val."


def test_of_several_lists_beside_the_photos_to_validate_with_one_is_to_be_given(tmp_path):
    named(tmp_path / "train", "cat", "dog")
    named(tmp_path / "own", "cat", "dog", first_seed=2)
    for name in ("a.csv", "b.csv"):
        (tmp_path / "own" / name).write_text("cat.0.jpg,dog\n")
    with pytest.raises(DataError, match=rf"list photos: a\.csv, b\.csv\.\nGive .* --validation {tmp_path}/own/a\.csv"):
        load_dataset(str(tmp_path / "train"), validation=tmp_path / "own")


def test_refusals_speak_of_photos_too(tmp_path):
    named(tmp_path / "train", "cat", "dog")
    named(tmp_path / "own", "cat", "bird", first_seed=2)
    with pytest.raises(DataError, match=r"has no bird\.\nRename or remove these sub-folders or photos"):
        load_dataset(str(tmp_path / "train"), validation=tmp_path / "own")
    for path in (tmp_path / "train").glob("dog*"):
        path.write_bytes(b"")
    with pytest.raises(DataError, match=r"too few in dog \(0\)(.|\n)*remove these sub-folders or photos"):
        load_dataset(str(tmp_path / "train"))
