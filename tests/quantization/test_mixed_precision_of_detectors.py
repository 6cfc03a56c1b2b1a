"""--max-drop of a detector: what is compared is the objects that it and the float network find."""

import numpy as np
import pytest

from mobilenet_tf.errors import InputError
from mobilenet_tf.quantization.correction import quantize_uncorrected
from mobilenet_tf.quantization.detection_end import detection_graph, detections_of, end_of
from mobilenet_tf.quantization.mixed_precision import agreement_with, with_mixed_precision
from mobilenet_tf.quantization.simulation import Quantized
from mobilenet_tf.tasks.detection import AGREEMENT_SCORE
from mobilenet_tf.tasks.post_processing import PostProcessing
from tests.support.detectors import TINY, lively_detector


@pytest.fixture(scope="module")
def model():
    return lively_detector()


@pytest.fixture(scope="module")
def images():
    blocks = np.random.default_rng(0).integers(0, 256, (40, 4, 4, 3), dtype=np.uint8)
    return blocks.repeat(24, 1).repeat(24, 2)


def graph_of(model):
    return detection_graph(model, TINY, PostProcessing(), "detections")


@pytest.fixture(scope="module")
def graph(model):
    return graph_of(model)


@pytest.fixture(scope="module")
def coarse(graph, images):
    """A network of which one node, the fourth, has far too wide a range."""
    quantized = quantize_uncorrected(graph, images)
    return Quantized(graph, quantized.layers, {**quantized.ranges, 3: (-60.0, 60.0)})


def test_ops_stay_float_until_as_many_objects_are_found_alike(coarse, graph, images):
    before = agreement_with(coarse, graph, images[1::2])
    bound = 100 * (1 - before) / 2
    mixed, note = with_mixed_precision(coarse, graph, images, max_drop=bound)
    after = agreement_with(mixed, graph, images[1::2])
    assert before < 0.95
    assert 100 * (1 - after) <= bound
    assert {3, 4} <= set(mixed.exceptions)
    assert graph.nodes[3].name in note
    assert "TFLite_Detection_PostProcess" not in note  # it is float in every file


def test_what_agrees_is_counted_in_objects(coarse, graph, images):
    held_back = images[1::2]
    same, note = with_mixed_precision(coarse, graph, images, max_drop=100)
    found = detections_of(end_of(graph), graph(graph.normalize(held_back)))
    objects = sum(len(one.above(AGREEMENT_SCORE)) for one in found)
    assert same is coarse
    assert f"of the objects on 20 images (float finds {objects}) agree with float: no op" in note


def test_photos_on_which_nothing_is_found_are_refused(images):
    blind = lively_detector()
    for head in TINY.plan().class_heads:
        kernel, bias = blind.get_layer(head.name).get_weights()
        blind.get_layer(head.name).set_weights([0 * kernel, 0 * bias - 9])
    graph = graph_of(blind)
    with pytest.raises(InputError, match=r"on 20 photos it finds none(.|\n)*leave --max-drop out"):
        with_mixed_precision(quantize_uncorrected(graph, images), graph, images, max_drop=1)
