"""Small networks with each kind of end, brought to one vector of length 1, and what compares such vectors."""

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.errors import ModelError
from mobilenet_tf.quantization.correction import correct
from mobilenet_tf.quantization.divergence import Divergence, cosine_errors
from mobilenet_tf.quantization.finetuning import finetune
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import convert_function
from mobilenet_tf.quantization.sensitivity import measured
from mobilenet_tf.quantization.vector_head import ends_in_unit_length, with_vector
from mobilenet_tf.tasks.embeddings import unit
from mobilenet_tf.tflite.interpreter import Session

RNG = np.random.default_rng(0)
SHAPE = (6, 6, 3)
KERNEL, DENSE, ONE, FOUR = (
    tf.constant(RNG.normal(size=shape).astype(np.float32)) for shape in ((3, 3, 3, 8), (8, 5), (8, 1), (1, 1, 8, 4))
)
IMAGES = RNG.integers(0, 256, (40, 2, 2, 3), dtype=np.uint8).repeat(3, 1).repeat(3, 2)


def feature_map(x):
    return tf.nn.relu6(tf.nn.conv2d(x, KERNEL, 2, "SAME"))


def features(x):
    return tf.reduce_mean(feature_map(x), (1, 2))


def vector(x):
    return tf.matmul(features(x), DENSE) + 0.3


def by_hand(z):
    return z / tf.sqrt(tf.reduce_sum(z * z, -1, keepdims=True))


def by_keras(z):
    return z * tf.math.rsqrt(tf.maximum(tf.reduce_sum(tf.square(z), -1, keepdims=True), 1e-12))


def read(function):
    content = convert_function(function, SHAPE)
    return content, read_graph(content, allow_float_ops=True)


def outputs_of(content):
    session = Session(content)
    return lambda values: np.stack([session.run(value[None]).reshape(-1) for value in values])


VECTORS = {
    "vector": [features, vector, lambda x: tf.reshape(vector(x), (1, 1, 1, 5))],
    "unit length": [
        lambda x: tf.math.l2_normalize(vector(x), -1),
        lambda x: by_hand(vector(x)),
        lambda x: by_keras(features(x)),
        lambda x: tf.reshape(tf.math.l2_normalize(vector(x), -1), (1, 1, 1, 5)),
    ],
}


@pytest.mark.parametrize(("ending", "function"), [(name, one) for name, each in VECTORS.items() for one in each])
def test_a_vector_gets_a_length_of_1_by_one_op(ending, function):
    content, graph = read(function)
    found = with_vector(graph)
    assert (found.ending, found.head) == (ending, "embedding")
    assert ends_in_unit_length(graph) == (ending == "unit length")
    assert [node.op for node in found.graph.nodes].count("L2_NORMALIZATION") == 1
    assert found.graph.nodes[-1].op == "L2_NORMALIZATION"
    owner = outputs_of(content)(graph.normalize(IMAGES[:5]))
    given = found.graph.scores(IMAGES[:5])
    # Both divide in float32, whose rounding of numbers up to 1 is 6e-8, a few times over.
    np.testing.assert_allclose(given, unit(owner), atol=1e-6)
    np.testing.assert_allclose(given, found.scores_of(owner), atol=1e-6)


CLASSIFIERS = [
    lambda x: tf.nn.softmax(vector(x)),
    lambda x: tf.sigmoid(vector(x)),
    lambda x: tf.sigmoid(tf.matmul(features(x), ONE)),
    lambda x: tf.nn.softmax(tf.reshape(tf.nn.conv2d(tf.reshape(features(x), (1, 1, 1, 8)), FOUR, 1, "SAME"), (1, 4))),
]


@pytest.mark.parametrize("function", CLASSIFIERS)
def test_a_classifier_ends_before_the_layer_of_its_classes(function):
    found = with_vector(read(function)[1])
    assert found.ending == "features"
    assert "8 features" in found.notes[0]
    np.testing.assert_allclose(
        found.graph.scores(IMAGES), with_vector(read(features)[1]).graph.scores(IMAGES), atol=1e-6
    )


def test_as_many_outputs_as_labels_are_classes():
    graph = read(vector)[1]
    assert with_vector(graph, labels=5).ending == "features"
    assert with_vector(graph, labels=4).ending == "vector"


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (feature_map, "a map of features"),
        (
            lambda x: tf.nn.softmax(tf.reduce_mean(tf.nn.conv2d(feature_map(x), FOUR, 1, "SAME"), (1, 2))),
            "one row of f",
        ),
        (lambda x: tf.matmul(features(x), ONE), "its output is one number"),
        (lambda x: tf.nn.softmax(tf.reduce_mean(x, (1, 2))), "it has no such layer"),
    ],
)
def test_what_gives_no_vector_is_refused(function, reason):
    with pytest.raises(ModelError, match=reason):
        with_vector(read(function)[1])


@pytest.fixture(scope="module")
def graph():
    return with_vector(read(vector)[1]).graph


@pytest.fixture(scope="module")
def damaged(graph):
    """A quantized network with something to learn: the biases of its last layer are wrong."""
    quantized = correct(graph, IMAGES)
    last = quantized.layers[-1]
    moved = replace(last, bias=last.bias + np.array([0.6, -0.6, 0.5, -0.5, 0.6], np.float32))
    return replace(quantized, layers=(*quantized.layers[:-1], moved))


def test_vectors_are_compared_by_1_minus_their_cosine(graph, damaged):
    divergence = Divergence(graph, IMAGES[:6], range(6))
    quantized = correct(graph, IMAGES)
    assert (divergence(damaged) > divergence(quantized)).all()
    errors, cosine = divergence.compare(damaged)
    assert cosine == pytest.approx(1 - errors.mean(), abs=1e-6)
    one, other = RNG.normal(size=(2, 7, 5))
    expected = 1 - (one * other).sum(1) / np.linalg.norm(one, axis=1) / np.linalg.norm(other, axis=1)
    np.testing.assert_allclose(cosine_errors(one, 3 * other), expected, atol=1e-12)


def test_fine_tuning_learns_vectors(graph, damaged):
    tuned = finetune(damaged, graph, IMAGES, range(40), rounds=2)
    assert tuned.gained
    assert tuned.after < 0.9 * tuned.before


def test_a_vector_of_zeros_has_no_gradient_that_is_no_number():
    graph = with_vector(read(lambda x: tf.nn.relu6(vector(x) - 1e3))[1]).graph
    statistics = measured(graph, IMAGES[:4], dict.fromkeys(range(len(graph.nodes)), (0.0, 1.0)), draws=1)
    assert all(np.isfinite(node.sensitivity).all() for node in statistics)
