import numpy as np

from mobilenet_tf.tasks.tags import sigmoid
from mobilenet_tf.training.tags.probe import expectation, fit_tags, tag_probe

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(2, 3, (200, 6)).astype(np.float32)
TARGETS = np.stack([FEATURES[:, 0] > 2, FEATURES[:, 1] + FEATURES[:, 2] > 5, FEATURES[:, 3] > 6], 1).astype(np.float32)
ONES = np.ones_like(TARGETS)


def gradient(kernel, bias, weights, strength):
    """Of the mean cross entropy and the squares of the kernel, on features of variance 1."""
    deviation = FEATURES.std(0) + 1e-3
    inputs, scaled = (FEATURES - FEATURES.mean(0)) / deviation, kernel * deviation[:, None]
    wrong = weights / weights.sum(0) * (sigmoid(FEATURES @ kernel + bias) - TARGETS)
    return inputs.T @ wrong + strength * scaled, wrong.sum(0)


def test_the_fit_is_the_minimum_for_each_tag():
    weights = ONES + 2 * TARGETS
    kernel, bias = fit_tags(FEATURES, TARGETS, weights, 0.1)
    of_kernel, of_bias = gradient(kernel, bias, weights, 0.1)
    # At zero both are about 0.1; FISTA's error after 200 steps at a condition number of about 3 is below 1e-4.
    assert np.abs(of_kernel).max() < 1e-4
    assert np.abs(of_bias).max() < 1e-4


def test_what_is_not_known_changes_nothing():
    weights, others = ONES.copy(), TARGETS.copy()
    weights[:50, 1], others[:50, 1] = 0, 1 - TARGETS[:50, 1]
    for one, other in zip(
        fit_tags(FEATURES, TARGETS, weights, 0.1), fit_tags(FEATURES, others, weights, 0.1), strict=True
    ):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_probe_is_judged_by_photos_that_it_was_not_fitted_to():
    held_out = np.arange(200) % 4 == 0
    probe = tag_probe(FEATURES, TARGETS, ONES, held_out)
    assert probe.held_out == 50
    assert probe.mean_ap > 0.95  # the tags are halves of the space
    assert f"mean average precision of {probe.mean_ap:.1%} on 50 held-out" in expectation(probe)
    assert expectation(tag_probe(FEATURES, TARGETS, ONES, np.zeros(200, bool))) is None
