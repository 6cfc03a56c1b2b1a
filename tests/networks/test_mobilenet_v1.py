import keras
import numpy as np
import pytest

from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from tests.support.networks import lively


# Every width and every resolution once: the width changes the layers' sizes, the resolution their padding.
@pytest.mark.parametrize(("alpha", "res"), [(0.25, 128), (0.5, 160), (0.75, 192), (1.0, 224)])
def test_same_output_and_parameters_as_keras_applications(alpha, res):
    keras.utils.clear_session()
    theirs = keras.applications.MobileNet(input_shape=(res, res, 3), alpha=alpha, weights=None)
    ours = build_model(ModelSpec(alpha=alpha, res=res))
    rng = np.random.default_rng(0)
    weights = lively(theirs, rng)
    theirs.set_weights(weights)
    weights[-2] = weights[-2].reshape(weights[-2].shape[-2:])
    ours.set_weights(weights)
    image = rng.uniform(-1, 1, (1, res, res, 3)).astype(np.float32)
    expected = np.asarray(theirs(image, training=False))
    assert expected.max() > 0.02  # the comparison means something only if the softmax is not flat
    assert np.abs(np.asarray(ours(image, training=False)) - expected).max() < 1e-5
    assert ours.count_params() == theirs.count_params()


def test_the_last_layer_has_as_many_classes_as_asked_for():
    model = build_model(ModelSpec(alpha=0.25, res=32, classes=3))
    output = np.asarray(model(np.zeros((2, 32, 32, 3), np.float32)))
    assert output.shape == (2, 3)
    # Three float32 terms of a softmax: 3 ulps of 1.
    assert output.sum(1) == pytest.approx(1, abs=3 * 2**-23)
