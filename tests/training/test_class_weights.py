import numpy as np
import pytest

from mobilenet_tf.training.class_weights import class_weights, class_weights_note


def labels_of(*counts):
    return np.repeat(np.arange(len(counts)), counts)


@pytest.mark.parametrize(("counts", "choice"), [((10, 2), "auto"), ((10, 10), "auto"), ((10, 1), "none")])
def test_photos_count_alike_if_no_class_is_small_or_it_is_asked_for(counts, choice):
    assert class_weights(labels_of(*counts), 2, choice) is None
    assert class_weights_note(None, ("cat", "dog")) == ()


def test_classes_count_alike_if_one_is_small():
    counts = np.array([11, 2, 6])
    weights = class_weights(labels_of(*counts), 3, "auto")
    np.testing.assert_allclose(weights * counts, [19 / 3] * 3, rtol=1e-6)  # float32
    (note,) = class_weights_note(weights, ("cat", "dog\n", "newt"))
    assert note == (
        "All classes count alike in the loss, however few photos they have: dog\\n has less than a fifth of the "
        "largest. --class-weights none turns it off."
    )


def test_a_class_without_photos_has_no_weight():
    weights = class_weights(labels_of(12, 0, 2), 3, "auto")
    np.testing.assert_allclose(weights, [14 / 24, 0, 14 / 4], rtol=1e-6)
    assert class_weights(labels_of(12, 0, 4), 3, "auto") is None
