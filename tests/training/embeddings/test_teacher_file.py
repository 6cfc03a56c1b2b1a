"""What is read as a teacher of vectors, and what is refused."""

from pathlib import Path

import keras
import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.tasks.embeddings import cosine_error, unit
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.training.embeddings.teacher import VectorTeacher
from mobilenet_tf.training.embeddings.teacher_file import read_teacher
from tests.support.datasets import Pictures
from tests.support.networks import lively_model
from tests.support.tflite_files import classifier, converted

from .conftest import extractor

BYTES = np.random.default_rng(3).integers(0, 256, (5, 40, 40, 3)).astype(np.uint8)


@pytest.mark.parametrize("kind", ["keras", "tflite"])
def test_the_vectors_of_a_file_are_those_of_its_model(coloured, kind):
    """The file rescales bytes itself: [-1, 1] goes back to bytes first. Sums of 27 products in float32."""
    # TensorFlow's converter folds the arithmetic on the bytes into the convolution, and leaves no trace of it.
    teacher = read_teacher(str(coloured / f"extractor.{kind}"), "0..255" if kind == "tflite" else None)
    assert (teacher.res, teacher.dimensions) == (40, 6)
    assert teacher.notes == ()
    expected = extractor()(BYTES.astype(np.float32))
    np.testing.assert_allclose(teacher.function(normalize(BYTES)), expected, atol=1e-5)
    assert teacher.origin["file"] == f"extractor.{kind}"


def test_photos_are_seen_by_the_evaluation_rule(coloured):
    teacher = read_teacher(str(coloured / "extractor.keras"))
    colours = np.array([[250, 20, 20], [20, 20, 250]], np.uint8)  # of one colour: any rule gives the same
    photos = Pictures([np.tile(colour, (60, 80, 1)) for colour in colours])
    expected = extractor()(np.tile(colours[:, None, None], (1, 40, 40, 1)).astype(np.float32))
    np.testing.assert_allclose(teacher.vectors(photos), unit(expected), atol=1e-5)


def test_a_teacher_whose_numbers_are_not_finite_is_refused():
    teacher = VectorTeacher(32, 4, lambda images: images[:, 0, :4, 0] / 0.0, {"file": "broken.keras"})
    with pytest.raises(WeightsError, match=r"expected finite vectors of the --teacher broken\.keras"):
        teacher.vectors(Pictures([np.zeros((40, 40, 3), np.uint8)]))


def test_what_is_guessed_is_said(tmp_path):
    """A network without a trace of its normalization: from -1 to 1 is guessed."""
    image = keras.Input((40, 40, 3))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, activation="relu")(image))
    keras.Model(image, x).save(tmp_path / "silent.keras")
    (note,) = read_teacher(str(tmp_path / "silent.keras")).notes
    assert "silent.keras does not say how its input is normalized: values from -1 to 1 are guessed" in note
    assert "give --teacher-range" in note


def test_a_teacher_of_images_of_any_size_is_given_224(tmp_path):
    image = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(4, 3, 8)(keras.layers.Rescaling(1 / 255)(image))
    keras.Model(image, keras.layers.GlobalAveragePooling2D()(x)).save(tmp_path / "open.keras")
    teacher = read_teacher(str(tmp_path / "open.keras"))
    assert (teacher.res, teacher.dimensions) == (224, 4)
    assert teacher.notes == (f"{tmp_path / 'open.keras'} takes images of any size: it is given those of 224x224.",)


def test_the_features_of_our_classifier_are_taught_and_the_vectors_of_our_embedding(tmp_path):
    model = lively_model(np.random.default_rng(0), res=64)
    model.save(tmp_path / "classifier.keras")
    teacher = read_teacher(str(tmp_path / "classifier.keras"))
    assert teacher.dimensions == 256
    assert "is a classifier: its 256 features are taught" in teacher.notes[0]
    embedding = build_model(ModelSpec("mobilenet_v1", 0.25, 64, 16), "embedding")
    embedding.save(tmp_path / "embedding.keras")
    teacher = read_teacher(str(tmp_path / "embedding.keras"))
    assert (teacher.dimensions, teacher.notes) == (16, ())
    images = normalize(np.random.default_rng(1).integers(0, 256, (2, 64, 64, 3)).astype(np.uint8))
    np.testing.assert_allclose(teacher.function(images), embedding(images), atol=1e-6)


def test_a_network_of_our_shape_that_gives_a_vector_is_no_classifier(tmp_path):
    """Its arrays are those of a classifier of 24 classes, but it has no softmax."""
    model = build_model(ModelSpec("mobilenet_v1", 0.25, 64, 24))
    keras.Model(model.inputs, model.layers[-2].output).save(tmp_path / "dense.keras")
    assert read_teacher(str(tmp_path / "dense.keras")).dimensions == 24


@pytest.mark.parametrize("kind", ["keras", "tflite"])
def test_scores_of_classes_are_refused(tmp_path, kind):
    model = classifier("softmax")
    file = tmp_path / f"scores.{kind}"
    if kind == "keras":
        model.save(file)
    else:
        file.write_bytes(converted(model))
    with pytest.raises(WeightsError, match=r"gives a vector for a photo; .*scores.* gives scores of classes\.\nGive a"):
        read_teacher(str(file))


def test_two_outputs_one_number_a_map_and_no_file_are_refused(tmp_path):
    image = keras.Input((40, 40, 3))
    x = keras.layers.Conv2D(4, 3)(image)
    flat = keras.layers.GlobalAveragePooling2D()(x)
    keras.Model(image, [flat, x]).save(tmp_path / "two.keras")
    keras.Model(image, x).save(tmp_path / "map.keras")
    keras.Model(image, keras.layers.Dense(1)(flat)).save(tmp_path / "number.keras")
    (tmp_path / "text.keras").write_text("no model")
    for name, reason in (
        ("two.keras", "expected a model that takes one image and gives one output"),
        ("map.keras", "expected a classifier, which gives one row of scores"),
        ("number.keras", "gives one number"),
        ("text.keras", "text.keras"),
        ("none.keras", "expected --teacher to be a file; .*none.keras does not exist"),
    ):
        with pytest.raises(WeightsError, match=reason):
            read_teacher(str(tmp_path / name))


def test_a_quantized_extractor_is_read_as_the_floats_that_it_stands_for(shared):
    """Coral's, of uint8: its own interpreter rounds every activation to 8 bits, which turns vectors by 2 degrees."""
    file = shared / "models" / "coral" / "mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
    teacher = read_teacher(str(file))
    assert (teacher.res, teacher.dimensions) == (224, 1024)
    assert "its integers are read as the real numbers that they stand for" in teacher.notes[0]
    images = np.random.default_rng(0).integers(0, 256, (2, 28, 28, 3)).repeat(8, 1).repeat(8, 2).astype(np.uint8)
    session = Session(Path(file).read_bytes())
    own = np.stack([session.run(image[None]).reshape(-1) for image in images]).astype(np.float32)
    own = (own - session.output.zero_point) * session.output.scale
    assert cosine_error(np.asarray(teacher.function(normalize(images))), own)["max"] < 0.005
