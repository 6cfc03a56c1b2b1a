import dataclasses
import re

import pytest

from mobilenet_tf.report.page import report_page
from tests.support.report_page import figures_of
from tests.support.results_sample import grid, sample


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
    assert len(figures_of(page)) == len(titles)


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
