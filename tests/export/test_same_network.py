"""A model in a person's file is what is exported, or it is refused: arrays of the same shapes are not enough."""

import keras
import numpy as np
import pytest

from export.calibration import load_images
from export.convert import convert
from export.original import run_keras
from export.recipes import RECIPES
from export.same_network import is_same, original_scores
from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.keras_loader import tf
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.weights.load import load_weights
from tests.support.networks import lively_model

RES = 64


@pytest.fixture(scope="module")
def ours():
    return lively_model(np.random.default_rng(3), res=RES, classes=4)


@pytest.fixture(scope="module")
def images():
    return load_images(None, res=RES, count=10).verification


def clone(model, cls=None, new=None):
    """A copy of `model` with its weights, its layers of class `cls` replaced by what `new` makes of each."""

    def copied(layer):
        return new(layer) if cls and isinstance(layer, cls) else layer.from_config(layer.get_config())

    copy = keras.models.clone_model(model, clone_function=copied)
    copy.set_weights(model.get_weights())
    return copy


def after(model, *layers):
    """A model that sends its image through `layers` and then through `model`."""
    x = image = keras.Input((RES, RES, 3))
    for layer in layers:
        x = layer(x)
    return keras.Model(image, model(x))


def without_softmax(model, *layers):
    x = model.layers[-1].input
    for layer in layers:
        x = layer(x)
    return keras.Model(model.inputs, x)


def scores_of(model, images, tmp_path, name="model.keras", **options):
    model.save(tmp_path / name)
    file = tmp_path / name
    return original_scores(file, load_weights(str(file), **options), images)


LAYERS = keras.layers
RELU = LAYERS.ReLU
OTHERS = {
    "relu": (RELU, lambda layer: RELU(name=layer.name), r"conv0_relu6 computes ReLU in the place of ReLU6"),
    "silu": (RELU, lambda _: LAYERS.Activation("silu"), r"computes silu in the place of ReLU6"),
    "leaky": (RELU, lambda _: LAYERS.LeakyReLU(0.1), r"computes LeakyReLU in the place of ReLU6"),
    "max": (
        LAYERS.GlobalAveragePooling2D,
        lambda _: LAYERS.GlobalMaxPooling2D(),
        r"GlobalMaxPooling2D in the place of GlobalAveragePooling2D",
    ),
    "epsilon": (
        LAYERS.BatchNormalization,
        lambda layer: LAYERS.BatchNormalization.from_config(layer.get_config() | {"epsilon": 0.1}),
        r"batch norm with epsilon 0\.1 in the place of batch norm with epsilon 0\.001",
    ),
    "strides": (
        LAYERS.DepthwiseConv2D,
        lambda layer: LAYERS.DepthwiseConv2D.from_config(layer.get_config() | {"dilation_rate": (1, 1), "strides": 1}),
        r"depthwise convolution of stride 1 in the place of a depthwise convolution of stride 2",
    ),
}


@pytest.mark.parametrize("case", OTHERS)
def test_another_network_with_the_same_shapes_is_refused_and_its_first_difference_named(case, ours, images, tmp_path):
    cls, new, message = OTHERS[case]
    with pytest.raises(WeightsError, match=message) as refusal:
        scores_of(clone(ours, cls, new), images, tmp_path)
    assert len(str(refusal.value).splitlines()) <= 3


def test_many_labels_a_photo_are_not_made_one(ours, images, tmp_path):
    with pytest.raises(WeightsError, match=r"computes sigmoid in the place of softmax"):
        scores_of(without_softmax(clone(ours), LAYERS.Activation("sigmoid")), images, tmp_path)


@pytest.mark.parametrize("scale", [1 / 255, 1.0, 1 / 127.5])
def test_a_rescaling_inside_that_is_not_ours_is_refused(scale, ours, images, tmp_path):
    with pytest.raises(WeightsError, match=r"computes Rescaling\(scale=.*\) in the place of a convolution"):
        scores_of(after(clone(ours), LAYERS.Rescaling(scale)), images, tmp_path)


def test_arithmetic_inside_is_no_secret(ours, images, tmp_path):
    image = keras.Input((RES, RES, 3))
    with pytest.raises(WeightsError, match="computes TrueDivide in the place of a convolution"):
        scores_of(keras.Model(image, clone(ours)(image / 255)), images, tmp_path)
    scores, _ = scores_of(keras.Model(image, clone(ours)(image / 127.5 - 1)), images, tmp_path)
    np.testing.assert_allclose(scores, run_keras(ours, normalize(images.images)), atol=1e-4)


def test_the_scores_are_those_of_the_model_in_the_file(ours, images, tmp_path):
    scores, notes = scores_of(clone(ours), images, tmp_path)
    np.testing.assert_array_equal(scores, run_keras(ours, normalize(images.images)))
    assert not notes


def test_the_same_network_in_other_layers_is_taken(ours, images, tmp_path):
    rescaled = after(clone(ours), LAYERS.RandomFlip(), LAYERS.Rescaling(1 / 127.5, offset=-1), LAYERS.Dropout(0.1))
    scores, notes = scores_of(rescaled, images, tmp_path)
    np.testing.assert_allclose(scores, run_keras(ours, normalize(images.images)), atol=1e-4)
    assert not notes


@pytest.mark.parametrize(("saved", "name"), [("model.keras", "noext"), ("model.keras", "a.txt"), ("model.h5", "b.txt")])
def test_a_model_is_run_whatever_its_file_is_called(saved, name, ours, images, tmp_path):
    ours.save(tmp_path / saved)
    file = (tmp_path / saved).rename(tmp_path / name)
    scores, _ = original_scores(file, load_weights(str(file), res=RES), images)
    np.testing.assert_array_equal(scores, run_keras(ours, normalize(images.images)))


def test_a_model_in_the_older_format_is_run_too(ours, images, tmp_path):
    scores, _ = scores_of(clone(ours), images, tmp_path, "model.h5", res=RES)
    np.testing.assert_allclose(scores, run_keras(ours, normalize(images.images)), atol=1e-4)
    with pytest.raises(WeightsError, match="ReLU in the place of ReLU6"):
        scores_of(clone(ours, RELU, lambda _: RELU()), images, tmp_path, "model.h5", res=RES)


def test_what_is_assumed_about_another_model_is_said(ours, images, tmp_path):
    _, notes = scores_of(after(clone(ours)), images, tmp_path)
    assert notes == ["model.keras does not say how its input is normalized; (byte - 127.5) / 127.5 is assumed."]


def test_logits_are_exported_as_their_softmax_which_is_said(ours, images, tmp_path):
    scores, notes = scores_of(without_softmax(clone(ours)), images, tmp_path)
    np.testing.assert_allclose(scores, run_keras(ours, normalize(images.images)), atol=1e-4)
    assert any("gives logits" in note for note in notes)


def test_one_output_is_no_classifier(images, tmp_path):
    model = lively_model(np.random.default_rng(3), res=RES, classes=1)
    with pytest.raises(WeightsError, match="has one output"):
        scores_of(without_softmax(model), images, tmp_path)


def test_a_model_of_two_outputs_is_refused(ours, images, tmp_path):
    model = clone(ours)
    with pytest.raises(
        WeightsError, match=r"one row of scores; .* gives \(128,\) and \(4,\)|gives \(256,\) and \(4,\)"
    ):
        scores_of(keras.Model(model.inputs, [model.get_layer("pool").output, model.output]), images, tmp_path)


def test_a_model_of_mixed_precision_is_compared_in_full_precision(ours, images, tmp_path):
    def mixed(layer):
        return layer.from_config(layer.get_config() | {"dtype": "mixed_float16"})

    scores, _ = scores_of(clone(ours, LAYERS.Layer, mixed), images, tmp_path)
    np.testing.assert_allclose(scores, run_keras(ours, normalize(images.images)), atol=1e-4)


def test_the_model_is_compared_at_its_own_resolution(ours, tmp_path):
    ours.save(tmp_path / "model.keras")
    weights = load_weights(str(tmp_path / "model.keras"), res=96)
    larger = load_images(None, res=96, count=10).verification
    assert original_scores(tmp_path / "model.keras", weights, larger)[0] is None
    clone(ours, RELU, lambda _: RELU()).save(tmp_path / "other.keras")
    with pytest.raises(WeightsError, match="ReLU in the place of ReLU6"):
        original_scores(tmp_path / "other.keras", weights, larger)


def test_weights_without_a_model_have_nothing_to_compare(ours, images, tmp_path):
    ours.save_weights(tmp_path / "model.weights.h5")
    weights = load_weights(str(tmp_path / "model.weights.h5"), alpha=0.25, res=RES, classes=4)
    assert original_scores(tmp_path / "model.weights.h5", weights, images) == (None, ())


@pytest.mark.parametrize("recipe", ["float32", "int8"])
def test_another_network_in_a_tflite_file_is_refused(recipe, ours, images, tmp_path):
    file = tmp_path / "model.tflite"
    for model in (ours, clone(ours, RELU, lambda _: RELU())):
        file.write_bytes(convert(graph_of(model), RECIPES[recipe], images.images[:20]))
        weights = load_weights(str(file))
        if model is ours:
            scores, _ = original_scores(file, weights, images)
            assert (scores is None) == (recipe == "int8")
    named = r": its convolution 1 computes ReLU in the place of ReLU6\." if recipe == "float32" else ""
    with pytest.raises(WeightsError, match=rf"is another network than mobilenet_v1_a0\.25_r64[^.]*{named}"):
        original_scores(file, weights, images)


def quantized_for(model, photos, mean, std, folder):
    """An int8 .tflite, as TensorFlow converts it, of a model that takes (byte - mean) / std."""
    model.export(folder / "saved", verbose=False)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder / "saved"))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([photo[None]] for photo in normalize(photos, mean, std))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    (folder / "model.tflite").write_bytes(converter.convert())
    return folder / "model.tflite"


@pytest.mark.parametrize(
    ("mean", "std", "said"), [(0, 255, "from 0 to 1"), (0, 1, "from 0 to 255"), (127.5, 127.5, None)]
)
def test_a_quantized_file_of_another_input_range_is_refused_by_its_range(mean, std, said, ours, images, tmp_path):
    file = quantized_for(clone(ours), images.images[:20], mean, std, tmp_path)
    weights = load_weights(str(file))
    if said is None:
        assert original_scores(file, weights, images)[0] is None
        return
    with pytest.raises(WeightsError, match=rf"from -1 to 1[\s\S]*quantized input of .* takes values {said}"):
        original_scores(file, weights, images)


def test_two_classes_agree_easily_so_their_probabilities_are_compared_too():
    expected = np.float32([[0.6, 0.4]] * 10)
    assert is_same(np.float32([[0.67, 0.33]] * 10), expected, exact=False)
    assert not is_same(np.float32([[0.9, 0.1]] * 10), expected, exact=False)


def test_it_is_said_if_a_float_file_answers_alike_for_another_range(ours, images, tmp_path):
    """Its first ReLU has no limit; only the negative values of dark pixels, in our range, bring out more than 6."""
    model = clone(ours, RELU, lambda layer: RELU(None if "conv0" in layer.name else 6.0, name=layer.name))
    kernel, *others = model.get_weights()
    model.set_weights([kernel - np.float32(0.5), *others])
    file = tmp_path / "model.tflite"
    file.write_bytes(convert(graph_of(model), RECIPES["float32"], images.images[:20]))
    with pytest.raises(WeightsError) as refusal:
        original_scores(file, load_weights(str(file)), images)
    assert "photos, fed values from -1 to 1, mobilenet_v1_a0.25_r64 with" in str(refusal.value)
    assert "Fed values from 0 to 1 both answer nearly alike" in str(refusal.value)
