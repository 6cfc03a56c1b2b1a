import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.tasks.detection_score import TrueBoxes, detection_score
from mobilenet_tf.tasks.post_processing import Detections
from mobilenet_tf.training.detection.answers import answers_of, best_threshold
from mobilenet_tf.training.detection.photos import StretchedPhotos

A, B, AWAY = [0.1, 0.1, 0.4, 0.4], [0.5, 0.5, 0.9, 0.9], [0.0, 0.8, 0.2, 1.0]


def truth(boxes, ignored):
    return TrueBoxes(np.float32(boxes), np.zeros(len(boxes), np.int64), np.array(ignored), (100, 100))


def found(boxes, scores):
    return Detections(np.float32(boxes), np.float32(scores), np.zeros(len(boxes), np.int64))


def test_boxes_found_where_a_box_is_ignored_do_not_choose_the_threshold():
    # From 0.9 on: one right of one, F1 1. From 0.8 on: the same, with one that does not count. From 0.7 on: F1 2/3.
    given, there = found([A, B, AWAY], [0.9, 0.8, 0.7]), truth([A, B], [False, True])
    assert best_threshold([given], [there]) == pytest.approx(0.9)


def test_boxes_found_on_a_photo_of_many_objects_are_shown(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "p.png")
    corners = [[n / 100, 0.0, (n + 0.8) / 100, 0.3] for n in range(70)]
    there, given = truth(corners, [False] * 70), found([*corners[:65], AWAY], [0.9] * 65 + [0.95])
    photos = BoxedPhotos(
        (str(tmp_path / "p.png"),), (there.boxes,), (there.classes,), (there.ignored,), np.array([[8, 8]]),
        np.zeros(1, np.uint64),
    )  # fmt: skip
    score = detection_score([given], [there], 1)
    (worst,) = answers_of(1, score, [given], [there], StretchedPhotos(photos, 32)).worst
    assert [sum((one.score is None) == wanted for one in worst.boxes) for wanted in (True, False)] == [60, 60]
    assert (worst.missed, worst.false) == (5, 1)
