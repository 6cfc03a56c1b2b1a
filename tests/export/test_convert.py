import numpy as np
import pytest

from export.convert import convert
from export.recipes import RECIPES
from export.settings import ExportSettings
from mobilenet_tf.contract.preprocessing import STD
from mobilenet_tf.tflite.flatbuffer import describe_ops, parse
from mobilenet_tf.tflite.interpreter import Session

V1_OPS = {"CONV_2D": 14, "DEPTHWISE_CONV_2D": 13, "MEAN": 1, "FULLY_CONNECTED": 1, "SOFTMAX": 1}


@pytest.mark.parametrize("recipe", ["float32", "dynamic_int8", "int8", "int16x8"])
def test_the_graph_is_27_convolutions_mean_classifier_softmax_and_nothing_else(small_files, recipe):
    assert describe_ops(parse(small_files[recipe]))[0] == V1_OPS


def test_float16_adds_nothing_but_the_widening_of_its_weights(small_files):
    ops = describe_ops(parse(small_files["float16"]))[0]
    assert ops.pop("DEQUANTIZE") <= 2 * 28
    assert ops == V1_OPS


def test_the_input_takes_camera_bytes(small_files):
    tensor = Session(small_files["int8"]).input
    # The scale is a float32: half an ulp.
    assert tensor.scale * STD == pytest.approx(1, abs=2**-24)
    assert tensor.zero_point in (-1, 0)


def test_the_input_range_is_the_same_whatever_is_on_the_photos(small_graph, small_job):
    grey = np.full_like(small_job.images.calibration.images[:10], 100)
    model = convert(small_graph, RECIPES["int8"], grey)
    assert Session(model).input.scale * STD == pytest.approx(1, abs=2**-24)


@pytest.mark.parametrize(("io", "ops"), [("uint8", {"QUANTIZE": 2}), ("float32", {"QUANTIZE": 1, "DEQUANTIZE": 1})])
def test_io_sets_the_input_and_output_of_int8(small_graph, small_job, io, ops):
    images = small_job.images.calibration.images[:10]
    model = convert(small_graph, RECIPES["int8"], images, ExportSettings(io=io))
    session = Session(model)
    assert (session.input.dtype, session.output.dtype) == (io, io)
    assert describe_ops(parse(model))[0] == V1_OPS | ops


def test_the_same_input_gives_the_same_bytes(small_graph, small_job, small_files):
    again = convert(small_graph, RECIPES["int8"], small_job.images.calibration.images)
    assert again == small_files["int8"]
