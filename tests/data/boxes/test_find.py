"""What is no folder of photos and no file of annotations is not read."""

import os

import pytest

from mobilenet_tf.data.boxes.find import find_boxes, has_boxes
from mobilenet_tf.errors import DataError
from tests.support.boxes import CLASSES, write_photos, write_yolo


def yolo_set(folder):
    write_yolo(folder, write_photos(folder, 2))
    (folder / "classes.txt").write_text("\n".join(CLASSES))


def test_a_mistyped_name_does_not_read_the_folder_that_one_is_in(tmp_path, monkeypatch):
    yolo_set(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert has_boxes(".")
    assert not has_boxes("no_such_folder")
    with pytest.raises(DataError, match="no_such_folder does not exist"):
        find_boxes("no_such_folder")


def test_a_pipe_is_not_waited_for(tmp_path):
    yolo_set(tmp_path)
    os.mkfifo(tmp_path / "pipe.json")
    assert not has_boxes(tmp_path / "pipe.json")
    assert has_boxes(tmp_path)
