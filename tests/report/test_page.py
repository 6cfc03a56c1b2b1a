import dataclasses
import json
import re

import pytest

from mobilenet_tf.errors import ResultError
from mobilenet_tf.report.page import report_page
from tests.support.report_page import HOSTILE, body_of, figures_of
from tests.support.results_sample import ENVIRONMENT, grid, sample

PHONE = dataclasses.replace(ENVIRONMENT, device="phone", cpu="Example SoC")


@pytest.fixture(scope="module")
def page():
    return report_page(grid(), max_latency_ms=3.0)


def test_every_result_is_a_row_and_the_choice_is_marked(page):
    table = page.partition('aria-label="Table of results"')[2].partition("</table>")[0]
    assert len(re.findall(r'<th scope="row"', table)) == 32
    (best,) = re.findall(r'<tr class="best"><th scope="row" class="name" data-value="([^"]+)"', page)
    assert best == "mobilenet_v1_a1.00_r160_int8"
    assert " is the most accurate of the 25 models (out of 32) within 3 ms: " in page


def test_nothing_is_fetched(page):
    assert "default-src 'none'" in page
    assert not re.findall(r"<(?:link|img|iframe|script src)", body_of(page))


def test_hostile_text_stays_text():
    environment = dataclasses.replace(ENVIRONMENT, device=HOSTILE, versions={HOSTILE: HOSTILE}, time=HOSTILE)
    layers = [dataclasses.replace(layer, name=HOSTILE) for layer in grid()[1].quantization[:1]]
    model = dataclasses.replace(sample().model, recipe=HOSTILE)
    hostile = sample(HOSTILE, notes=[HOSTILE], environment=environment, quantization=layers, model=model)
    page = report_page([hostile, dataclasses.replace(hostile, backend=HOSTILE)], title=HOSTILE)
    assert "<img" not in body_of(page)
    assert "alert" in body_of(page)
    assert page.count("<script") == 3  # the data, plotly, ours
    assert "<img src=x" not in json.dumps(figures_of(page))  # plotly reads tags in names


def test_devices_are_kept_apart_each_with_its_own_choice():
    here, there = sample(p50=1.0), sample(p50=9.0, environment=PHONE, target="adb:0123")
    page = report_page([here, there], max_latency_ms=5.0)
    assert re.findall(r"<h2 [^>]*>(.*?)</h2>", page) == [
        "bench-host (Example CPU @ 2.0 GHz)",
        "phone (Example SoC, adb:0123)",
    ]
    assert page.count('<tr class="best">') == 1
    assert "No model fits: 5 ms excludes 1 of 1" in page


def test_a_page_of_nothing_is_refused():
    with pytest.raises(ResultError):
        report_page([])


def test_notes_stand_by_the_figures_of_their_models_and_in_the_choice():
    notes = ["120 of the 240 photos were trained on: <b>the top-1 is too high."]
    page = body_of(report_page([sample("a", notes=notes), sample("b", p50=2.0), sample("c", p50=3.0, notes=notes)]))
    escaped = "120 of the 240 photos were trained on: &lt;b&gt;the top-1 is too high."
    assert f'<li id="note-0-1">[1] a, c: {escaped}</li>' in page
    assert page.count(f'<a class="mark" href="#note-0-1" title="{escaped}">[1]</a></th>') == 2
    assert f"Note: {escaped}</div>" in page


@pytest.mark.parametrize(("classes", "shown"), [(6, False), (10, True)])
def test_top5_of_fewer_than_ten_classes_has_no_column(classes, shown):
    model = dataclasses.replace(sample().model, classes=classes)
    page = report_page([sample("a", model=model), sample("b", model=model)])
    assert (">top-5<" in page) is shown
    assert ">95% interval<" in page


def test_the_interval_is_a_column_that_sorts_by_its_lower_end():
    page = report_page([sample("a", top1=0.6)])
    assert re.search(r'<td class="number" data-value="0\.556\d+">55\.6% to 64\.2%</td>', page)


def in_doubt(name, doubt, **changes):
    result = sample(name, **changes)
    return dataclasses.replace(result, accuracy=dataclasses.replace(result.accuracy, doubts=[doubt]))


def test_a_doubt_about_an_accuracy_stands_behind_it_and_in_the_choice_and_its_point_is_hollow():
    doubt = "the model was trained on 120 of these photos"
    page = report_page([in_doubt("a", doubt, notes=[doubt, "hot"]), sample("b", p50=2.0)])
    table = body_of(page)
    mark = f'<a class="mark" href="#note-0-1" title="{doubt}">[1]</a>'
    assert f">60.0% {mark}</td>" in table
    assert table.count(mark) == 1
    assert f"Its accuracy is in doubt: see the note on it. No limit was given.<br>Note: {doubt}<br>Note: hot" in table
    (points,) = (trace for trace in figures_of(page)[0]["data"] if "error_y" in trace)
    assert points["marker"]["symbol"] == ["circle-open", "circle"]
    assert "a hollow point is in doubt" in page
