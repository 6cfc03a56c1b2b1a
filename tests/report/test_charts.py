import dataclasses
import math
import re

import pytest

from mobilenet_tf.report.page import report_page
from tests.support.report_page import figures_of
from tests.support.results_sample import accuracy_of, grid, sample


@pytest.fixture(scope="module")
def page():
    return report_page(grid(), max_latency_ms=3.0)


def test_all_charts_are_there_and_explained(page):
    titles = re.findall(r"<figure><h3>(.*?)</h3><figcaption>(.{80,}?)</figcaption>", page)
    assert [title for title, _ in titles] == [
        "Accuracy against latency",
        "Size of the file",
        "Time for each stage",
        "Spread of the latency",
        "Under sustained load",
        "Quantization error of each layer",
    ]
    answers = page.count("<h4>Calibration of confidence</h4>")  # of the models whose answers are shown
    assert len(figures_of(page)) == len(titles) + answers == 10


def test_the_front_of_the_chart_is_that_of_the_table(page):
    (front,) = (trace for trace in figures_of(page)[0]["data"] if trace["name"] == "Pareto front")
    assert len(front["x"]) == page.count('data-value="1">yes')
    assert front["x"] == sorted(front["x"])


def test_charts_of_what_was_not_measured_are_left_out():
    bare = sample(top1=None, sustained=[])
    page = report_page([bare])
    titles = re.findall(r"<figure><h3>(.*?)</h3>", page)
    assert titles == ["Size of the file", "Time for each stage", "Spread of the latency"]
    assert "no accuracy was measured" in page


def test_the_spread_without_single_runs_is_up_to_the_median():
    bare = dataclasses.replace(sample().latency_ms, p90=None, p99=None, samples=[])
    figures = figures_of(report_page([sample(latency_ms=bare)]))
    (box,) = (trace for figure in figures for trace in figure["data"] if trace["type"] == "box")
    assert (box["lowerfence"], box["q1"], box["q3"], box["upperfence"]) == ([bare.min], *([[bare.p50]] * 3))


def tradeoff(*results, **limits):
    """The layout of the first chart, its traces by their names, and its caption."""
    page = report_page(results, **limits)
    figure = figures_of(page)[0]
    caption = re.search(r"<figure><h3>Accuracy against latency.*?</h3><figcaption>(.*?)</figcaption>", page)[1]
    return figure["layout"], {trace["name"]: trace for trace in figure["data"]}, caption


def on_photos(name, top1, images=240, **changes):
    return sample(name, accuracy=accuracy_of(top1, images), **changes)


def test_each_point_has_the_interval_of_its_top1():
    _, traces, caption = tradeoff(on_photos("net_int8", 0.882))
    stroke = traces["int8"]["error_y"]
    top1 = traces["int8"]["y"][0]
    assert top1 - stroke["arrayminus"][0] == pytest.approx(0.835, abs=0.0005)
    assert top1 + stroke["array"][0] == pytest.approx(0.917, abs=0.0005)
    assert "95% interval" in caption


@pytest.mark.parametrize("images", [1, 20, 240, 50_000, 10**9])
@pytest.mark.parametrize("share", [0.0, 0.882, 1.0])
def test_models_of_equal_accuracy_have_an_axis_on_which_ticks_differ(images, share):
    equal = dataclasses.replace(accuracy_of(0.5, 500), images=images, top1=share, answers="")
    layout, _, _ = tradeoff(sample("a", accuracy=equal), sample("b", p50=2.0, accuracy=equal))
    low, high = layout["yaxis"]["range"]
    assert low < share < high
    assert 0.02 <= high - low < 1.1
    stops = layout["yaxis"]["tickformatstops"]
    for step in (0.00005, 0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1):
        (form, *_) = (
            stop["value"]
            for stop in stops
            if (stop["dtickrange"][0] or 0) <= step <= (stop["dtickrange"][1] or math.inf)
        )
        assert format(0.88, form) != format(0.88 + step, form)


@pytest.mark.parametrize("limit", [0.01, 0.9, 1.0, 1.4, 4.0, 10.0, 1000.0])
def test_the_axis_of_latency_fits_the_models_whatever_the_limit(limit):
    layout, traces, caption = tradeoff(sample("a", p50=0.5), sample("b", p50=1.0), max_latency_ms=limit)
    assert layout["xaxis"]["range"][0] == 0
    assert 1.0 < layout["xaxis"]["range"][1] < 1.6
    drawn = f"limit: {limit:g} ms" in traces
    assert drawn is (limit < 1.5)
    assert drawn or f"The limit of {limit:g} ms is to the right of the chart." in caption


def test_a_limit_of_accuracy_far_away_does_not_stretch_the_axis():
    layout, traces, caption = tradeoff(on_photos("a", 0.9), on_photos("b", 0.88, p50=2.0), min_accuracy=0.1)
    assert layout["yaxis"]["range"][0] > 0.8
    assert "limit: 10.0%" not in traces
    assert "The limit of 10.0% is below the chart." in caption
    assert "above the chart" in tradeoff(on_photos("a", 0.5), min_accuracy=0.99)[2]
    assert tradeoff(on_photos("a", 0.9), min_accuracy=0.9)[1]["limit: 90.0%"]["y"] == [0.9, 0.9]


@pytest.mark.parametrize(
    ("times", "ticks"),
    [
        ((1.0, 2.0, 4.9), None),
        ((0.09, 0.78), [0.1, 0.2, 0.5]),
        ((0.05, 51.2), [0.1, 1, 10]),
        ((0.9, 95.0), [1, 3, 10, 30]),
        ((1e-6, 1e6), [1e-6, 1e-3, 1, 1e3, 1e6]),
        ((0.0, 1.0), None),
    ],
)
def test_the_axis_of_latency_is_logarithmic_if_fast_models_would_be_squeezed(times, ticks):
    layout, _, caption = tradeoff(*(sample(f"net{n}", p50=time) for n, time in enumerate(times)))
    if ticks is None:
        assert (layout["xaxis"].get("type"), layout["xaxis"]["range"][0]) == (None, 0)
        return
    assert layout["xaxis"]["type"] == "log"
    assert layout["xaxis"]["tickvals"] == pytest.approx(ticks)
    low, high = layout["xaxis"]["range"]
    assert 10**low < min(times) <= max(times) < 10**high
    assert "Equal distances are equal ratios" in caption


def test_a_chart_for_each_set_of_photos():
    here, there = on_photos("a", 0.7, 300), on_photos("b", 0.9, 200)
    page = report_page([here, there, on_photos("c", 0.75, 300, p50=2.0)])
    titles = re.findall(r"<h3>(Accuracy against.*?)</h3>", page)
    assert titles == [f"Accuracy against latency, on {images} photos of photos" for images in (300, 200)]
    for figure, count in zip(figures_of(page)[:2], (2, 1), strict=True):
        assert sum(len(trace["x"]) for trace in figure["data"] if "error_y" in trace) == count


def test_one_model_alone_has_no_front():
    _, traces, caption = tradeoff(sample("net_int8"))
    assert set(traces) == {"int8", "choice: net_int8"}
    assert "front" not in caption


def test_long_names_keep_what_tells_them_apart():
    names = [f"mobilenet_v1_a{alpha}_r160_float32" for alpha in ("0.25", "0.50")]
    figures = figures_of(report_page([sample(name) for name in [*names, "effnet_a2.00_r32_int8"]]))
    ticks = figures[1]["layout"]["yaxis"]["ticktext"]
    assert [tick.endswith(f"{name[12:]}") for tick, name in zip(ticks[1:], names, strict=True)] == [True, True]
