import numpy as np
import pytest

from export.layer_report import measure
from export.layer_report.measure import report_file
from export.layer_report.page import quant_page
from export.quantize import quantize
from export.recipes import RECIPES
from export.settings import ExportSettings
from mobilenet_tf.contract.preprocessing import normalize


@pytest.fixture(scope="module")
def per_tensor(small_convertible, small_job):
    settings = ExportSettings(per_tensor=True, quant_report=True)
    return quantize(small_convertible, RECIPES["int8"], small_job.images.calibration, settings)


@pytest.fixture(scope="module")
def report(per_tensor, small_job):
    return report_file("int8", per_tensor, small_job.images.verification.images)


def test_what_is_skipped_is_named(per_tensor):
    assert per_tensor.correction == "fast"
    assert "not equalized, as no single layer takes their output: block13_pointwise" in per_tensor.notes[0]


def test_the_report_tells_each_step(report, small_graph):
    steps = ["nearest rounding", "equalization", "GPTQ rounding", "bias correction"]
    assert report.steps == steps
    assert [layer.name for layer in report.layers] == [n.name for n in small_graph.nodes if n.kernel is not None]
    mean = {step: np.mean([layer.error_steps[step] for layer in report.layers]) for step in steps}
    assert mean["nearest rounding"] > mean["GPTQ rounding"] > mean["bias correction"] > 0
    assert len(report.worst) == 5
    assert set(report.worst) <= {layer.name for layer in report.layers}


def test_the_reports_numbers_are_what_they_say(report, per_tensor, small_job):
    step = per_tensor.steps[-1].quantized
    node, layer, first = step.graph.nodes[0], step.layers[0], report.layers[0]
    noise = node.kernel - layer.kernel * layer.scale
    expected = 10 * np.log10((node.kernel**2).sum() / (noise**2).sum())
    assert first.weight_sqnr_db == pytest.approx(expected, abs=0.01)  # it is rounded to 0.01
    np.testing.assert_allclose(first.weight_max, node.kernel.max((0, 1, 2)), rtol=1e-4)  # five digits are kept
    x = normalize(small_job.images.verification.images[:20])
    rounded = next(step.outputs(x))[1]
    error = np.abs(np.asarray(rounded) - np.asarray(node([x]))).mean() / (np.ptp(step.ranges[0]) / 255)
    assert first.error_steps["bias correction"] == pytest.approx(error, rel=1e-3)


def test_what_is_stored_without_error_has_no_ratio():
    assert measure._decibels(1.0, 0.0) is None
    assert measure._decibels(100.0, 1.0) == 20


def test_the_page_shows_every_layer_and_note(report):
    page = quant_page("a <name>", [report])
    assert "a &lt;name&gt;" in page
    assert "http" not in page  # it is one self-contained file
    for layer in report.layers:
        assert page.count(f">{layer.name}<") >= 2  # in the picture and in the table
    for note in report.notes:
        assert note in page
