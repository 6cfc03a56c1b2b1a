"""Photos whose classes a CSV gives: which one is taken, and what is read of it."""

import shutil

import numpy as np
import pytest

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.errors import DataError
from tests.support.commands import images_in

CLASSES = ("cat", "dog")


@pytest.fixture
def photos(tmp_path):
    """Ten photos, photo_000.jpg to photo_009.jpg; those of even numbers shall be cats."""
    images_in(tmp_path / "photos", 10)
    return tmp_path / "photos"


def rows(numbers=range(10), name="photo_{:03}.jpg", delimiter=","):
    return "".join(f"{name.format(number)}{delimiter}{CLASSES[number % 2]}\n" for number in numbers)


def labels_by_number(data):
    """Number in the name of each photo -> its class."""
    sides = [(photos, index) for photos in (data.train, data.validation) for index in range(len(photos))]
    return {int(photos.name(i).rpartition("_")[2][:3]): data.classes[photos.labels[i]] for photos, i in sides}


ALL = {number: CLASSES[number % 2] for number in range(10)}


@pytest.mark.parametrize("header", ["", "file,label\n", "filename,class\n", '"image","category"\n'])
@pytest.mark.parametrize("name", ["photo_{:03}.jpg", "photo_{:03}", '"photo_{:03}.jpg"', "photos/photo_{:03}.jpg"])
def test_a_list_beside_the_photos_gives_their_classes(photos, header, name):
    (photos / "anything.csv").write_text(header + rows(name=name))
    data = load_dataset(str(photos))
    assert labels_by_number(data) == ALL
    assert data.notes == (f"{photos}/anything.csv gives the classes of the photos.",)
    assert data.skipped == ()
    assert np.bincount(data.validation.labels).tolist() == [1, 1]


@pytest.mark.parametrize("name", ["/home/me/pictures/photo_{:03}.jpg", '"C:\\pictures\\photo_{:03}.jpg"'])
def test_whole_paths_of_another_computer_are_known_by_their_last_name(photos, name):
    (photos / "list.csv").write_text("file,label\n" + rows(name=name), encoding="utf-16")
    assert labels_by_number(load_dataset(str(photos))) == ALL


def test_a_list_that_is_no_utf_8_is_named(photos):
    (photos / "list.csv").write_bytes(rows().replace("cat", "Katzé").encode("cp1252"))
    with pytest.raises(DataError, match=r"list.csv names none of the photos, has no labels, or is not UTF-8"):
        load_dataset(str(photos))


def test_photos_to_validate_with_that_are_given_go_before_a_list_for_them(photos, tmp_path):
    root = tmp_path / "set"
    shutil.copytree(photos, root)
    (root / "train.csv").write_text(rows(range(6)))
    (root / "val.csv").write_text(rows(range(6, 10)))
    images_in(tmp_path / "own", 4, seed=7)
    (tmp_path / "own" / "list.csv").write_text(rows(range(4)))
    data = load_dataset(str(root), validation=tmp_path / "own")
    assert (len(data.train), len(data.validation)) == (6, 4)
    assert data.notes == (f"{root}/train.csv gives the classes of the photos.",)


def test_a_list_may_be_given_in_place_of_the_folder_or_beside_it(photos, tmp_path):
    (photos / "list.csv").write_text(rows())
    assert labels_by_number(load_dataset(str(photos / "list.csv"))) == ALL
    (tmp_path / "own.txt").write_text(rows(delimiter=" "))
    assert labels_by_number(load_dataset(str(photos), ground_truth=tmp_path / "own.txt")) == ALL
    with pytest.raises(DataError, match="expected a folder of photos beside --ground-truth"):
        load_dataset(str(photos / "list.csv"), ground_truth=tmp_path / "own.txt")


@pytest.mark.parametrize("inside", ["", "images", "images/deep"])
def test_the_photos_may_be_in_a_sub_folder_that_the_list_does_not_name(photos, tmp_path, inside):
    root = tmp_path / "set"
    shutil.copytree(photos, root / inside)
    (root / "labels.csv").write_text("file;label\n" + rows(delimiter=";"))
    assert labels_by_number(load_dataset(str(root))) == ALL


def test_class_folders_go_before_a_list_beside_them(tmp_path):
    for name in ("x", "y"):
        images_in(tmp_path / "set" / name, 3, seed=ord(name))
    (tmp_path / "set" / "table.csv").write_text("file,label\nx/photo_000.jpg,cat\ny/photo_001.jpg,dog\n")
    assert load_dataset(str(tmp_path / "set")).classes == ("x", "y")


def test_lists_of_the_sides_beside_their_folders(photos, tmp_path):
    """As of a competition: names without suffix that both folders have, and a test list without labels."""
    root = tmp_path / "set"
    shutil.copytree(photos, root / "train")
    images_in(root / "test", 10, seed=7)
    (root / "train.csv").write_text("id,breed\n" + rows(name="photo_{:03}"))
    (root / "test.csv").write_text("id\n" + "".join(f"photo_{number:03}\n" for number in range(10)))
    (root / "sample_submission.csv").write_text("id,breed\nphoto_000,cat\nphoto_001,cat\n")
    data = load_dataset(str(root))
    assert labels_by_number(data) == ALL
    assert all("/train/" in data.train.name(index) for index in range(len(data.train)))
    (root / "val.csv").write_text("id,breed\n" + rows([0, 1], name="test/photo_{:03}"))
    data = load_dataset(str(root))
    assert (len(data.train), len(data.validation)) == (10, 2)
    assert data.notes == (
        f"{root}/train.csv gives the classes of the photos, and {root}/val.csv those of the photos that validate.",
    )


def one_hot(numbers, more=""):
    lines = [f"photo_{number:03}.jpg, {1 - number % 2}, {number % 2}\n" for number in numbers]
    return "filename, cat, dog\n" + "".join(lines) + more


@pytest.mark.parametrize("held_out", ["valid", "test"])
def test_a_column_for_each_class_as_roboflow_writes_them(photos, tmp_path, held_out):
    root = tmp_path / "set"
    shutil.copytree(photos, root / "train")
    images_in(root / held_out, 4, seed=7)
    (root / "train" / "_classes.csv").write_text(one_hot(range(10)))
    (root / held_out / "_classes.csv").write_text(one_hot(range(4)))
    data = load_dataset(str(root))
    assert (data.classes, len(data.train), data.validation.labels.tolist()) == (CLASSES, 10, [0, 0, 1, 1])
    alone = load_dataset(str(root / "train"), validation=root / held_out)
    assert (len(alone.train), len(alone.validation)) == (10, 4)


def test_what_a_list_names_and_cannot_be_trained_on_is_left_out_and_said(photos):
    (photos / "_classes.csv").write_text(
        one_hot(range(7), "photo_007.jpg, 1, 1\nphoto_008.jpg, 0, 0\ngone.jpg, 1, 0\n")
    )
    data = load_dataset(str(photos))
    assert (data.used, data.left_out) == (7, 3)
    file = photos / "_classes.csv"
    assert data.skipped == (
        f"{file}: 1 photo(s) listed and not there: {photos}/gone.jpg",
        f"{file}: 1 photo(s) listed with several classes, where one is trained: photo_007.jpg",
        f"{file}: 1 photo(s) listed without a class: photo_008.jpg",
    )


def test_a_photo_of_two_lines_counts_once_if_they_agree(photos):
    (photos / "list.csv").write_text(rows() + rows([0, 1]) + "photo_002.jpg,dog\n")
    data = load_dataset(str(photos))
    assert labels_by_number(data) == {number: name for number, name in ALL.items() if number != 2}
    assert data.left_out == 1
    assert "listed with several classes" in data.skipped[0]


def test_photos_that_are_not_listed_are_said_and_not_counted(photos):
    (photos / "list.csv").write_text(rows(range(8)))
    data = load_dataset(str(photos))
    assert data.skipped == (f"{photos}: 2 photo(s) that list.csv does not list",)
    assert (data.used, data.left_out) == (8, 0)


def test_classes_that_are_numbers_are_in_the_order_of_numbers(photos):
    (photos / "list.csv").write_text("".join(f"photo_{number:03}.jpg,{[2, 10][number % 2]}\n" for number in range(10)))
    assert load_dataset(str(photos)).classes == ("2", "10")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"a.csv": rows(), "b.csv": rows()}, r"several files in .* list photos: a.csv, b.csv.\nGive .*--ground-truth"),
        ({"a.csv": "photo_000.jpg,cat\nphoto_001.jpg,\n"}, "line 2: expected `file,label`"),
        ({"a.csv": "weather,label\nrain,cat\n"}, "or a .csv .*\na.csv names none of the photos"),
        ({"a.csv": "photo_000.jpg,cat\nphoto_001.jpg,cat\n"}, "found only cat"),
        ({"_classes.csv": "filename, cat, dog\nphoto_000.jpg, 1, 1\n"}, "it gives none.\n.*several classes"),
    ],
)
def test_lists_that_cannot_be_trained_on_are_refused(photos, files, message):
    for name, text in files.items():
        (photos / name).write_text(text)
    with pytest.raises(DataError, match=message):
        load_dataset(str(photos))
