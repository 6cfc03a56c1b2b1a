import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.schema_py_generated import BuiltinOperator

from mobilenet_tf.tflite.graph_reader import Op, custom_ops, output_kind
from tests.support.tflite_files import classifier_file, converted_function, custom_op_file, flex_file


@pytest.mark.parametrize("op", Op, ids=lambda op: op.name)
def test_the_numbers_are_those_of_the_schema(op):
    assert getattr(BuiltinOperator, op.name) == op


@pytest.mark.parametrize(
    ("activation", "kind"),
    [("softmax", "softmax"), ("sigmoid", "sigmoid"), (None, "logits"), ("relu", "logits"), ("log_softmax", "logits")],
)
def test_the_last_layer_says_what_the_output_is(activation, kind):
    assert output_kind(classifier_file(activation)) == kind


def ending_in(function, shape=(1, 16)):
    return converted_function(lambda x: function(tf.matmul(x, tf.eye(shape[1]) * 3)), shape)


@pytest.mark.parametrize(
    ("function", "kind"),
    [
        (lambda x: tf.reshape(tf.nn.softmax(x), (1, 1, 1, 16)), "softmax"),
        (lambda x: tf.nn.softmax(x)[:, 1:], "softmax"),
        (lambda x: (tf.nn.softmax(x) + tf.nn.softmax(x * x)) / 2, "softmax"),
        (lambda x: tf.exp(x) / tf.reduce_sum(tf.exp(x), 1, keepdims=True), "softmax"),
        (lambda x: tf.clip_by_value(tf.nn.softmax(x), 1e-6, 1 - 1e-6), "softmax"),
        (lambda x: tf.transpose(tf.reverse(tf.nn.softmax(x), [1])), "softmax"),
        (lambda x: tf.reduce_sum(tf.reshape(tf.nn.softmax(x), (1, 4, 4)), 2), "softmax"),
        (lambda x: tf.nn.relu6(x), "logits"),
        (lambda x: tf.concat([tf.sigmoid(x), tf.sigmoid(-x)], 1), "sigmoid"),
        (lambda x: tf.reshape(x, (1, 1, 1, 16)), "logits"),
        (lambda x: x / 3.0, "logits"),
        (lambda x: x * tf.nn.softmax(x), "logits"),
        (lambda x: tf.concat([tf.nn.softmax(x), x], 1), "logits"),
    ],
)
def test_ops_after_the_last_layer_are_looked_through(function, kind):
    assert output_kind(ending_in(function)) == kind


def test_quantized_files_are_read_too(small_files):
    assert {output_kind(content) for content in small_files.values()} == {"softmax"}


def test_damage_is_unknown_or_another_answer_but_no_error():
    rng, content = np.random.default_rng(0), classifier_file("softmax")
    assert output_kind(b"") == output_kind(b"\x1c\0\0\0TFL3 and nothing else") == "unknown"
    for _ in range(300):
        cut = bytearray(content[: rng.integers(0, len(content))])
        for _ in range(min(8, len(cut))):
            cut[rng.integers(len(cut))] ^= 1 << rng.integers(8)
        assert output_kind(bytes(cut)) in ("softmax", "sigmoid", "logits", "unknown")
        assert isinstance(custom_ops(bytes(cut)), list)


def test_ops_that_are_not_tflites_own_are_named(small_files):
    assert custom_ops(small_files["int8"]) == []
    assert custom_ops(flex_file()) == ["FlexTan"]
    assert custom_ops(custom_op_file()) == ["Erfinv"]
