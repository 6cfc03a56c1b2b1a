import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.training.embeddings.losses import arcface_losses, distillation_losses


def test_the_distance_from_the_teacher_is_twice_1_minus_cosine():
    x = np.float32([[2, 0], [0, 5]])
    targets = np.float32([[0.6, 0.8], [0, 1]])
    assert np.asarray(distillation_losses(x, targets)) == pytest.approx([2 * (1 - 0.6), 0], abs=1e-6)


def test_arcface_adds_its_margin_to_the_angle_of_the_own_class():
    """Against the formula of the paper in NumPy: logits s cos(angle + m) of the own class, s cos(angle) of others."""
    rng = np.random.default_rng(0)
    x, centres = rng.normal(size=(6, 5)).astype(np.float32), rng.normal(size=(3, 5)).astype(np.float32)
    labels = np.array([0, 1, 2, 0, 1, 2])
    cosine = (x / np.linalg.norm(x, axis=1, keepdims=True)) @ (
        centres / np.linalg.norm(centres, axis=1, keepdims=True)
    ).T
    angles = np.arccos(cosine)
    own = np.eye(3, dtype=bool)[labels]
    assert (angles[own] + 0.5 < np.pi).all()
    logits = 8 * np.where(own, np.cos(angles + 0.5), cosine)
    expected = np.log(np.exp(logits).sum(1)) - logits[own]
    # float32 keeps six digits of cosines, which are multiplied by 8.
    assert np.asarray(arcface_losses(x, centres, labels, margin=0.5, scale=8.0)) == pytest.approx(expected, abs=1e-4)


def test_the_loss_of_arcface_falls_with_the_angle_up_to_180_degrees_and_has_a_slope_at_0():
    angles = np.linspace(0, np.pi, 50)
    x = tf.constant(np.stack([np.cos(angles), np.sin(angles), 0 * angles], 1).astype(np.float32))
    centres = tf.constant([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])  # the second is at 90 degrees of all
    with tf.GradientTape() as tape:
        tape.watch(x)
        losses = arcface_losses(x, centres, np.zeros(50, np.int64), scale=4.0)
    assert (np.diff(losses) > 0).all()
    assert np.isfinite(tape.gradient(losses, x)).all()
