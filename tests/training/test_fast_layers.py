import keras
import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.training.fast_layers import FusedBatchNorm, GroupedConvolution, SyncBatchNorm, fast_layer

SHAPE = (4, 5, 6, 3)
# Sums of 120 values of about 3, in float32, in another order: some hundred ulps of 2^-23 at most.
TOLERANCE = 1e-4


@pytest.fixture
def x():
    rng = np.random.default_rng(0)
    return tf.constant(rng.normal(2, 3, SHAPE).astype(np.float32))


def norm_of(x):
    norm = keras.layers.BatchNormalization(name="norm")
    norm.build(x.shape)
    rng = np.random.default_rng(1)
    norm.set_weights([rng.uniform(0.5, 2, 3).astype(np.float32) for _ in range(4)])
    return norm


def trained(layer, norm, x):
    """The output, the gradients of a sum of its cubes, and the moving statistics after one step."""
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = layer(x, training=True)
        loss = tf.reduce_sum(y**3)
    gradients = tape.gradient(loss, [x, norm.gamma, norm.beta])
    return [np.array(value) for value in (y, *gradients, norm.moving_mean, norm.moving_variance)]


def test_fused_batch_norm_learns_as_keras_does(x):
    plain, wrapped = norm_of(x), norm_of(x)
    for fused, keras_own in zip(trained(FusedBatchNorm(wrapped), wrapped, x), trained(plain, plain, x), strict=True):
        np.testing.assert_allclose(fused, keras_own, rtol=TOLERANCE, atol=TOLERANCE)


def test_out_of_training_it_is_keras_own_and_learns_nothing(x):
    norm = norm_of(x)
    before = norm.get_weights()
    np.testing.assert_array_equal(FusedBatchNorm(norm)(x, training=False), norm(x, training=False))
    for old, new in zip(before, norm.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_other_layers_stay_as_they_are():
    layer = keras.layers.ReLU()
    assert fast_layer(layer, replicas=1) is layer


def test_a_grouped_convolutions_output_and_gradient_are_keras_own():
    convolution = keras.layers.Conv2D(6, 3, strides=2, padding="same", groups=3, use_bias=False)
    fast = fast_layer(convolution, replicas=1)
    assert isinstance(fast, GroupedConvolution)
    x = tf.random.stateless_normal((2, 8, 8, 12), (0, 0))
    convolution(x)
    found = []
    for layer in (convolution, fast):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(layer(x)))
        found.append((np.asarray(layer(x)), np.asarray(tape.gradient(loss, convolution.kernel.value))))
    # The same products; 36 of a sum, and 32 of a gradient, are added in another order.
    for theirs, ours in zip(*found, strict=True):
        assert ours == pytest.approx(theirs, abs=36 * 2**-23 * float(np.abs(theirs).max()))


def test_a_plain_convolution_stays_as_it_is():
    plain = keras.layers.Conv2D(6, 3)
    assert fast_layer(plain, replicas=1) is plain


def test_batch_norm_is_synchronized_if_several_replicas_learn():
    norm = keras.layers.BatchNormalization()
    assert isinstance(fast_layer(norm, replicas=1), FusedBatchNorm)
    assert isinstance(fast_layer(norm, replicas=2), SyncBatchNorm)
