import numpy as np
import pytest

from export.convert import convert, freeze
from export.recipes import RECIPES, parse_recipes
from mobilenet_tf.contract.preprocessing import STD
from mobilenet_tf.errors import InputError
from mobilenet_tf.tflite.flatbuffer import describe_ops
from mobilenet_tf.tflite.image_model import Runner

V1_OPS = {"CONV_2D": 14, "DEPTHWISE_CONV_2D": 13, "MEAN": 1, "FULLY_CONNECTED": 1, "SOFTMAX": 1}


@pytest.mark.parametrize("recipe", ["float32", "dynamic_int8", "int8", "int16x8"])
def test_the_graph_is_27_convolutions_mean_classifier_softmax_and_nothing_else(small_files, recipe):
    assert describe_ops(small_files[recipe])[0] == V1_OPS


def test_float16_adds_nothing_but_the_widening_of_its_weights(small_files):
    ops = describe_ops(small_files["float16"])[0]
    assert ops.pop("DEQUANTIZE") <= 2 * 28
    assert ops == V1_OPS


@pytest.mark.parametrize(("recipe", "dtype"), [("int8", "INT8"), ("int16x8", "INT16")])
def test_every_op_of_an_integer_recipe_is_integer(small_files, recipe, dtype):
    assert {frozenset(dtypes) for _, dtypes in describe_ops(small_files[recipe])[1]} == {frozenset({dtype})}


def test_the_input_takes_camera_bytes(small_files):
    tensor = Runner(small_files["int8"]).input
    # The scale is a float32: half an ulp.
    assert tensor.scale * STD == pytest.approx(1, abs=2**-24)
    assert tensor.zero_point in (-1, 0)


def test_the_input_range_is_pinned_whatever_the_photos_hold(small_graph, small_job):
    grey = np.full_like(small_job.split.calibration.images[:10], 100)
    model = convert(frozen=freeze(small_graph), recipe=RECIPES["int8"], calibration=grey)
    assert Runner(model).input.scale * STD == pytest.approx(1, abs=2**-24)


@pytest.mark.parametrize(("io", "ops"), [("uint8", {"QUANTIZE": 2}), ("float32", {"QUANTIZE": 1, "DEQUANTIZE": 1})])
def test_io_sets_the_input_and_output_of_int8(small_graph, small_job, io, ops):
    images = small_job.split.calibration.images[:10]
    model = convert(frozen=freeze(small_graph), recipe=RECIPES["int8"], calibration=images, io=io)
    runner = Runner(model)
    assert (runner.input.dtype, runner.output.dtype) == (io, io)
    assert describe_ops(model)[0] == V1_OPS | ops


def test_the_same_input_gives_the_same_bytes(small_graph, small_job, small_files):
    again = convert(frozen=freeze(small_graph), recipe=RECIPES["int8"], calibration=small_job.split.calibration.images)
    assert again == small_files["int8"]


def test_recipes_parse_in_the_order_of_the_table():
    assert [r.name for r in parse_recipes("int8, float32,int8")] == ["float32", "int8"]


@pytest.mark.parametrize("names", ["", "int4", "int8,fp16"])
def test_unknown_recipes_are_refused_and_the_known_named(names):
    with pytest.raises(InputError, match="float32, float16, dynamic_int8, int8, int16x8"):
        parse_recipes(names)


def test_each_recipe_says_what_it_stores():
    assert str(RECIPES["int8"]) == "int8: weights int8 per channel, activations int8 per tensor, every op integer"
