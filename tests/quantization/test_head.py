"""Small networks with each kind of end, read from real files of the converter."""

import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.errors import ModelError
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.head import with_classes
from mobilenet_tf.quantization.keras_graph import convert_function
from mobilenet_tf.tflite.interpreter import Session

RNG = np.random.default_rng(0)
SHAPE = (6, 6, 3)
KERNEL, CLASSES, ONE = (
    tf.constant(RNG.normal(size=shape).astype(np.float32)) for shape in ((3, 3, 3, 8), (8, 5), (8, 1))
)


def features(x):
    return tf.reduce_mean(tf.nn.relu6(tf.nn.conv2d(x, KERNEL, 2, "SAME")), (1, 2))


def logits(x):
    return tf.matmul(features(x), CLASSES) * 2 + 0.3


def one_logit(x):
    return tf.matmul(features(x), ONE) + 0.3


def pixel(x):
    """The logits by a convolution of one pixel, (1, 1, 1, 5)."""
    return tf.nn.conv2d(tf.reshape(features(x), (1, 1, 1, 8)), tf.reshape(CLASSES, (1, 1, 8, 5)), 1, "SAME") + 0.3


def by_hand(z, largest=None):
    exponential = tf.exp(z - (tf.reduce_max(z, -1, keepdims=True) if largest is None else largest))
    return exponential / tf.reduce_sum(exponential, -1, keepdims=True)


# What the network gives, its head, what it says, and the number of classes.
ENDINGS = {
    "softmax": (lambda x: tf.nn.softmax(logits(x)), "softmax", "", 5),
    "logits": (logits, "softmax", "softmax", 5),
    "sigmoids": (lambda x: tf.sigmoid(logits(x)), "sigmoid", "tags", 5),
    "one sigmoid": (lambda x: tf.sigmoid(one_logit(x)), "softmax", "1 - p and p", 2),
    "one logit": (one_logit, "softmax", "two classes", 2),
    "a softmax of one pixel": (lambda x: tf.nn.softmax(pixel(x)), "softmax", "", 5),
    "a reshaped softmax of one pixel": (lambda x: tf.reshape(tf.nn.softmax(pixel(x)), (1, 5)), "softmax", "", 5),
    "channels first": (lambda x: tf.transpose(tf.nn.softmax(pixel(x)), (0, 3, 1, 2)), "softmax", "", 5),
    "logits of one pixel": (pixel, "softmax", "softmax", 5),
    "sigmoids of one pixel": (lambda x: tf.sigmoid(pixel(x)), "sigmoid", "tags", 5),
    "one sigmoid of one pixel": (lambda x: tf.sigmoid(pixel(x)[..., :1]), "softmax", "1 - p and p", 2),
    "one sigmoid of a mean": (lambda x: tf.sigmoid(tf.reduce_mean(pixel(x), -1)), "softmax", "1 - p and p", 2),
    "a mean of softmaxes": (
        lambda x: (tf.nn.softmax(logits(x)) + tf.nn.softmax(-logits(x))) * 0.5,
        "softmax",
        "mixture",
        5,
    ),
    "a weighted mean of softmaxes": (
        lambda x: 0.75 * tf.nn.softmax(logits(x)) + 0.25 * tf.nn.softmax(pixel(x))[:, 0, 0],
        "softmax",
        "mixture",
        5,
    ),
    "a mean of sigmoids": (lambda x: (tf.sigmoid(logits(x)) + tf.sigmoid(-logits(x) / 2)) / 2, "sigmoid", "tags", 5),
    "a mean of two single sigmoids": (
        lambda x: (tf.sigmoid(one_logit(x)) + tf.sigmoid(one_logit(x) / 3)) / 2,
        "softmax",
        "1 - p and p",
        2,
    ),
    "log softmax": (lambda x: tf.nn.log_softmax(logits(x)), "softmax", "logarithms", 5),
    "a softmax of exp and sum": (lambda x: by_hand(logits(x), 0), "softmax", "", 5),
    "a softmax written out": (lambda x: by_hand(logits(x)), "softmax", "", 5),
    "hard sigmoids": (lambda x: tf.nn.relu6(logits(x) + 3) * (1 / 6), "sigmoid", "tags", 5),
    "one hard sigmoid": (lambda x: tf.nn.relu6(one_logit(x) + 3) * (1 / 6), "softmax", "1 - p and p", 2),
    "one hard sigmoid of Keras": (
        lambda x: tf.clip_by_value(one_logit(x) / 6 + 0.5, 0, 1),
        "softmax",
        "1 - p and p",
        2,
    ),
}


def images(count=6):
    return np.random.default_rng(1).normal(size=(count, *SHAPE)).astype(np.float32)


def run(content):
    session = Session(content)
    return np.stack([session.run(image[None])[0] for image in images()])


@pytest.mark.parametrize("name", ENDINGS)
def test_every_end_becomes_one_row_of_scores(name):
    function, head, said, count = ENDINGS[name]
    content = convert_function(function, SHAPE)
    found = with_classes(read_graph(content))
    scores = np.asarray(found.graph(tf.constant(images())))
    assert (found.head, scores.shape, found.graph.nodes[-1].shape) == (head, (6, count), (1, count))
    np.testing.assert_allclose(scores, found.scores_of(run(content)), atol=1e-6)
    assert said in " ".join(found.notes)
    assert bool(said) == bool(found.notes)
    joined = "hard" in name or "mean of softmaxes" in name or "single sigmoids" in name
    assert (found.graph.logits is not None) == (head == "softmax" and not joined)
    if head == "softmax":
        np.testing.assert_allclose(scores.sum(1), 1, atol=1e-6)


def test_a_network_of_ours_stays_as_it_is(small_graph):
    assert with_classes(small_graph).graph is small_graph


REFUSED = {
    "a sum of softmaxes": (lambda x: tf.nn.softmax(logits(x)) + tf.nn.softmax(-logits(x)), "that are no probabilities"),
    "sigmoids with softmaxes": (lambda x: (tf.sigmoid(logits(x)) + tf.nn.softmax(logits(x))) / 2, "that are no prob"),
    "some of the probabilities": (lambda x: tf.nn.softmax(logits(x))[:, 1:4], "that are no probabilities"),
    "means": (features, "ends in MEAN"),
    "a ReLU": (lambda x: tf.nn.relu(logits(x)), "with an activation"),
    "a map": (lambda x: tf.nn.conv2d(x, KERNEL, 2, "SAME"), "a map of features"),
    "a softmax over one class": (lambda x: tf.nn.softmax(one_logit(x)), "do not depend on the image"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_gives_no_scores_is_refused(name):
    function, said = REFUSED[name]
    with pytest.raises(ModelError, match=said):
        with_classes(read_graph(convert_function(function, SHAPE)))


def test_means_are_taken_for_logits_if_there_are_as_many_labels():
    graph = read_graph(convert_function(features, SHAPE))
    assert with_classes(graph, classes=8).ending == "logits"
    with pytest.raises(ModelError, match="--labels with as many names"):
        with_classes(graph, classes=7)
