import numpy as np
import pytest

from mobilenet_tf.tasks.classification import softmax
from mobilenet_tf.training.linear_probe import STRENGTHS, LinearProbe, expectation, fit_classifier, linear_probe

CLASSES, CHANNELS = 3, 6


def clouds(count, seed=0, noise=1.0):
    """Features (count, CHANNELS) around a point of each class's own, of very different sizes; and their labels."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    centres = 2 * np.eye(CLASSES, CHANNELS)[labels]
    sizes = 10.0 ** np.arange(-2, CHANNELS - 2)
    return ((centres + rng.normal(0, noise, (count, CHANNELS))) * sizes + 5).astype(np.float32), labels


def every_fifth(count):
    return np.arange(count) % 5 == 0


@pytest.mark.parametrize("strength", [1.0, 0.1])
def test_the_classifier_is_the_minimum_of_its_objective(strength):
    """There the gradient is zero, by its formula: in float32, to some digits of the largest sum."""
    features, labels = clouds(300)
    kernel, bias = fit_classifier(features, labels, CLASSES, strength)
    assert (kernel.shape, bias.shape, kernel.dtype, bias.dtype) == ((6, 3), (3,), np.float32, np.float32)
    deviation = features.std(0)
    errors = softmax((features @ kernel + bias).astype(np.float64)) - np.eye(CLASSES)[labels]
    scaled = (features - features.mean(0)) / deviation
    gradient = scaled.T @ errors / len(labels) + strength * kernel * deviation[:, None]
    # LEAST_DEVIATION is a tenth of the smallest deviation here, so that one row differs by that share.
    np.testing.assert_allclose(gradient[1:], 0, atol=5e-3)
    np.testing.assert_allclose(errors.mean(0), 0, atol=1e-4)


def test_a_photo_of_weight_two_counts_as_two_photos():
    features, labels = clouds(90)
    twice = np.repeat(np.arange(90), 1 + (labels == 1))
    mean, deviation = features.mean(0), features.std(0)
    # Both scaled by the same means, so that the objectives are the same: the features are scaled before.
    inputs = ((features - mean) / deviation).astype(np.float32)
    weights = (1 + (labels == 1)).astype(np.float32)
    doubled = inputs[twice]
    kernel, bias = fit_classifier(inputs, labels, CLASSES, 1e-3, weights)
    expected, expected_bias = fit_classifier(doubled, labels[twice], CLASSES, 1e-3)
    logits, others = inputs @ kernel + bias, inputs @ expected + expected_bias
    # The two differ by the scale of the features alone, of which the regularization is a thousandth.
    np.testing.assert_allclose(softmax(logits), softmax(others), atol=5e-3)
    assert np.abs(softmax(inputs @ fit_classifier(inputs, labels, CLASSES, 1e-3)[0]) - softmax(others)).max() > 0.05


def test_features_that_tell_the_classes_apart_are_classified_correctly():
    features, labels = clouds(60, noise=0.1)
    probe = linear_probe(features, labels, every_fifth(60), CLASSES)
    assert (probe.right, probe.held_out) == (12, 12)
    assert ((features @ probe.kernel + probe.bias).argmax(1) == labels).all()


def test_features_that_say_nothing_are_regularized_most():
    rng = np.random.default_rng(0)
    features, labels = rng.normal(0, 1, (60, 40)).astype(np.float32), rng.integers(0, CLASSES, 60)
    assert linear_probe(features, labels, every_fifth(60), CLASSES).strength == max(STRENGTHS)


def test_a_feature_that_never_changes_does_no_harm():
    features, labels = clouds(60, noise=0.1)
    features[:, 4] = 7
    probe = linear_probe(features, labels, every_fifth(60), CLASSES)
    assert np.isfinite(probe.kernel).all()
    assert probe.right == 12


def test_a_class_without_photos_is_never_chosen():
    features, labels = clouds(60)
    probe = linear_probe(features, labels, every_fifth(60), CLASSES + 1)
    assert probe.kernel.shape == (CHANNELS, CLASSES + 1)
    assert CLASSES not in (features @ probe.kernel + probe.bias).argmax(1)


def test_without_held_out_photos_nothing_is_said():
    features, labels = clouds(9)
    probe = linear_probe(features, labels, np.zeros(9, bool), CLASSES)
    assert probe.strength == sorted(STRENGTHS)[len(STRENGTHS) // 2]
    assert expectation(probe) is None


def test_the_expectation_has_the_share_and_its_interval():
    probe = LinearProbe(np.zeros((1, 2), np.float32), np.zeros(2, np.float32), 1.0, right=30, held_out=40)
    assert "75.0% of 40 held-out training photos right (95% interval 59.8% to 85.8%)" in expectation(probe)
