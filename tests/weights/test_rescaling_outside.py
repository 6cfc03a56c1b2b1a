"""Weights alone of a MobileNet V1 that was trained behind a layer which rescales: the file does not say how."""

import keras
import numpy as np
import pytest

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.weights.load import load_weights
from tests.support.keras2_files import save_weights_as_keras2

LAYERS = keras.layers
RES = 32


def classifier(first, *, nested):
    image = keras.Input((RES, RES, 3))
    rescaled = image if first is None else first(image)
    base = keras.applications.MobileNet(
        **({"input_shape": (RES, RES, 3)} if nested else {"input_tensor": rescaled}),
        alpha=0.25,
        include_top=False,
        weights=None,
    )
    x = LAYERS.GlobalAveragePooling2D()(base(rescaled) if nested else base.output)
    return keras.Model(image, LAYERS.Dense(3, activation="softmax")(x))


def adapted():
    layer = LAYERS.Normalization()
    layer.adapt(np.random.default_rng(0).uniform(0, 255, (4, 8, 8, 3)))
    return layer


def saved(model, path):
    model.save_weights(path) if path.name.endswith(".weights.h5") else save_weights_as_keras2(model, path)
    return str(path)


@pytest.mark.parametrize("name", ["a.weights.h5", "a.h5"])
@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize(
    ("first", "said"),
    [
        (lambda: LAYERS.Rescaling(1 / 255), r"alone of a mobilenet_v1, and has the layer rescaling\S* too: .*\n.*save"),
        (lambda: LAYERS.Normalization(mean=[127.0] * 3, variance=[9.0] * 3), r"has the layer normalization\S* too"),
        (adapted, r"holds the weights alone of another network[\s\S]*save the whole model"),
    ],
)  # fmt: skip
def test_they_are_refused_with_what_to_do(name, nested, first, said, tmp_path):
    path = saved(classifier(first(), nested=nested), tmp_path / name)
    with pytest.raises(WeightsError, match=said):
        load_weights(path)


@pytest.mark.parametrize("name", ["a.weights.h5", "a.h5"])
@pytest.mark.parametrize("nested", [True, False])
def test_without_such_a_layer_they_are_read(name, nested, tmp_path):
    model = classifier(None, nested=nested)
    weights = load_weights(saved(model, tmp_path / name))
    assert (weights.spec.arch, weights.spec.alpha, weights.spec.classes) == ("mobilenet_v1", 0.25, 3)
