import numpy as np
import pytest

from mobilenet_tf.tasks.tags import best_tags, tag_agreement, tags_above

SCORES = np.float32([[0.9, 0.2, 0.6], [0.1, 0.5, 0.4]])


def test_a_tag_is_true_above_a_half():
    assert tags_above(SCORES).tolist() == [[True, False, True], [False, False, False]]


def test_the_agreement_of_tags_is_the_share_of_equal_decisions():
    other = np.float32([[0.51, 0.3, 0.4], [0.1, 0.9, 0.4]])
    assert tag_agreement(SCORES, SCORES) == 1
    assert tag_agreement(SCORES, other) == pytest.approx(4 / 6)


def test_all_true_tags_are_shown_and_the_best_if_fewer_are_true():
    labels = ["a", "b", "c"]
    assert [label for label, _ in best_tags(SCORES[0], labels, 1)] == ["a", "c"]
    assert best_tags(SCORES[1], labels, 2) == [("b", pytest.approx(0.5)), ("c", pytest.approx(0.4))]
