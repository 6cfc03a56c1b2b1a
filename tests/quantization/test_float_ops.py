"""Ops that stay float in integer files: between a DEQUANTIZE and a QUANTIZE, computed by the interpreter if unknown."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.errors import ModelError
from mobilenet_tf.quantization.correction import correct, quantize_uncorrected
from mobilenet_tf.quantization.file_writer import write_float, write_integer
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import convert_function
from mobilenet_tf.tflite.flatbuffer import op_names, pack, parse
from mobilenet_tf.tflite.interpreter import Session
from tests.support.tflite_files import converted_function

SHAPE = (8, 8, 3)
KERNEL = tf.constant(np.random.default_rng(0).normal(size=(3, 3, 3, 6)).astype(np.float32) / 4)
IMAGES = np.random.default_rng(1).integers(0, 256, (12, *SHAPE), dtype=np.uint8)

# The op -> a network with it. CUMSUM and SIN are not known; DIV, SQRT and LOG have no int8 kernel.
NETWORKS = {
    "CUMSUM": lambda x: tf.cumsum(tf.nn.conv2d(x, KERNEL, 1, "SAME"), 1),
    "SIN": lambda x: tf.reduce_mean(tf.sin(tf.nn.conv2d(x, KERNEL, 1, "SAME")), (1, 2)),
    "DIV": lambda x: tf.nn.conv2d(x, KERNEL, 1, "SAME") / (tf.reduce_mean(x * x, (1, 2, 3), keepdims=True) + 1),
    "SQRT": lambda x: tf.nn.conv2d(tf.sqrt(tf.nn.relu(x) + 1), KERNEL, 1, "SAME"),
    "LOG": lambda x: tf.nn.conv2d(tf.math.log(tf.nn.relu(x) + 1.5), KERNEL, 1, "SAME"),
}


@pytest.fixture(scope="module", params=NETWORKS)
def network(request):
    content = convert_function(NETWORKS[request.param], SHAPE)
    assert request.param in op_names(parse(content))
    return request.param, content


def test_the_op_and_the_option_are_named(network):
    op, content = network
    with pytest.raises(ModelError, match=f"(?s)mine has ops without an integer kernel: .*{op}.*--allow-float-ops"):
        read_graph(content, "mine")


def test_the_graph_computes_what_the_interpreter_computes(network):
    _, content = network
    graph, session = read_graph(content, allow_float_ops=True), Session(content)
    x = graph.normalize(IMAGES)
    expected = np.concatenate([session.run(image[None]) for image in x])
    # Sums of at most 27 * 8 products of numbers below 4, in another order.
    np.testing.assert_allclose(np.asarray(graph(x)), expected, atol=27 * 8 * 4 * 2**-23)
    written = Session(pack(write_float(graph, "float32", "x")))
    np.testing.assert_allclose(
        np.concatenate([written.run(image[None]) for image in x]), expected, atol=27 * 8 * 4 * 2**-23
    )


@pytest.mark.parametrize("quantize", [quantize_uncorrected, correct])
def test_the_integer_file_is_the_simulation(network, quantize):
    op, content = network
    graph = read_graph(content, allow_float_ops=True)
    quantized = quantize(graph, IMAGES)
    model = write_integer(quantized, "int8", "x")
    names = op_names(model)
    assert {op, "DEQUANTIZE", "QUANTIZE"} <= set(names)
    place = names.index(op)
    assert "DEQUANTIZE" in names[:place]
    session = Session(pack(model))
    bytes_in = (IMAGES.astype(np.int16) - 128).astype(np.int8)
    found = np.concatenate([session.run(image[None]) for image in bytes_in]).astype(np.float64)
    found = (found - session.output.zero_point) * session.output.scale
    *_, (index, simulated) = quantized.outputs(graph.normalize(IMAGES))
    simulated = np.asarray(simulated, np.float64)
    low, high = quantized.ranges[index]
    simulated = np.clip(simulated, low, high)
    step = session.output.scale
    assert np.ptp(simulated) > 20 * step
    # Half a step of the output's own rounding, and one of each rounding that falls the other way.
    assert np.abs(found - simulated).max() < 1.6 * step


def test_a_float_op_between_two_float_ops_is_not_rounded():
    def between(x):
        return tf.nn.conv2d(tf.sqrt(tf.math.log(tf.nn.relu(x) + 1.5)), KERNEL, 1, "SAME")

    graph = read_graph(convert_function(between, SHAPE), allow_float_ops=True)
    names = op_names(write_integer(quantize_uncorrected(graph, IMAGES), "int8", "x"))
    assert [name for name in names if name in ("DEQUANTIZE", "QUANTIZE", "SQRT", "LOG")] == [
        "DEQUANTIZE",
        "LOG",
        "SQRT",
        "QUANTIZE",
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (b"FlexErf", "has the op FlexErf, which needs TensorFlow's runtime"),
        (b"TFLite_Detection_PostProcess", "has the custom op TFLite_Detection_PostProcess, which no interpreter has"),
    ],
)
def test_an_op_that_is_no_built_in_one_is_refused_by_name(code, message):
    model = parse(convert_function(NETWORKS["CUMSUM"], SHAPE))
    entry = model.operatorCodes[model.subgraphs[0].operators[-1].opcodeIndex]
    entry.builtinCode = entry.deprecatedBuiltinCode = 32  # CUSTOM
    entry.customCode = code
    with pytest.raises(ModelError, match=message):
        read_graph(pack(model), allow_float_ops=True)


def test_an_op_of_several_outputs_is_refused_by_name():
    content = converted_function(lambda x: tf.math.top_k(tf.reshape(x, (1, -1)), 3).values, (1, *SHAPE))
    with pytest.raises(ModelError, match="has the op TOPK_V2, which is not known here"):
        read_graph(content, allow_float_ops=True)


def test_constants_of_unknown_ops_are_computed():
    @tf.function
    def of_constants(x):
        return x * tf.cumsum(keras.ops.convert_to_tensor(np.arange(3, dtype=np.float32)))

    graph = read_graph(convert_function(of_constants, SHAPE))
    assert [node.op for node in graph.nodes] == ["MUL"]
