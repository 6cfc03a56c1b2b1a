import numpy as np
import pytest

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.quantization.correction import correct, quantize_uncorrected
from mobilenet_tf.quantization.detection_end import (
    detection_divergence,
    detection_graph,
    detection_root,
    end_of,
    split_outputs,
    with_outputs,
)
from mobilenet_tf.quantization.file_writer import write_float, write_integer
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.tasks.detection import logits_model
from mobilenet_tf.tasks.post_processing import PostProcessing
from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.input_tensor import input_of_byte
from mobilenet_tf.tflite.interpreter import Session
from tests.support.detectors import TINY, lively_detector
from tests.support.quantized import small_classifier


@pytest.fixture(scope="module")
def model():
    return lively_detector()


@pytest.fixture(scope="module")
def graph(model):
    return detection_graph(model, TINY, PostProcessing(), "logits")


@pytest.fixture(scope="module")
def images():
    coarse = np.random.default_rng(3).integers(0, 256, (12, 12, 12, 3), dtype=np.uint8)
    return coarse.repeat(8, 1).repeat(8, 2)


def outputs_of(content, graph, images):
    session = Session(content)
    table = input_of_byte(session.input, graph.normalization)
    runs = []
    for image in images:
        session.run(table[image][None])
        runs.append(np.concatenate(session.get_all(), -1)[0])
    return np.stack(runs)


def test_the_graph_gives_the_boxes_and_logits_of_keras(graph, model, images):
    boxes, logits = logits_model(model)(graph.normalize(images[:2]))
    found = split_outputs(np.asarray(graph(graph.normalize(images[:2]))))
    # Batch norm is folded in one and not in the other: sums in float32, of values up to 30.
    np.testing.assert_allclose(found[0], boxes, atol=2e-3)
    np.testing.assert_allclose(found[1], logits, atol=2e-3)
    assert end_of(graph_of(small_classifier())) is None


def test_a_float_file_of_each_kind_of_outputs(graph, images):
    exact = np.asarray(graph(graph.normalize(images[:1])))[0]
    logits = outputs_of(pack(write_float(graph, "float32", "")), graph, images[:1])[0]
    np.testing.assert_allclose(logits, exact, atol=1e-3)
    raw = outputs_of(pack(write_float(with_outputs(graph, "raw"), "float32", "")), graph, images[:1])[0]
    np.testing.assert_allclose(raw[:, 4:], 1 / (1 + np.exp(-exact[:, 4:])), atol=1e-3)
    session = Session(pack(write_float(with_outputs(graph, "detections"), "float32", "")))
    assert [output.shape for output in session.outputs] == [(1, 100, 4), (1, 100), (1, 100), (1,)]


def test_the_int8_file_computes_what_is_simulated(graph, images):
    quantized = quantize_uncorrected(graph, images)
    found = outputs_of(pack(write_integer(quantized, "int8", "")), graph, images[:3])
    *_, (_, simulated) = quantized.outputs(graph.normalize(images[:3]))
    steps = [quantized.steps_of(source, "int8").scale[0] for source in graph.nodes[-1].inputs]
    differences = np.abs(found - np.asarray(simulated))
    # XNNPACK's kernels round some values to the neighbouring step, and these differences spread over forty layers: by
    # one step on average in the end. A wrong scale or zero point gives tens of steps.
    for part, step in zip(split_outputs(differences), steps, strict=True):
        assert part.mean() < 2 * step


def test_the_correction_brings_a_detector_nearer_to_float(graph, images):
    exact = np.asarray(graph(graph.normalize(images)))

    def mean_divergence(quantized):
        *_, (_, output) = quantized.outputs(graph.normalize(images))
        return detection_divergence(exact, np.asarray(output)).mean()

    assert mean_divergence(correct(graph, images)) < 0.7 * mean_divergence(quantize_uncorrected(graph, images))


def test_the_divergence_is_that_of_each_score_and_box():
    exact = np.float32([[[0, 0, 0, 0, 0.0], [1, 1, 1, 1, -20]]])
    assert detection_divergence(exact, exact).tolist() == [0]
    moved = exact.copy()
    moved[0, :, 0] += 2
    # A box counts as much as an object is likely there: by a half, and by next to nothing.
    assert detection_divergence(exact, moved).tolist() == pytest.approx([0.5 * 0.5 * 4], rel=1e-4)
    other = exact.copy()
    other[0, 0, 4] = np.log(3)  # 75 % in place of 50 %
    expected = 0.5 * np.log(0.5 / 0.75) + 0.5 * np.log(0.5 / 0.25)
    assert detection_divergence(exact, other).tolist() == pytest.approx([expected], rel=1e-5)


def test_the_root_is_that_of_the_divergences_second_order():
    rng = np.random.default_rng(0)
    output = rng.normal(0, 1, (1, 3, 6)).astype(np.float32)
    error = rng.normal(0, 1e-2, output.shape).astype(np.float32)
    signs = np.ones_like(output)
    root = np.asarray(detection_root(tf.constant(output), signs))  # of a diagonal: its squares are the information
    second_order = 0.5 * (root**2 * error**2).sum()
    # The third order is a hundredth of the second at errors of a hundredth.
    assert detection_divergence(output, output + error)[0] == pytest.approx(second_order, rel=0.03)
