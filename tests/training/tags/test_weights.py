import numpy as np
import pytest

from mobilenet_tf.training.tags.weights import MOST_WEIGHT, tag_weights, tag_weights_note


def labels(*ones, photos=100):
    """Tags that are true of the first so many photos."""
    return np.stack([(np.arange(photos) < count).astype(np.int64) for count in ones], 1)


def test_the_rare_side_of_a_tag_counts_as_much_as_the_other_one():
    weights = tag_weights(labels(50, 12, 95), "auto")
    np.testing.assert_array_equal(weights[:, 0], [1, 1])
    np.testing.assert_allclose(weights[:, 1] * [88, 12], [50, 50], rtol=1e-6)
    assert weights[0, 2] == pytest.approx(MOST_WEIGHT * weights[1, 2], rel=1e-6)  # 95 to 5 would be 19 times
    np.testing.assert_allclose((weights[:, 2] * [5, 95]).sum(), 100, rtol=1e-6)


def test_photos_count_alike_on_demand_and_if_a_tag_is_true_of_all_or_not_known():
    assert (tag_weights(labels(5, 95), "none") == 1).all()
    assert (tag_weights(labels(0, 100), "auto") == 1).all()
    assert (tag_weights(np.full((10, 2), -1), "auto") == 1).all()


def test_what_is_not_known_is_left_out_of_the_mean():
    some = labels(10)
    some[90:] = -1
    weights = tag_weights(some, "auto")
    np.testing.assert_allclose((weights[:, 0] * [80, 10]).sum(), 90, rtol=1e-6)


def test_the_note_names_the_tags():
    weights = tag_weights(labels(50, 12), "auto")
    (note,) = tag_weights_note(weights, ("common", "rare"))
    assert "in the loss: rare. --class-weights none turns it off." in note
    assert tag_weights_note(np.ones((2, 2), np.float32), ("a", "b")) == ()
