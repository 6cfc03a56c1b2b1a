"""The features of a classifier of anybody's are those that its own model computes, and files are compared with them."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from export.normalization import ChosenInput
from export.owner import read_owner
from export.owner_source import read_classifier
from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.errors import ModelError
from mobilenet_tf.tasks.embeddings import cosine_error, unit
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION
from mobilenet_tf.weights.keras_model import run_keras
from tests.support.commands import run_export
from tests.support.networks import lively
from tests.support.tflite_files import classifier_file, converted, int8_file

LAYERS = keras.layers
IMAGES = np.random.default_rng(4).uniform(-1, 1, (5, 32, 32, 3)).astype(np.float32)
FEATURES = 6


def trunk(image):
    x = LAYERS.ReLU(6.0)(LAYERS.BatchNormalization()(LAYERS.Conv2D(8, 3, 2)(image)))
    return LAYERS.ReLU(6.0)(LAYERS.Conv2D(FEATURES, 1)(x))


def dense():
    image = keras.Input((32, 32, 3))
    features = LAYERS.GlobalAveragePooling2D()(trunk(image))
    return image, features, LAYERS.Dense(4, activation="softmax")(features)


def convolved():
    """As MobileNet V1 and V3 of Keras Applications: the layer of the classes is a convolution."""
    image = keras.Input((32, 32, 3))
    features = LAYERS.GlobalAveragePooling2D(keepdims=True)(trunk(image))
    scores = LAYERS.Softmax()(LAYERS.Flatten()(LAYERS.Conv2D(4, 1)(features)))
    return image, features, scores


def nested():
    """Its layer of the classes is in a model inside, as in Sequential([backbone, head])."""
    image = keras.Input((32, 32, 3))
    features = LAYERS.GlobalAveragePooling2D()(trunk(image))
    inner = keras.Input((FEATURES,))
    head = keras.Model(inner, LAYERS.Dense(4, activation="sigmoid")(LAYERS.Dropout(0.2)(inner)))
    return image, features, head(features)


@pytest.fixture(params=[dense, convolved, nested])
def network(request):
    """(a classifier, the model of its features)."""
    image, features, outputs = request.param()
    model = keras.Model(image, outputs)
    model.set_weights(lively(model, np.random.default_rng(0)))
    return model, keras.Model(image, features)


@pytest.mark.parametrize("kind", ["keras", "tflite", "saved_model"])
def test_features_are_what_the_owners_own_layers_compute(network, kind, tmp_path):
    model, features = network
    path = tmp_path / f"net.{kind}"
    if kind == "tflite":
        path.write_bytes(converted(model))
    elif kind == "keras":
        model.save(path)
    else:
        model.export(path, verbose=False)
    found = read_owner(path).features(IMAGES)
    expected = run_keras(features, IMAGES)
    assert np.ptp(expected, 0).max() > 1e-2  # they differ from photo to photo
    np.testing.assert_allclose(found, expected, atol=1e-5)  # sums in another order


def test_the_files_are_compared_with_the_model_of_the_owner_and_not_with_the_graph(tmp_path):
    """A graph whose weights were read wrongly changes what is exported, and not what it must agree with."""
    image, features, outputs = dense()
    model = keras.Model(image, outputs)
    model.set_weights(lively(model, np.random.default_rng(0)))
    model.save(tmp_path / "net.keras")
    owner = read_owner(tmp_path / "net.keras")
    other = keras.models.clone_model(model)
    other.set_weights([2 * one + 1 for one in model.get_weights()])
    wrong = replace(owner, content=converted(other))
    read = read_classifier(wrong, lambda _: ChosenInput(OUR_NORMALIZATION), task="embedding")
    pixels = np.random.default_rng(1).integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
    values = ChosenInput(OUR_NORMALIZATION).values(pixels)
    expected = unit(run_keras(keras.Model(image, features), values))
    np.testing.assert_allclose(read.source.scores(pixels), expected, atol=1e-5)
    assert np.abs(read.source.graphs.grouped.scores(pixels) - expected).max() > 1e-2


def test_a_quantized_classifier_is_compared_with_its_own_features_too(tmp_path):
    """They are integers of the file, which stand for numbers within a step of the float graph's."""
    (tmp_path / "net.tflite").write_bytes(int8_file("softmax"))
    owner = read_owner(tmp_path / "net.tflite")
    found = owner.features(IMAGES)
    (tmp_path / "float.tflite").write_bytes(classifier_file("softmax"))
    expected = read_owner(tmp_path / "float.tflite").features(IMAGES)
    assert found.shape == expected.shape == (5, FEATURES)
    assert cosine_error(found, expected)["max"] < 0.01


def test_a_model_without_a_layer_of_classes_has_no_features(tmp_path):
    image = keras.Input((32, 32, 3))
    keras.Model(image, LAYERS.Softmax()(LAYERS.GlobalAveragePooling2D()(image))).save(tmp_path / "net.keras")
    with pytest.raises(ModelError, match=r"expected a layer of weights that gives the classes; .*\nGive a model that"):
        read_owner(tmp_path / "net.keras").features(IMAGES)


@pytest.mark.slow  # a real export
def test_a_classifier_with_labels_is_exported_up_to_its_features(network, tmp_path):
    model, _ = network
    model.save(tmp_path / "net.keras")
    options = ("--input-range", "-1..1", "--task", "embedding", "--quant", "float32,int8", "--output-dir", tmp_path)
    done = run_export("--weights", tmp_path / "net.keras", *options)
    assert done.exit_code == 0, done.output
    manifest = Manifest.read(tmp_path / "net_embedding_r32" / "manifest.json")
    assert (manifest.head, manifest.classes) == ("embedding", FEATURES)
    errors = {file.recipe: file.cosine_error.max for file in manifest.files}
    assert errors["float32"] < 1e-6
