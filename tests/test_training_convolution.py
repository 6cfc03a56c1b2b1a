import keras
import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.learner import face_of
from mobilenet_tf.training_convolution import GroupedConvolution


def test_output_and_gradient_are_keras_own():
    convolution = keras.layers.Conv2D(6, 3, strides=2, padding="same", groups=3, use_bias=False)
    face = face_of(1)(convolution)
    assert isinstance(face, GroupedConvolution)
    x = tf.random.stateless_normal((2, 8, 8, 12), (0, 0))
    convolution(x)
    found = []
    for layer in (convolution, face):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.sin(layer(x)))
        found.append((np.asarray(layer(x)), np.asarray(tape.gradient(loss, convolution.kernel.value))))
    # The same products; 36 of a sum, and 32 of a gradient, are added in another order.
    for theirs, ours in zip(*found, strict=True):
        assert ours == pytest.approx(theirs, abs=36 * 2**-23 * np.abs(theirs).max())


def test_a_plain_convolution_has_no_face():
    plain = keras.layers.Conv2D(6, 3)
    assert face_of(1)(plain) is plain
