from dataclasses import replace

import numpy as np
import pytest

from export.layer_report import measure
from export.layer_report.measure import report_file
from export.layer_report.page import quant_page
from export.layer_report.verdict import verdict_of
from export.quantize import quantize
from export.recipes import RECIPES
from export.settings import ExportSettings
from mobilenet_tf.contract.preprocessing import normalize


@pytest.fixture(scope="module")
def per_tensor(small_graph, small_job):
    settings = ExportSettings(per_tensor=True, quant_report=True)
    return quantize(small_graph, RECIPES["int8"], small_job.images.calibration, settings)


@pytest.fixture(scope="module")
def report(per_tensor, small_job):
    return report_file("int8", per_tensor, small_job.images.verification.images)


def test_what_is_skipped_is_named(per_tensor):
    assert per_tensor.correction == "fast"
    assert "not equalized, as no single layer takes their output: block13_pointwise" in per_tensor.notes[0]


def test_the_report_tells_each_step(report, small_graph):
    steps = ["nearest rounding", "equalization", "ranges", "GPTQ rounding", "bias correction"]
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
    error = np.abs(np.asarray(rounded) - np.asarray(node([x]))).mean() / (
        np.ptp(per_tensor.steps[0].quantized.ranges[0]) / 255
    )
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


@pytest.fixture(scope="module")
def per_channel(small_graph, small_job):
    return quantize(small_graph, RECIPES["int8"], small_job.images.calibration, ExportSettings(quant_report=True))


@pytest.fixture(scope="module")
def per_channel_report(per_channel, small_job):
    return report_file("int8", per_channel, small_job.images.verification.images)


def test_logits_that_are_left_out_on_purpose_are_no_error_and_the_unit_stays(
    per_channel_report, per_channel, small_job
):
    report, steps = per_channel_report, [step.quantized for step in per_channel.steps]
    x, logits = normalize(small_job.images.verification.images[:20]), steps[0].graph.logits
    exact = np.asarray(dict(steps[0].graph.walk(x))[logits])
    unit = np.ptp(steps[0].ranges[logits]) / 255
    assert report.logits == report.layers[-1].name
    for step, quantized in zip(report.steps, steps, strict=True):
        low, high = report.logit_ranges[step]
        assert (low, high) == pytest.approx(quantized.ranges[logits], rel=1e-4)
        error = np.abs(np.asarray(dict(quantized.outputs(x))[logits]) - np.clip(exact, low, high)).mean() / unit
        assert report.layers[-1].error_steps[step] == pytest.approx(error, rel=1e-3)
    assert report.logit_ranges[report.steps[-1]][0] > report.logit_ranges[report.steps[0]][0]


def test_the_correction_makes_no_layer_of_this_network_worse_nor_the_probabilities(per_channel_report, report):
    for one in (per_channel_report, report):
        assert one.risen() == []
        assert 0 < one.probability_error["bias correction"] < one.probability_error["nearest rounding"] < 1


def test_the_probabilities_error_is_what_it_says(per_channel_report, per_channel, small_job):
    x, quantized = normalize(small_job.images.verification.images[:20]), per_channel.steps[0].quantized
    exact, rounded = (
        [np.asarray(y) for _, y in pairs][-1] for pairs in (quantized.graph.walk(x), quantized.outputs(x))
    )
    assert exact.sum(1) == pytest.approx(np.ones(20), abs=1e-4)  # the last node is the softmax
    # The file rounds the softmax's output too, by at most half a step of 1/256.
    assert per_channel_report.probability_error["nearest rounding"] == pytest.approx(
        np.abs(rounded - exact).max(1).mean(), abs=0.5 / 256
    )


def test_the_verdict_tells_what_became_of_the_probabilities_and_the_logits(per_channel_report):
    probabilities, logits = verdict_of(per_channel_report)
    assert " after nearest rounding, " in probabilities
    assert probabilities.endswith(" after bias correction.")
    assert logits.startswith(f"{per_channel_report.logits}: the correction leaves out logits below -")
    first, last = per_channel_report.steps[0], per_channel_report.steps[-1]
    cut = replace(per_channel_report, logit_ranges={first: [-2, 18], last: [-2, 8]})
    [_, logits] = verdict_of(cut)
    assert "leaves out logits above 8.0 (they reach up to 18.0), since" in logits
    assert "2.0 times finer" in logits


def worse(report, *, layer=1.0, probability=1.0):
    """The report with the classifier's error and that of the probabilities so many times what they were at first."""
    first, last = report.steps[0], report.steps[-1]
    classifier = report.layers[-1]
    steps = {**classifier.error_steps, last: layer * classifier.error_steps[first]}
    errors = {**report.probability_error, last: probability * report.probability_error[first]}
    layers = [*report.layers[:-1], replace(classifier, error_steps=steps)]
    return replace(report, layers=layers, probability_error=errors)


def test_a_layer_that_got_worse_is_named_with_the_reason_and_what_to_do(per_channel_report):
    harmless = verdict_of(worse(per_channel_report, layer=1.5, probability=0.5))[-1]
    assert f"is larger after bias correction than after nearest rounding at {per_channel_report.logits} (" in harmless
    assert "these 20 are others" in harmless
    assert harmless.endswith("nothing needs to be done.")
    harmful = verdict_of(worse(per_channel_report, layer=1.5, probability=1.5))
    assert "That got worse. Calibrate on more photos" in harmful[0]
    assert sum("--calibration DIR" in sentences for sentences in harmful) == 1
    without_softmax = replace(worse(per_channel_report, layer=1.5), logits=None, logit_ranges={}, probability_error={})
    (only,) = verdict_of(without_softmax)
    assert only.endswith("compare with --correction none.")
    assert only in quant_page("net", [without_softmax])


def test_many_layers_that_got_worse_are_counted(per_channel_report):
    first, last = per_channel_report.steps[0], per_channel_report.steps[-1]
    layers = [replace(x, error_steps={first: 1.0, last: 2.0}) for x in per_channel_report.layers]
    verdict = verdict_of(replace(per_channel_report, layers=layers))[-1]
    assert f"(1.00 to 2.00 steps) and {len(layers) - 5} more." in verdict


def test_names_of_any_length_have_room_beside_the_chart(per_channel_report):
    long, longer = "stage4_block13_depthwise_conv", "a" * 60 + "_the_end_of_it"
    layers = [replace(per_channel_report.layers[0], name=name) for name in (long, longer)]
    page = quant_page("net", [replace(per_channel_report, layers=layers)])
    assert f">{long}</text>" in page
    assert ">aaaaaaaaaaaaaaaaaaa…aaaaaa_the_end_of_it</text>" in page
    assert '<line class="axis" x1="296"' in page  # 40 letters
