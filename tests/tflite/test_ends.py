import keras
import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.image_model import ImageModel
from tests.support.tflite_files import classifier_file, converted, converted_function, features, photo, scores

IMAGE = (1, 32, 32, 3)


def with_outputs(*shapes):
    """A network on one image whose outputs have these shapes."""
    image = keras.Input(IMAGE[1:])
    x = features(image)
    outputs = [keras.layers.Reshape(shape)(scores(x, int(np.prod(shape)), seed=n)) for n, shape in enumerate(shapes)]
    return converted(keras.Model(image, outputs))


def of_image(function):
    return converted_function(lambda image: function(tf.reduce_mean(image, (1, 2))), IMAGE)


@pytest.mark.parametrize(
    "shapes",
    [
        [(10, 4), (10,), (10,), (1,)],
        [(10,), (1,), (10, 4), (10,)],  # as SSD of TensorFlow 2: the boxes are not the first
        [(90, 4), (90, 3)],  # raw boxes and scores
    ],
)
def test_a_detector_is_named_wherever_its_boxes_are(shapes):
    with pytest.raises(ModelError, match=rf"is an object detector, with {len(shapes)} outputs: .*\(1, {shapes[0][0]}"):
        ImageModel.from_bytes(with_outputs(*shapes))


def test_a_model_with_two_outputs_names_them():
    pattern = r"it has 2 outputs: \S+ \(1, (4|7)\), \S+ \(1, (4|7)\)\.\nConvert it again with only the scores"
    with pytest.raises(ModelError, match=pattern):
        ImageModel.from_bytes(with_outputs((4,), (7,)))


def test_a_model_with_two_inputs_names_them():
    two = converted_function(lambda a, b: tf.reduce_mean(a, (1, 2)) + b, IMAGE, (1, 3))
    with pytest.raises(ModelError, match=r"it takes 2 inputs: \S+ \(1, 32, 32, 3\), \S+ \(1, 3\)"):
        ImageModel.from_bytes(two)


@pytest.mark.parametrize("shape", [(1, 1, 4), (1, 4), (4, 1, 1), (4,)])
def test_classes_may_lie_along_any_axis(shape):
    model, plain = ImageModel.from_bytes(with_outputs(shape)), ImageModel.from_bytes(with_outputs((4,)))
    assert model.classes == 4
    np.testing.assert_allclose(model.predict(photo()[None]), plain.predict(photo()[None]))


def test_classes_without_a_batch_axis_are_read():
    assert ImageModel.from_bytes(of_image(lambda x: tf.reshape(x, (3,)))).classes == 3


def test_an_output_whose_shape_an_inference_shows_is_read():
    def flattened(image):
        values = tf.reshape(image, (-1,))
        return tf.reshape(tf.boolean_mask(values, values > -1e9), (1, -1))

    content = converted_function(flattened, (1, 2, 2, 3))
    assert ImageModel.from_bytes(content).classes == 12


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: with_outputs((8, 8)), r"to give one score a class, \(1, classes\); it gives \(1, 8, 8\)"),
        (lambda: of_image(lambda x: tf.argmax(x, 1)), r"it gives int64\.\nIf it ends in an ArgMax"),
        (lambda: of_image(lambda x: tf.argsort(x, 1)), r"it gives int32\.\nIf it ends in an ArgMax"),
        (lambda: classifier_file(shape=(32, 32, 1)), r"to take one RGB image, .* it takes \(1, 32, 32, 1\)"),
        (lambda: classifier_file(shape=(32, 48, 3)), r"it takes \(1, 32, 48, 3\)"),
        (lambda: converted_function(lambda x: tf.reduce_mean(x, (2, 3)), (1, 3, 32, 48)), r"it takes \(1, 3, 32, 48\)"),
    ],
)
def test_what_is_no_classifier_of_photos_is_refused(make, message):
    with pytest.raises(ModelError, match=message):
        ImageModel.from_bytes(make())


def embedding(end):
    """A network without a classifier: `end` of a convolution with a ReLU."""
    image = keras.Input(IMAGE[1:])
    return converted(keras.Model(image, end(keras.layers.Conv2D(16, 3, activation="relu")(image))))


POOLED = keras.layers.GlobalAveragePooling2D()


@pytest.mark.parametrize(
    "end",
    [
        POOLED,
        keras.layers.GlobalMaxPooling2D(),
        lambda x: keras.layers.AveragePooling2D(30)(x),
        lambda x: keras.layers.Dense(16, activation="relu")(POOLED(x)),
    ],
)
def test_features_without_labels_are_no_classes(end, tmp_path):
    content = embedding(end)
    with pytest.raises(
        ModelError, match=r"it gives 16 features, .*and no classes\. If they are classes, .*--labels FILE"
    ):
        ImageModel.from_bytes(content)
    (tmp_path / "names.txt").write_text("".join(f"class {number}\n" for number in range(16)))
    assert ImageModel.from_bytes(content, labels=tmp_path / "names.txt").classes == 16


@pytest.mark.parametrize("end", [lambda x: POOLED(keras.layers.Conv2D(7, 1)(x)), lambda x: scores(POOLED(x), 7)])
def test_logits_without_labels_are_read_with_a_note(end):
    model = ImageModel.from_bytes(embedding(end))
    assert model.classes == 7
    assert any("if these are features, they are no classes at all" in note for note in model.notes)


def test_separate_scores_are_said_to_be_separate():
    said = " ".join(ImageModel.from_bytes(classifier_file("sigmoid")).notes)
    assert "its scores are separate, so that several classes may be true" in said
    assert "separate" not in " ".join(ImageModel.from_bytes(classifier_file("softmax")).notes)
