import numpy as np
import pytest

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.tasks.boxes import decode
from mobilenet_tf.training.detection.losses import detection_losses
from mobilenet_tf.training.detection.matching import BACKGROUND, IGNORED, AnchorMatcher
from mobilenet_tf.training.detection.settings import DetectionSettings

# Centres and sides: a left one, a right one, and a small one in the middle.
ANCHORS = np.array([[0.5, 0.25, 0.5, 0.5], [0.5, 0.75, 0.5, 0.5], [0.5, 0.5, 0.1, 0.1]], np.float32)
LEFT, MIDDLE = [0.25, 0.0, 0.75, 0.5], [0.45, 0.4, 0.55, 0.6]


def targets(boxes, classes, ignored=None):
    matcher = AnchorMatcher(ANCHORS, 0.5)
    ignored = [False] * len(boxes) if ignored is None else ignored
    return matcher.targets(
        np.array(boxes, np.float32).reshape(-1, 4), np.array(classes, np.int64), np.array(ignored, bool)
    )


def test_an_anchor_that_overlaps_a_box_is_to_find_it():
    found = targets([LEFT], [1])
    assert found.labels.tolist() == [1, BACKGROUND, BACKGROUND]
    np.testing.assert_allclose(decode(found.encodings, ANCHORS)[0], LEFT, atol=1e-6)
    assert not found.encodings[1:].any()


def test_each_box_has_the_anchor_that_overlaps_it_most_though_it_overlaps_little():
    low = [0.3, 0.3, 0.7, 0.45]
    found = targets([low], [0])
    assert found.labels.tolist() == [0, BACKGROUND, BACKGROUND]
    np.testing.assert_allclose(decode(found.encodings, ANCHORS)[0], low, atol=1e-6)


def test_two_boxes_do_not_share_their_best_anchor():
    found = targets([LEFT, [0.3, 0.05, 0.7, 0.55]], [0, 1])
    assert found.labels[0] == 0
    assert 1 in found.labels[1:].tolist()


def test_an_ignored_box_is_no_background_and_no_object():
    found = targets([LEFT, MIDDLE], [0, 1], [True, False])
    assert found.labels.tolist() == [IGNORED, BACKGROUND, 1]


def test_a_view_without_boxes_is_background():
    assert set(targets([], []).labels.tolist()) == {BACKGROUND}


def losses(logits, labels, boxes=None, encodings=None, per_photo=1.0, **settings):
    shape = (1, len(labels), 4)
    boxes, encodings = (np.zeros(shape, np.float32) if one is None else one for one in (boxes, encodings))
    outputs = tf.constant(boxes), tf.constant([logits], tf.float32)
    total, of_boxes = detection_losses(
        outputs, tf.constant([labels]), tf.constant(encodings), DetectionSettings(**settings), per_photo
    )
    return float(total[0]), float(of_boxes[0])


def test_the_focal_loss_by_hand():
    """Lin et al. 2017, eq. 5, of a probability of 0.9 for an object and for background."""
    logit = np.log(0.9 / 0.1)
    right, _ = losses([[logit]], [0])
    assert right == pytest.approx(0.25 * 0.1**2 * -np.log(0.9), rel=1e-5)
    wrong, _ = losses([[logit]], [BACKGROUND])
    assert wrong == pytest.approx(0.75 * 0.9**2 * -np.log(0.1), rel=1e-5)
    assert losses([[logit]], [IGNORED])[0] == 0


def test_the_hardest_negatives_count_three_to_one():
    logits = [[0.0], [-4.0], [3.0], [1.0], [2.0]]
    found, _ = losses(logits, [0, *[BACKGROUND] * 4], class_loss="hard-negatives")
    softplus = np.log1p(np.exp([0.0, 3.0, 1.0, 2.0]))
    assert found == pytest.approx(softplus.sum(), rel=1e-5)
    ignored, _ = losses(logits, [0, BACKGROUND, IGNORED, BACKGROUND, BACKGROUND], class_loss="hard-negatives")
    assert ignored == pytest.approx(np.log1p(np.exp([0.0, -4.0, 1.0, 2.0])).sum(), rel=1e-5)


def test_the_places_of_boxes_count_for_anchors_with_an_object():
    boxes = np.array([[[0.5, 0, 0, 0], [9, 9, 9, 9]]], np.float32)
    encodings = np.array([[[0, 0, 0, 3], [0, 0, 0, 0]]], np.float32)
    total, of_boxes = losses([[0.0], [0.0]], [0, BACKGROUND], boxes, encodings, per_photo=2.0, focus=0.0, balance=0.5)
    assert of_boxes == pytest.approx((0.5 * 0.5**2 + (3 - 0.5)) / 2)
    assert total == pytest.approx(of_boxes + 2 * 0.5 * np.log(2) / 2, rel=1e-5)
