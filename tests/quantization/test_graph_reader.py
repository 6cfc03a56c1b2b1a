"""Graphs are read from real files of the converter, one small model for each op, and compared with the interpreter."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.errors import ModelError
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import convert_function
from mobilenet_tf.tflite.flatbuffer import op_names, parse
from mobilenet_tf.tflite.interpreter import Session

SHAPE = (8, 8, 4)
RNG = np.random.default_rng(0)
KERNEL, GROUPED, DEPTHWISE, DILATED = (
    tf.constant(RNG.normal(size=shape).astype(np.float32) / 4)
    for shape in ((3, 3, 4, 6), (3, 3, 2, 6), (3, 3, 4, 2), (3, 3, 4, 4))
)
EDGES = ((0, 0), (1, 1), (1, 1), (0, 0))
DENSE = tf.constant(RNG.normal(size=(4, 5)).astype(np.float32))


def shuffled(x, groups=2):
    n, h, w, c = x.shape
    return tf.reshape(tf.transpose(tf.reshape(x, (n, h, w, groups, c // groups)), (0, 1, 2, 4, 3)), (n, h, w, c))


def of_rows(x, statistics):
    """Each pixel times a number that was computed of it, as a layer norm of LiteRT Torch has it."""
    return x * tf.reshape(tf.math.rsqrt(statistics * statistics + 1.0), (1, 8, 8, 1))


# The op that must be in the file -> a function that the converter makes it of.
OPS = {
    "CONV_2D": lambda x: tf.nn.relu6(tf.nn.conv2d(x, KERNEL, 2, "SAME") + 0.5),
    "CONV_2D grouped": lambda x: tf.nn.conv2d(x, GROUPED, 1, "VALID"),
    "CONV_2D dilated": lambda x: tf.nn.conv2d(x, KERNEL, 1, "SAME", dilations=2),
    "DEPTHWISE_CONV_2D": lambda x: tf.nn.relu(tf.nn.depthwise_conv2d(x, DILATED[:, :, :, :1], (1, 2, 2, 1), "SAME")),
    "DEPTHWISE_CONV_2D multiplied": lambda x: tf.nn.depthwise_conv2d(x, DEPTHWISE, (1, 1, 1, 1), "VALID"),
    "FULLY_CONNECTED": lambda x: tf.matmul(tf.reduce_mean(x, (1, 2)), DENSE) + 1.0,
    "FULLY_CONNECTED of pixels": lambda x: tf.tensordot(x, DENSE, 1),
    "ADD": lambda x: tf.nn.relu(x + tf.nn.max_pool2d(x, 3, 1, "SAME")),
    "SUB": lambda x: x - tf.reduce_mean(x, (1, 2), keepdims=True),
    "MUL": lambda x: x * tf.sigmoid(tf.reduce_mean(x, (1, 2), keepdims=True)),
    "CONCATENATION": lambda x: tf.concat([x, tf.nn.relu(x)], -1),
    "SPLIT": lambda x: tf.concat(tf.split(x, 2, -1)[::-1], -1),
    "PAD": lambda x: tf.nn.conv2d(tf.pad(x, ((0, 0), (1, 0), (3, 0), (0, 0))), KERNEL, 2, "VALID"),
    "AVERAGE_POOL_2D": lambda x: tf.nn.avg_pool2d(x, 3, 2, "SAME"),
    "MAX_POOL_2D of every other pixel": lambda x: tf.raw_ops.MaxPool(
        input=x, ksize=(1, 1, 1, 1), strides=(1, 2, 2, 1), padding="VALID"
    ),
    "AVERAGE_POOL_2D of every third pixel": lambda x: tf.raw_ops.AvgPool(
        value=x, ksize=(1, 2, 2, 1), strides=(1, 3, 3, 1), padding="SAME"
    ),
    "MAX_POOL_2D": lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"),
    "MAX_POOL_2D of single pixels": lambda x: tf.nn.max_pool2d(x, 1, 2, "SAME"),
    "AVERAGE_POOL_2D of single pixels": lambda x: tf.nn.avg_pool2d(x, 1, 2, "VALID"),
    "MEAN": lambda x: tf.reduce_mean(x, (1, 2)),
    "RELU": lambda x: tf.nn.relu(tf.nn.max_pool2d(x, 2, 2, "VALID")[:, 1:]),
    "RELU6": lambda x: tf.nn.relu6(x[:, 1:]),
    "LEAKY_RELU": lambda x: tf.nn.leaky_relu(x, 0.3),
    "PRELU": keras.layers.PReLU("random_uniform", shared_axes=(1, 2)),
    "HARD_SWISH": lambda x: x * tf.nn.relu6(x + 3) * (1 / 6),
    "LOGISTIC": tf.sigmoid,
    "TANH": tf.tanh,
    "SOFTMAX": lambda x: tf.nn.softmax(tf.reduce_mean(x, (1, 2)) * 20),
    "RESHAPE": lambda x: tf.reshape(x, (1, -1)),
    "TRANSPOSE": lambda x: tf.transpose(x, (0, 3, 1, 2)),
    "TRANSPOSE of a shuffle": shuffled,
    "TRANSPOSE of a shuffle of one pixel": lambda x: shuffled(tf.reduce_mean(x, (1, 2), keepdims=True)) + x,
    "RESIZE_BILINEAR": lambda x: tf.image.resize(x, (16, 12)),
    "RESIZE_NEAREST_NEIGHBOR": lambda x: tf.image.resize(x, (16, 16), "nearest"),
    "STRIDED_SLICE": lambda x: x[:, 1::2, :, 1:3],
    "MUL of a negation": lambda x: -tf.nn.relu(x[:, 1:]),
    "MUL of a square": lambda x: tf.square(x),
    "MUL of a power": lambda x: tf.pow(x, 2.0),
    "SQUARED_DIFFERENCE": lambda x: tf.math.squared_difference(x, tf.reduce_mean(x, -1, keepdims=True)),
    "RSQRT": lambda x: tf.math.rsqrt(tf.nn.relu(x) + 1.0),
    "EXP": tf.exp,
    "ABS": tf.abs,
    "ELU": tf.nn.elu,
    "GELU": tf.nn.gelu,
    "GELU approximate": lambda x: tf.nn.gelu(x, approximate=True),
    "L2_NORMALIZATION": lambda x: tf.math.l2_normalize(x, -1),
    "MAXIMUM": lambda x: tf.maximum(x, tf.reduce_mean(x, -1, keepdims=True)),
    "MINIMUM": lambda x: tf.minimum(x, 0.3),
    "SUM": lambda x: tf.reduce_sum(x, (1, 2)),
    "MEAN of the one image": lambda x: of_rows(x, tf.reduce_mean(tf.reshape(x, (1, 64, 4)), (0, 2))),
    "SUM of the one image": lambda x: of_rows(x, tf.reduce_sum(tf.reshape(x, (1, 64, 4)), (-3, -1))),
    "REDUCE_MAX of the one image": lambda x: tf.reduce_max(x, (0, 3), keepdims=True) + x,
    "REDUCE_MAX": lambda x: tf.reduce_max(x, 2),
    "REDUCE_MIN": lambda x: tf.reduce_min(x, 2),
    "PACK": lambda x: tf.stack([x[..., 2], x[..., 0], x[..., 3]], -1),
    "GATHER": lambda x: tf.gather(x, [2, 0, 3], axis=-1),
    "REVERSE_V2": lambda x: tf.reverse(x, [-1]),
    "MIRROR_PAD": lambda x: tf.pad(x, ((0, 0), (1, 2), (2, 1), (0, 0)), "REFLECT"),
    "SPACE_TO_DEPTH": lambda x: tf.nn.space_to_depth(x, 2),
    "DEPTH_TO_SPACE": lambda x: tf.nn.depth_to_space(x, 2),
    "SPLIT_V": lambda x: tf.concat(tf.split(x, [1, 3], -1)[::-1], -1),
    "PADV2": lambda x: tf.nn.max_pool2d(tf.pad(tf.nn.relu(x), EDGES, constant_values=-np.inf), 3, 2, "VALID"),
    "PADV2 of negative values": lambda x: tf.nn.max_pool2d(
        tf.pad(x - 2.0, ((0, 0), (2, 1), (1, 2), (0, 0)), constant_values=-np.inf), 4, 3, "VALID"
    ),
}
# The op in the file, if another one is read for it.
FILE_OPS = {"MUL of a negation": "NEG", "MUL of a square": "SQUARE", "MUL of a power": "MUL"}


@pytest.mark.parametrize("name", OPS)
def test_each_op_computes_what_the_interpreter_computes(name):
    content = convert_function(OPS[name], SHAPE)
    assert FILE_OPS.get(name, name.split()[0]) in op_names(parse(content))
    images = RNG.uniform(-1, 1, (3, *SHAPE)).astype(np.float32)
    session = Session(content)
    one_by_one = np.concatenate([session.run(image[None]) for image in images])
    found = np.asarray(read_graph(content)(images))
    assert np.ptp(one_by_one) > 0.1
    # Sums of at most 64 products of numbers below 4, in another order: each off by an ulp of the sum.
    np.testing.assert_allclose(found, one_by_one, atol=64 * 4 * 2**-23)


def test_weights_in_float16_are_widened():
    converter = tf.lite.TFLiteConverter.from_keras_model(
        keras.Sequential([keras.Input(SHAPE), keras.layers.Conv2D(8, 3), keras.layers.Flatten()])
    )
    converter.optimizations, converter.target_spec.supported_types = [tf.lite.Optimize.DEFAULT], [tf.float16]
    graph = read_graph(converter.convert())
    kernel = graph.nodes[0].kernel
    assert kernel.dtype == np.float32
    assert (kernel == kernel.astype(np.float16)).all()


def test_layers_lend_their_names():
    x = image = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, use_bias=False, name="stem")(x)
    x = keras.layers.ReLU(name="stem_relu")(keras.layers.BatchNormalization(name="stem_bn")(x))
    x = keras.layers.Dense(3, name="scores", activation="softmax")(keras.layers.GlobalAveragePooling2D(name="pool")(x))
    model = keras.Model(image, x, name="model")
    graph = read_graph(convert_function(lambda image: model(image, training=False), (8, 8, 3)))
    assert [node.name for node in graph.nodes] == ["stem", "pool", "scores", "softmax"]
    assert graph.logits == 2


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: tf.math.cumsum(x, 1), "has ops without an integer kernel: CUMSUM"),
        (lambda x: (x, x + 1), r"1 input\(s\) and 2 output\(s\)"),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(function, message):
    with pytest.raises(ModelError, match=message):
        read_graph(convert_function(function, SHAPE), "mine.tflite")


def loop(x):
    return tf.while_loop(lambda x: tf.reduce_max(x) > 1, lambda x: (x / 2,), [tf.nn.conv2d(x, KERNEL, 1, "SAME")])[0]


def choice(x):
    y = tf.nn.conv2d(x, KERNEL, 1, "SAME")
    return tf.cond(tf.reduce_max(y) > 1, lambda: y / 2, lambda: y)


def with_variables(folder):
    """A file that counts its inferences."""
    module = tf.Module()
    module.count = tf.Variable(0.0)
    serve = tf.function(lambda x: tf.abs(x) + module.count.assign_add(1.0), [tf.TensorSpec((1, *SHAPE))])
    tf.saved_model.save(module, str(folder), signatures=serve)
    converter = tf.lite.TFLiteConverter.from_saved_model(str(folder))
    converter.experimental_enable_resource_variables = True
    return converter.convert()


def test_an_op_that_runs_another_graph_or_keeps_a_variable_is_named(tmp_path):
    for function, op in ((loop, "WHILE, a loop"), (choice, "IF, a choice")):
        with pytest.raises(ModelError, match=f"mine has the op {op} .* which is not read here"):
            read_graph(convert_function(function, SHAPE), "mine", allow_float_ops=True)
    with pytest.raises(ModelError, match="mine has the op CALL_ONCE, a variable"):
        read_graph(with_variables(tmp_path / "saved"), "mine")


def test_a_quantized_file_is_refused(small_files):
    with pytest.raises(ModelError, match="expected mine to be a float model; its weights are int"):
        read_graph(small_files["int8"], "mine")
