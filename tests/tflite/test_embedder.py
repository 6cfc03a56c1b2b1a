"""Vectors of photos by a file that divides them by their length, by extractors of others, and by what gives none."""

from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mobilenet_tf import Classifier, Embedder
from mobilenet_tf.contract.preprocessing import normalize, preprocess
from mobilenet_tf.errors import ImagesError, InputError, ModelError
from mobilenet_tf.tasks.embeddings import unit
from mobilenet_tf.tflite.embedding_model import EmbeddingModel
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata
from tests.support.tflite_files import classifier_file, converted_function, extractor_file, photo

RANGE = {"mean": 127.5, "std": 127.5}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("extractors")
    (folder / "unit.tflite").write_bytes(extractor_file())
    (folder / "pooled.tflite").write_bytes(extractor_file(unit_length=False))
    (folder / "linear.tflite").write_bytes(classifier_file())
    (folder / "imagenet.tflite").write_bytes(classifier_file(classes=1000))
    (folder / "softmax.tflite").write_bytes(classifier_file("softmax"))
    return folder


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("unit", None),
        ("pooled", "does not give its vectors a length of 1: they are divided by their length."),
        (
            "linear",
            "does not show whether its 4 outputs are a vector or scores of classes. They are taken for a vector",
        ),
        ("imagenet", "gives 1000 numbers without an activation, as many as ImageNet has classes: they are probably"),
    ],
)
def test_a_vector_is_that_of_the_file_with_a_length_of_1(files, name, note):
    path = files / f"{name}.tflite"
    embedder = Embedder(path, **RANGE)
    pixels = photo(1, res=40)
    raw = Session(path.read_bytes()).run(normalize(preprocess(pixels, 32))[None]).reshape(-1)
    found = embedder.embed(pixels)
    assert found.dtype == np.float32
    assert found.shape == (embedder.dimensions,)
    np.testing.assert_allclose(found, unit(raw), atol=1e-6)
    said = [one for one in embedder.notes if "vector" in one]
    assert [note in one for one in said] == [True] * (note is not None)


def test_the_similarity_is_the_cosine_of_photos_or_of_their_vectors(files):
    embedder = Embedder(files / "unit.tflite", **RANGE)
    one, other = photo(1), photo(2)
    vectors = embedder.embed(one), embedder.embed(Image.fromarray(other))
    assert embedder.similarity(one, vectors[0]) == pytest.approx(1)
    expected = float(vectors[0] @ vectors[1])
    assert -1 <= expected < 0.9999
    assert embedder.similarity(one, other) == pytest.approx(expected, abs=1e-6)
    with pytest.raises(InputError, match=r"expected a vector of 6 numbers, as .* gives it; got 3"):
        embedder.similarity(one, np.ones(3))
    with pytest.raises(ImagesError, match="expected a photo"):
        embedder.embed(np.ones((3, 3)))


def test_a_classifier_and_a_map_are_refused(files, tmp_path):
    with pytest.raises(ModelError, match=r"it ends in a softmax: it is a classifier\.\nUse mobilenet-classify without"):
        Embedder(files / "softmax.tflite", **RANGE)
    (tmp_path / "map.tflite").write_bytes(converted_function(lambda x: x[:, ::2, ::2] * 2, (1, 8, 8, 3)))
    with pytest.raises(ModelError, match=r"to give one vector, \(1, dimensions\); it gives \(1, 4, 4, 3\)"):
        Embedder(tmp_path / "map.tflite", **RANGE)


def test_labels_make_no_classifier_of_a_file_that_says_that_it_is_an_embedding(tmp_path):
    model = pack_with_metadata(parse(extractor_file()), Metadata("x", "y", [], head="embedding", dimensions=6))
    (tmp_path / "said.tflite").write_bytes(model)
    (tmp_path / "names.txt").write_text("a\nb\nc\nd\ne\nf\n")
    with pytest.raises(ModelError, match=r"it gives an embedding.*\n.*--similar FOLDER, or Embedder"):
        Classifier(tmp_path / "said.tflite", labels=tmp_path / "names.txt")


def test_a_detector_gives_no_vector():
    with pytest.raises(
        ModelError, match=r"to give one vector, \(1, dimensions\); it is an object detector, with 2 out"
    ):
        EmbeddingModel(Path("net.tflite"), boxes_and_scores())


def boxes_and_scores():
    """A file that gives ten boxes and ten scores."""

    def outputs(image):
        values = tf.reduce_mean(image, (1, 2, 3))
        return tf.reshape(tf.tile(values, [40]), (1, 10, 4)), tf.reshape(tf.tile(values, [10]), (1, 10))

    return converted_function(outputs, (1, 8, 8, 3))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_a_vector_that_is_not_finite_is_compared_with_nothing(files, wrong):
    embedder = Embedder(files / "unit.tflite", **RANGE)
    with pytest.raises(InputError, match="expected a vector of finite numbers, as embed returns them"):
        embedder.similarity(photo(), np.array([1, 0, 0, 0, 0, wrong], np.float32))
    with pytest.raises(InputError, match="expected a vector of finite numbers"):
        embedder.similarity(photo(), np.array(list("abcdef")))


def test_a_classifier_is_not_made_of_a_model_of_embeddings(files):
    with pytest.raises(ModelError, match=r"it gives an embedding.*\n.*--similar FOLDER, or Embedder"):
        Classifier(files / "unit.tflite", **RANGE)
