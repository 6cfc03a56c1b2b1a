from dataclasses import replace

import keras
import numpy as np
import pytest

from mobilenet_tf.errors import ModelError
from mobilenet_tf.quantization.correction import quantize_uncorrected
from mobilenet_tf.quantization.file_writer import write_float, write_integer
from mobilenet_tf.quantization.graph import IMAGE
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.tflite.flatbuffer import op_names, pack
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.tflite.model_builder import INPUT_NAME, OUTPUT_NAME, SIGNATURE

LAYERS = keras.layers


def block(x, squeeze):
    """An inverted residual with squeeze and excitation, as in MobileNetV3."""
    y = LAYERS.Conv2D(16, 1, activation="hard_swish" if squeeze else "relu6")(x)
    y = LAYERS.DepthwiseConv2D(3, padding="same", activation="relu6")(y)
    gate = LAYERS.GlobalAveragePooling2D(keepdims=True)(y)
    gate = LAYERS.Conv2D(16, 1, activation="hard_sigmoid" if squeeze else "sigmoid")(gate)
    return LAYERS.Add()([x, LAYERS.Conv2D(8, 1)(LAYERS.Multiply()([y, gate]))])


@pytest.fixture(scope="module", params=[False, True], ids=["sigmoid gates", "hard gates"])
def graph(request):
    keras.utils.set_random_seed(0)
    image = keras.Input((16, 16, 3))
    x = LAYERS.Conv2D(8, 3, 2)(LAYERS.ZeroPadding2D()(image))
    x = LAYERS.MaxPooling2D(2)(block(x, request.param))
    x = LAYERS.Concatenate()([x, LAYERS.LeakyReLU()(x)])
    x = LAYERS.Dense(5, activation="softmax")(LAYERS.GlobalAveragePooling2D()(x))
    return graph_of(keras.Model(image, 8 * x))


@pytest.fixture(scope="module")
def images():
    return np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), dtype=np.uint8)


def ran(content, images, graph):
    """What the interpreter gives, as real numbers."""
    session = Session(content)
    tensor = session.input
    steps = {"int8": images.astype(np.int16) - 128, "uint8": images, "float32": graph.normalize(images)}
    batch = steps[tensor.dtype.name].astype(tensor.dtype)
    outputs = np.concatenate([session.run(image[None]) for image in batch]).astype(np.float32)
    return (outputs - session.output.zero_point) * session.output.scale if session.output.scale else outputs


@pytest.mark.parametrize("io", ["int8", "uint8", "float32"])
def test_the_interpreter_gives_what_the_simulation_gives(graph, images, io):
    quantized = quantize_uncorrected(graph, images)
    model = write_integer(quantized, io, "a network")
    ops = op_names(model)
    *_, (index, simulated) = quantized.outputs(graph.normalize(images))
    low, high = quantized.ranges[index]
    step = (high - low) / 255
    difference = np.abs(ran(pack(model), images, graph) - simulated)
    # A rounding that falls the other way moves an activation by a step, and the scores by few of theirs.
    assert difference.max() <= 4 * step
    assert difference.mean() < step / 2
    assert np.ptp(simulated) > 10 * step
    ends = {"int8": [], "uint8": ["QUANTIZE", "QUANTIZE"], "float32": ["QUANTIZE", "DEQUANTIZE"]}[io]
    assert [op for op in ops if op in ("QUANTIZE", "DEQUANTIZE")] == ends


def test_tensors_that_share_a_scale_have_one(graph, images):
    quantized = quantize_uncorrected(graph, images)
    for index, node in enumerate(graph.nodes):
        if node.op in ("PAD", "MAX_POOL_2D", "CONCATENATION"):
            assert {quantized.ranges[index], *(quantized.ranges[source] for source in node.inputs)} == {
                quantized.ranges[index]
            }
    assert quantized.ranges[0] == quantized.ranges[IMAGE]  # the padding of the image


def test_float_files_are_the_graph(graph, images):
    exact = np.asarray(graph(graph.normalize(images)))
    assert ran(pack(write_float(graph, "float32", "x")), images, graph) == pytest.approx(exact, abs=1e-5)
    # Weights of 11 bits: a share of 2**-11 of each, in 6 layers.
    assert ran(pack(write_float(graph, "float16", "x")), images, graph) == pytest.approx(exact, abs=8 * 6 * 2**-11)


def test_a_node_of_another_type_stands_between_conversions(graph, images):
    quantized = quantize_uncorrected(graph, images)
    place = next(index for index, node in enumerate(graph.nodes) if node.op == "ADD")
    model = write_integer(replace(quantized, exceptions={place: "int16"}), "int8", "x")
    assert op_names(model).count("QUANTIZE") == 3  # both inputs of the addition, and what follows it


def test_an_op_without_an_int16_kernel_is_refused_by_name(graph, images):
    quantized = quantize_uncorrected(graph, images, activations="int16")
    if all(node.op != "HARD_SWISH" for node in graph.nodes):
        assert "CONV_2D" in op_names(write_integer(quantized, "int16", "x"))
        return
    with pytest.raises(ModelError, match="TFLite has no int16 kernel for HARD_SWISH"):
        write_integer(quantized, "int16", "x")


def test_files_have_a_signature(graph):
    (signature,) = write_float(graph, "float32", "x").signatureDefs
    assert signature.signatureKey == SIGNATURE
    assert [entry.name for entry in signature.inputs] == [INPUT_NAME]
    assert [entry.name for entry in signature.outputs] == [OUTPUT_NAME]


def test_no_two_tensors_have_one_name(graph):
    names = [tensor.name for tensor in write_float(graph, "float32", "x").subgraphs[0].tensors]
    assert len(names) == len(set(names))
