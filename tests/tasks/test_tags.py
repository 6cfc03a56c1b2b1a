import numpy as np
import pytest

from mobilenet_tf.tasks.tags import (
    UNKNOWN,
    agreement_by_tag,
    average_precision,
    best_tags,
    best_threshold,
    losses,
    mean_average_precision,
    sigmoid,
    tag_agreement,
    tag_scores,
    tags_above,
)

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


def test_thresholds_of_their_own_say_which_tags_are_true():
    labels, thresholds = ["a", "b", "c"], (0.95, 0.1, 0.5)
    assert tags_above(SCORES, thresholds).tolist() == [[False, True, True], [False, True, False]]
    assert best_tags(SCORES[0], labels, 3, thresholds) == [("c", pytest.approx(0.6)), ("b", pytest.approx(0.2))]
    assert best_tags(SCORES[1], labels, 3, (0.95, 0.95, 0.95)) == []
    other = np.float32([[0.9, 0.05, 0.6], [0.1, 0.5, 0.4]])
    assert agreement_by_tag(SCORES, other, thresholds) == [1, 0.5, 1]
    assert tag_agreement(SCORES, other, thresholds) == pytest.approx(5 / 6)
    assert tag_agreement(SCORES, other) == 1


def test_average_precision_is_the_mean_precision_at_the_photos_with_the_tag():
    scores, truth = np.float32([0.9, 0.8, 0.7, 0.6, 0.5]), np.array([1, 0, 1, 0, 1])
    assert average_precision(scores, truth) == pytest.approx((1 / 1 + 2 / 3 + 3 / 5) / 3)
    assert average_precision(-scores, truth) == pytest.approx((1 / 1 + 2 / 3 + 3 / 5) / 3)
    assert average_precision(scores, 1 - truth) == pytest.approx((1 / 2 + 2 / 4) / 2)
    assert average_precision(scores, np.zeros(5, np.int64)) is None


def test_photos_of_one_score_come_in_together_whatever_their_order():
    scores = np.float32([0.5, 0.5, 0.5, 0.1])
    for truth in ([1, 0, 0, 1], [0, 0, 1, 1]):
        assert average_precision(scores, np.array(truth)) == pytest.approx((1 / 3 + 2 / 4) / 2)


def test_what_is_not_known_does_not_count():
    scores, truth = np.float32([0.9, 0.8, 0.7]), np.array([UNKNOWN, 0, 1])
    assert average_precision(scores, truth) == pytest.approx(1 / 2)
    both = np.stack([scores, scores], 1), np.array([[1, UNKNOWN], [0, UNKNOWN], [0, UNKNOWN]])
    assert mean_average_precision(*both) == 1
    assert [score.photos for score in tag_scores(*both)] == [1, 0]
    assert [score.ap for score in tag_scores(*both)] == [1, None]


@pytest.mark.parametrize(
    ("truth", "threshold"),
    [([1, 1, 0, 0], 0.6), ([1, 0, 0, 0], 0.8), ([0, 1, 1, 0], 0.3), ([0, 0, 0, 0], 0.5), ([1, 1, 1, 1], 0.05)],
)
def test_the_threshold_has_the_highest_f1_halfway_to_the_next_score(truth, threshold):
    scores = np.float32([0.9, 0.7, 0.5, 0.1])
    assert best_threshold(scores, np.array(truth)) == pytest.approx(threshold)


def test_precision_and_recall_at_the_threshold():
    scores, truth = np.float32([[0.9], [0.7], [0.5], [0.1]]), np.array([[1], [0], [1], [1]])
    (score,) = tag_scores(scores, truth, [0.4])
    assert (score.precision, score.recall, score.threshold) == (pytest.approx(2 / 3), pytest.approx(2 / 3), 0.4)


def test_a_sigmoid_of_any_logit_is_finite():
    np.testing.assert_allclose(sigmoid(np.array([-1e4, 0, np.log(3), 1e4])), [0, 0.5, 0.75, 1], atol=1e-12)


def test_the_loss_counts_what_is_known_and_asks_the_teacher_for_the_rest():
    logits, labels = np.float32([[2, -1], [0, 3]]), np.array([[1, UNKNOWN], [0, 1]])
    weights = np.float32([[1, 1], [3, 1]])
    entropy = np.logaddexp(0, logits) - logits * (labels == 1)
    options = {"temperature": 2.0, "teacher_weight": 0.25}
    plain = np.asarray(losses(logits, labels, weights, None, **options))
    np.testing.assert_allclose(plain, [3 * entropy[0, 0] / 2, entropy[1].sum() / 2], rtol=1e-6)
    soft = np.float32([[0.2, 0.9], [0.4, 0.7]])
    of_teacher = 4 * (np.logaddexp(0, logits / 2) - logits / 2 * soft)
    expected = 0.75 * np.array([[3, 0], [1, 1]]) * entropy + np.array([[0.25, 1], [0.25, 0.25]]) * of_teacher
    found = np.asarray(losses(logits, labels, weights, soft, **options))
    np.testing.assert_allclose(found, expected.mean(1), rtol=1e-6)
