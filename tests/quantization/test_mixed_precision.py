import dataclasses

import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.errors import CheckError, InputError
from mobilenet_tf.quantization.correction import quantize_uncorrected
from mobilenet_tf.quantization.file_writer import write_integer
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.quantization.mixed_precision import agreement_with, ops_in_float, with_mixed_precision
from mobilenet_tf.quantization.simulation import Quantized
from mobilenet_tf.tflite.flatbuffer import op_names, pack
from mobilenet_tf.tflite.image_model import ImageModel
from tests.support.networks import lively_model


@pytest.fixture(scope="module")
def images():
    """Photos are smoother than noise, and differ more from one another: blocks of one colour each."""
    blocks = np.random.default_rng(0).integers(0, 256, (80, 4, 4, 3), dtype=np.uint8)
    return blocks.repeat(16, 1).repeat(16, 2)


@pytest.fixture(scope="module")
def graph():
    return graph_of(lively_model(np.random.default_rng(1)))


@pytest.fixture(scope="module")
def coarse(graph, images):
    """A network of which one node, the fourth, has far too wide a range."""
    quantized = quantize_uncorrected(graph, images)
    return Quantized(graph, quantized.layers, {**quantized.ranges, 3: (-200.0, 200.0)})


def test_the_op_that_costs_most_stays_float(coarse, graph, images):
    mixed, note = with_mixed_precision(coarse, graph, images, max_drop=15)
    assert agreement_with(coarse, graph, images[1::2]) < 0.85
    assert agreement_with(mixed, graph, images[1::2]) >= 0.85
    assert {3, 4} <= set(mixed.exceptions)
    assert len(mixed.exceptions) < len(graph.nodes) / 2
    assert graph.nodes[3].name in note
    assert "ms" in note


def test_the_file_computes_what_the_simulation_does(coarse, images):
    mixed = ops_in_float(coarse, [3])
    parsed = write_integer(mixed, "int8", "mixed")
    assert op_names(parsed).count("DEQUANTIZE") == 1
    *_, (_, simulated) = mixed.outputs(normalize(images))
    ran = ImageModel.from_bytes(pack(parsed)).predict(images)
    # Values that fall the other way when they are rounded move the outputs of a network with random weights by some of
    # their 256 steps; those of the network without float ops are far away.
    *_, (_, without) = coarse.outputs(normalize(images))
    assert np.abs(ran - np.asarray(simulated)).mean() < 0.25 * np.abs(ran - np.asarray(without)).mean()


def test_a_network_that_is_near_enough_is_not_changed(coarse, graph, images):
    same, note = with_mixed_precision(coarse, graph, images, max_drop=100)
    assert same is coarse
    assert "no op" in note


def test_a_bound_that_half_of_the_ops_in_float_do_not_hold_fails(coarse, graph, images):
    """Every value has too wide a range: only a network all in float would agree on every image."""
    wide = dataclasses.replace(coarse, ranges=dict.fromkeys(coarse.ranges, (-200.0, 200.0)))
    with pytest.raises(CheckError, match=r"up to half of them; a drop of 0 % was allowed(.|\n)*--quant float16"):
        with_mixed_precision(wide, graph, images, max_drop=0)


@pytest.mark.parametrize(("count", "max_drop"), [(80, -1), (80, 101), (19, 1)])
def test_a_bound_that_cannot_be_measured_is_refused(coarse, graph, images, count, max_drop):
    with pytest.raises(InputError, match="0 to 100 percent and at least 20 images"):
        with_mixed_precision(coarse, graph, images[:count], max_drop)
