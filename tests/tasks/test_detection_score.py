import numpy as np
import pytest

from mobilenet_tf.tasks.detection_score import RECALLS, TrueBoxes, detection_score
from mobilenet_tf.tasks.post_processing import Detections, no_detections

SIZE = (100, 200)


def truth(boxes, classes=None, ignored=None):
    boxes = np.array(boxes, np.float32).reshape(-1, 4)
    count = len(boxes)
    return TrueBoxes(
        boxes,
        np.array(classes if classes is not None else [0] * count, np.int64),
        np.array(ignored if ignored is not None else [False] * count, bool),
        SIZE,
    )


def found(boxes, scores, classes=None):
    boxes = np.array(boxes, np.float32).reshape(-1, 4)
    labels = np.array(classes if classes is not None else [0] * len(boxes), np.int64)
    return Detections(boxes, np.array(scores, np.float32), labels)


A, B, AWAY = [0.1, 0.1, 0.5, 0.4], [0.5, 0.5, 0.9, 0.9], [0.0, 0.8, 0.2, 1.0]


def test_the_boxes_themselves_have_all_scores_1():
    score = detection_score([found([A, B], [0.9, 0.8], [0, 1])], [truth([A, B], [0, 1])], 2)
    for one in (score.ap, score.ap50, score.ap75, score.ar, score.voc_ap50):
        assert one == pytest.approx(1)
    assert [one.boxes for one in score.classes] == [1, 1]
    assert score.classes[0].precision == pytest.approx([1.0] * RECALLS)


def test_nothing_found_scores_0():
    score = detection_score([no_detections()], [truth([A])], 1)
    assert (score.ap, score.ap50, score.ar, score.voc_ap50) == (0, 0, 0, 0)


def test_the_average_precision_of_a_small_case_by_hand():
    """Best first: right, wrong, right, of three boxes: precision 1 up to a recall of 1/3, then 2/3 up to 2/3."""
    there = [truth([A]), truth([A]), truth([A])]
    given = [found([A], [0.9]), found([AWAY], [0.8]), found([A], [0.7])]
    score = detection_score(given, there, 1)
    assert score.voc_ap50 == pytest.approx(1 / 3 * 1 + 1 / 3 * 2 / 3)
    # COCO takes the precision at 101 recalls: 34 of them are up to 1/3, 33 more up to 2/3.
    assert score.ap50 == pytest.approx((34 * 1 + 33 * 2 / 3) / 101)
    assert score.ar == pytest.approx(2 / 3)


def test_a_box_that_is_half_beside_counts_at_the_overlaps_that_it_has():
    height = 0.4
    moved = [A[0] + 0.1, A[1], A[2] + 0.1, A[3]]  # an overlap of (height - 0.1) / (height + 0.1) = 0.6
    score = detection_score([found([moved], [0.9])], [truth([A])], 1)
    assert (height - 0.1) / (height + 0.1) == pytest.approx(0.6)
    assert score.ap50 == pytest.approx(1)
    assert score.ap75 == 0
    assert score.ap == pytest.approx(0.2, abs=0.101)  # at 0.50 and 0.55, and at 0.60 as it is rounded


def test_a_second_box_around_the_same_thing_is_wrong_and_one_of_another_class_too():
    twice = detection_score([found([A, A], [0.9, 0.8])], [truth([A, B])], 1)
    assert twice.classes[0].voc_ap50 == pytest.approx(0.5)
    other = detection_score([found([A], [0.9], [1])], [truth([A], [0])], 2)
    assert other.ap50 == 0


def test_ignored_boxes_count_neither_way():
    there = [truth([A, B], ignored=[False, True])]
    missed = detection_score([found([A], [0.9])], there, 1)
    hit = detection_score([found([A, B], [0.8, 0.9])], there, 1)
    assert missed.ap50 == hit.ap50 == pytest.approx(1)
    assert missed.voc_ap50 == hit.voc_ap50 == pytest.approx(1)
    assert hit.classes[0].boxes == 1


def test_a_class_without_boxes_has_no_score_and_does_not_count_in_the_mean():
    score = detection_score([found([A], [0.9])], [truth([A])], 2)
    assert score.ap50 == pytest.approx(1)
    assert score.classes[1].ap is None
    assert score.classes[1].precision == ()


def test_sizes_are_those_of_the_photo_in_pixels():
    """A has 40 x 60 pixels, more than 32^2 and less than 96^2."""
    score = detection_score([found([A], [0.9])], [truth([A])], 1)
    assert score.ap_medium == pytest.approx(1)
    assert score.ap_small is score.ap_large is None


def test_boxes_are_cut_at_the_edges_before_they_are_compared():
    beyond = [0.5, 0.5, 1.5, 1.5]
    score = detection_score([found([beyond], [0.9])], [truth([[0.5, 0.5, 1, 1]])], 1)
    assert score.ap == pytest.approx(1)


def test_nothing_is_printed(capsys):
    detection_score([found([A], [0.9])], [truth([A])], 1)
    assert capsys.readouterr().out == ""
