import numpy as np
import pytest

from mobilenet_tf.tasks.embeddings import cosine_errors, unit
from mobilenet_tf.training.embeddings.start import expectation, principal_projection, regression

RNG = np.random.default_rng(0)
FEATURES = (RNG.normal(size=(200, 12)) + 3).astype(np.float32)


def test_a_linear_teacher_is_found():
    targets = unit(FEATURES @ RNG.normal(size=(12, 5)) + 1)
    held_out = np.arange(200) % 5 == 0
    found = regression(FEATURES, targets, held_out)
    assert found.held_out == 40
    assert found.cosine > 0.97  # a line through points on a sphere: not exact
    vectors = FEATURES @ found.kernel + found.bias
    assert 1 - cosine_errors(vectors, targets).mean() == pytest.approx(found.cosine, abs=0.02)
    assert "0.9" in expectation(found)
    assert "40 held-out" in expectation(found)


def test_features_that_say_nothing_and_no_photo_held_out():
    constant = np.ones((10, 4), np.float32)
    targets = unit(RNG.normal(size=(10, 3)))
    found = regression(constant, targets, np.zeros(10, bool))
    assert found.cosine is None
    assert expectation(found) is None
    np.testing.assert_allclose(constant @ found.kernel + found.bias, np.tile(targets.mean(0), (10, 1)), atol=1e-5)


def test_the_principal_directions_keep_distances_between_photos():
    random = RNG.normal(size=(12, 14)).astype(np.float32)
    found = principal_projection(FEATURES, 14, random)
    vectors = FEATURES @ found.kernel + found.bias
    expected = np.linalg.norm(FEATURES[0] - FEATURES[1])
    assert np.linalg.norm(vectors[0, :12] - vectors[1, :12]) == pytest.approx(expected, rel=1e-4)
    np.testing.assert_array_equal(found.kernel[:, 12:], random[:, 12:])
    np.testing.assert_allclose(vectors.mean(0), 0, atol=1e-3)
    fewer = principal_projection(FEATURES, 3, random[:, :3])
    assert fewer.kernel.shape == (12, 3)
    assert vectors[:, 0].std() >= vectors[:, 1].std() >= vectors[:, 2].std()
