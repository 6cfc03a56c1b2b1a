import numpy as np
import pytest

from export.harm import score_divergence
from mobilenet_tf.quantization.divergence import is_gain

PHOTOS = [*range(50)]


def two_classes(first):
    return np.stack([first, 1 - first], 1).astype(np.float32)


def test_it_is_the_divergence_of_kullback_and_leibler():
    exact, scores = two_classes(np.full(50, 0.8)), two_classes(np.full(50, 0.5))
    expected = 0.8 * np.log(0.8 / 0.5) + 0.2 * np.log(0.2 / 0.5)
    assert score_divergence(scores, exact, PHOTOS, tags=False) == pytest.approx(np.full(50, expected), rel=1e-5)
    tags = np.full((50, 3), 0.8, np.float32), np.full((50, 3), 0.5, np.float32)
    assert score_divergence(tags[1], tags[0], PHOTOS, tags=True) == pytest.approx(np.full(50, 3 * expected), rel=1e-5)


def test_a_score_of_zero_is_finite_and_images_of_one_photo_count_once():
    exact, scores = two_classes(np.array([0.9, 0.9, 0.9])), two_classes(np.array([1.0, 1.0, 0.9]))
    of_photos = score_divergence(scores, exact, ["a", "b", "b"], tags=False, smallest=1 / 512)
    assert np.isfinite(of_photos).all()
    assert of_photos[1] == pytest.approx(of_photos[0] / 2)


def test_a_single_photo_with_another_class_is_no_harm_if_the_others_are_nearer():
    exact = two_classes(np.linspace(0.501, 0.9, 50))
    plain = two_classes(np.linspace(0.501, 0.9, 50) + 0.05)
    corrected = two_classes(np.linspace(0.501, 0.9, 50) - 0.002)  # the first photo is of the other class now
    assert (corrected.argmax(1) != exact.argmax(1)).sum() == 1
    before, after = (score_divergence(x, exact, PHOTOS, tags=False) for x in (plain, corrected))
    assert not is_gain(after, before)
    assert is_gain(before, after)
