"""YOLO's text files and what data.yaml says of them."""

import pytest

from mobilenet_tf.data.boxes.find import find_boxes, has_boxes
from mobilenet_tf.data.boxes.load import load_boxes
from mobilenet_tf.errors import DataError
from tests.support.boxes import CLASSES, write_photos, write_yolo

COUNT = 4
NAMES = "names: [disc, square]\n"


@pytest.fixture
def folder(tmp_path):
    write_yolo(tmp_path / "labels", write_photos(tmp_path / "images", COUNT))
    return tmp_path


def test_other_things_in_a_data_yaml_say_nothing(folder):
    script = "".join(f"  import requests, line {number} of a long script\n" for number in range(20))
    bomb = 'a0: &a0 ["xxxxxxxx"]\n' + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    (folder / "data.yaml").write_text(f"{bomb}{NAMES}download: |\n{script}")
    assert find_boxes(folder).classes == CLASSES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("names: {0: disc, a: square}\n", "expected `names`, a list of the classes"),
        ("names: {0: disc, 2: square}\n", "expected `names`, a list of the classes"),
        ("names: [disc, [square]]\n", "expected `names`, a list of the classes"),
        ("names: " + "[" * 5000 + "\n", "cannot read"),
    ],
)
def test_names_that_are_none_are_refused(folder, text, expected):
    (folder / "data.yaml").write_text(text)
    with pytest.raises(DataError, match=expected):
        find_boxes(folder)


def test_a_class_that_yaml_takes_for_a_truth_value_keeps_its_name(folder):
    (folder / "data.yaml").write_text("names: [no, 7]\n")
    assert find_boxes(folder).classes == ("no", "7")


def test_key_points_after_a_box_are_not_its_corners(folder):
    (folder / "data.yaml").write_text(f"{NAMES}kpt_shape: [2, 3]\n")
    (folder / "labels" / "p0.txt").write_text("0 0.5 0.5 0.25 0.5 0.1 0.1 2 0.9 0.95 2\n")
    (folder / "labels" / "p1.txt").write_text("0 0.5 0.5 0.25 0.5 0.1 0.1 0.9 0.95\n")
    boxes = [photo.boxes[0].corners for photo in find_boxes(folder).photos]
    assert boxes[:2] == [(0.25, 0.375, 0.75, 0.625)] * 2


def test_lists_of_photos_say_which_side_they_are_on(folder):
    (folder / "data.yaml").write_text(f"{NAMES}train: lists/train.txt\nval: lists/val.txt\n")
    (folder / "lists").mkdir()
    (folder / "lists" / "train.txt").write_text("../images/p0.png\ndata/obj/p1.png\n")
    (folder / "lists" / "val.txt").write_text("images/p2.png\nimages/lost.png\n")
    found = find_boxes(folder)
    assert [photo.side for photo in found.photos] == ["train", "train", "validation", None]
    assert found.skipped == (f"1 photo(s) of a list that are not there: {folder / 'lists' / 'val.txt'}, line 2",)


def test_a_side_that_is_not_there_is_said(folder):
    (folder / "data.yaml").write_text(f"{NAMES}val: images/validation\n")
    note = f"{folder / 'data.yaml'} says that `val` is images/validation, which is not there: it is done without."
    assert note in find_boxes(folder).notes


def test_the_data_yaml_that_is_given_is_read(folder):
    (folder / "data.yaml").write_text(NAMES)
    (folder / "other.yaml").write_text("names: [ball, box]\n")
    assert find_boxes(folder / "other.yaml").classes == ("ball", "box")


@pytest.mark.parametrize("line", ["12 33 45 81 99 102", "12.5 33 45 81 99 102", "0.1 0.2 0.3 0.4 0.5 0.6"])
def test_landmarks_beside_photos_are_no_boxes(tmp_path, line):
    for name in CLASSES:
        for photo, *_ in write_photos(tmp_path / name, 2):
            (tmp_path / name / photo).with_suffix(".txt").write_text(line)
    assert not has_boxes(tmp_path)


def test_folders_of_classes_with_boxes_are_told_of_classification(tmp_path):
    for name in CLASSES:
        write_yolo(tmp_path / name, write_photos(tmp_path / name, 2))
    with pytest.raises(DataError, match=r"(?s)classes\.txt.*--task classification trains on the sub-folders"):
        load_boxes(tmp_path)
