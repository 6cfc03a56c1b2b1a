from dataclasses import replace

import numpy as np
import pytest

from export.layer_report import measure as quant_report
from export.layer_report.measure import report_recipe
from export.layer_report.page import quant_page
from export.quantize import quantize
from export.recipes import RECIPES
from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.quantization import correction


@pytest.fixture(scope="module")
def per_tensor(small_graph, small_frozen, small_job):
    return quantize(
        small_graph,
        small_frozen,
        RECIPES["int8"],
        small_job.split.calibration,
        per_tensor=True,
        keep_stages=True,
    )


@pytest.fixture(scope="module")
def report(per_tensor, small_job):
    images = small_job.split.held_out.images
    return report_recipe("int8", per_tensor, images)


def test_a_float_recipe_is_left_as_the_converter_made_it(small_graph, small_frozen, small_job, small_files):
    outcome = quantize(small_graph, small_frozen, RECIPES["float16"], small_job.split.calibration, correction="best")
    assert outcome.correction == "none"
    assert outcome.model == small_files["float16"]
    assert outcome.notes == outcome.stages == ()


def test_a_correction_that_does_harm_is_not_applied(small_graph, small_frozen, small_job, small_files, monkeypatch):
    right = correction.correct

    def wrong(*arguments, **options):
        quantized = right(*arguments, **options)
        last = quantized.layers[-1]
        return replace(quantized, layers=(*quantized.layers[:-1], replace(last, bias=last.bias[::-1].copy())))

    monkeypatch.setattr(correction, "correct", wrong)
    outcome = quantize(small_graph, small_frozen, RECIPES["int8"], small_job.split.calibration)
    assert outcome.correction == "none"
    assert outcome.model == small_files["int8"]
    assert "would lower the agreement on the calibration images" in outcome.notes[-1]


def test_what_is_skipped_is_named(per_tensor):
    assert per_tensor.correction == "fast"
    assert "not equalized, as no single layer takes their output: block13_pointwise" in per_tensor.notes[0]


def test_fine_tuning_of_float_activations_is_skipped_by_name(small_graph, small_frozen, small_job):
    outcome = quantize(
        small_graph, small_frozen, RECIPES["dynamic_int8"], small_job.split.calibration, correction="best"
    )
    assert outcome.correction == "best"
    assert "fine-tuning is skipped" in outcome.notes[0]


def test_the_report_tells_each_step(report, small_graph):
    steps = ["nearest rounding", "equalization", "second-order rounding", "bias correction"]
    assert report.steps == steps
    assert [layer.name for layer in report.layers] == [n.name for n in small_graph.nodes if n.kernel is not None]
    mean = {step: np.mean([layer.error_steps[step] for layer in report.layers]) for step in steps}
    assert mean["nearest rounding"] > mean["second-order rounding"] > mean["bias correction"] > 0
    assert len(report.worst) == 5
    assert set(report.worst) <= {layer.name for layer in report.layers}


def test_the_reports_numbers_are_what_they_say(report, per_tensor, small_job):
    stage = per_tensor.stages[-1].quantized
    node, layer, first = stage.graph.nodes[0], stage.layers[0], report.layers[0]
    noise = node.kernel - layer.kernel * layer.scale
    expected = 10 * np.log10((node.kernel**2).sum() / (noise**2).sum())
    assert first.weight_sqnr_db == pytest.approx(expected, abs=0.01)  # it is rounded to 0.01
    np.testing.assert_allclose(first.weight_max, node.kernel.max((0, 1, 2)), rtol=1e-4)  # five digits are kept
    x = normalize(small_job.split.held_out.images[:20])
    rounded = next(stage.outputs(x))[1]
    error = np.abs(np.asarray(rounded) - np.asarray(node([x]))).mean() / (np.ptp(stage.ranges[0]) / 255)
    assert first.error_steps["bias correction"] == pytest.approx(error, rel=1e-3)


def test_what_is_stored_without_error_has_no_ratio():
    assert quant_report._decibels(1.0, 0.0) is None
    assert quant_report._decibels(100.0, 1.0) == 20


def test_the_page_shows_every_layer_and_note(report):
    page = quant_page("a <name>", [report])
    assert "a &lt;name&gt;" in page
    assert "http" not in page  # it is one self-contained file
    for layer in report.layers:
        assert page.count(f">{layer.name}<") >= 2  # in the picture and in the table
    for note in report.notes:
        assert note in page
