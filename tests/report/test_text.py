import csv
import dataclasses
import io
import re

import pytest

from mobilenet_tf.report.text import COLUMNS, csv_report, markdown_report
from tests.support.report_page import HOSTILE
from tests.support.results_sample import grid, sample


def test_markdown_has_one_line_for_each_result_whatever_its_name():
    lines = markdown_report([sample(top1=0.7), sample(HOSTILE)]).splitlines()
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == 4  # header, rule, two results
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1
    assert sum(row.startswith("| **`mobilenet_v1_a0.50_r160_int8`** |") for row in rows) == 1


def test_csv_gives_the_numbers_unrounded():
    results = grid()
    rows = list(csv.DictReader(io.StringIO(csv_report(results))))
    by_name = {row["name"]: row for row in rows}
    assert len(by_name) == len(results)
    for result in results:
        row = by_name[result.name]
        assert (float(row["p50_ms"]), float(row["top1"])) == (result.latency_ms.p50, result.top1)
        assert int(row["size_bytes"]) == result.size_bytes
    assert sum(int(row["choice"]) for row in rows) == 1


def test_csv_runs_no_formula_and_leaves_what_was_not_measured_empty():
    (row,) = csv.DictReader(io.StringIO(csv_report([sample("=cmd()", top1=None, peak_memory_bytes=None)])))
    assert row["name"] == "'=cmd()"
    assert (row["top1"], row["peak_memory_bytes"]) == ("", "")


def test_every_column_shows_a_dash_if_nothing_was_measured():
    stages = dataclasses.replace(sample().stages_ms, load=None)
    model = dataclasses.replace(sample().model, mult_adds=None)
    latency = dataclasses.replace(sample().latency_ms, p90=None, p99=None)
    bare = sample(top1=None, peak_memory_bytes=None, stages_ms=stages, model=model, latency_ms=latency)
    assert [c.header for c in COLUMNS if c.text(bare) == "-"] == [
        "top-1",
        "95% interval",
        "balanced",
        "photos",
        "AP50",
        "mAP",
        "mean AP",
        "recall@1",
        "verification",
        "p90, ms",
        "p99, ms",
        "top-5",
        "Mult-Adds, M",
        "memory, MB",
        "load, ms",
    ]


def test_markdown_numbers_the_notes_and_marks_their_models():
    text = markdown_report([sample("a", notes=["hot | trained on"]), sample("b", p50=2.0)])
    assert r"| **`a`** \[1\] |" in text
    assert r"- \[1\] a: hot \| trained on" in text
    assert "| `b` |" in text


def test_markdown_marks_a_doubt_behind_the_accuracy():
    result = sample("a")
    doubtful = dataclasses.replace(result.accuracy, doubts=["trained on"])
    text = markdown_report([dataclasses.replace(result, accuracy=doubtful, notes=["hot"])])
    assert r"| **`a`** \[2\] | 1.00 | 60.0% \[1\] |" in text
    assert r"- \[1\] a: trained on" in text


def test_csv_has_the_interval_and_the_notes():
    (row,) = csv.DictReader(io.StringIO(csv_report([sample(top1=0.6, notes=["one.", "two."])])))
    assert 0.55 < float(row["top1_low"]) < 0.6 < float(row["top1_high"]) < 0.65
    assert row["notes"] == "one. two."


@pytest.mark.parametrize(("rare", "shown"), [(5, True), (30, False)])
def test_balanced_accuracy_is_a_column_if_it_differs_from_top_1(rare, shown):
    """Of the 450 photos of one class 60 % are right; of the 50 of the other `rare`."""
    confusion = [[0, 0, 270], [0, 1, 180], [1, 0, 50 - rare], [1, 1, rare]]
    top1 = (270 + rare) / 500
    accuracy = dataclasses.replace(sample().accuracy, top1=top1, confusion=confusion)
    result = sample("a", accuracy=accuracy)
    balanced = (0.6 + rare / 50) / 2
    text = markdown_report([result, sample("b", top1=None)])
    assert ("| balanced |" in text) is shown
    assert text.count(f"| {balanced:.1%} |") == 1  # if it is not shown, it is top-1
    (row,) = csv.DictReader(io.StringIO(csv_report([result])))
    assert float(row["balanced_accuracy"]) == pytest.approx(balanced)


def test_no_column_is_about_an_accuracy_that_was_not_measured():
    text = markdown_report([sample(top1=None)])
    assert "95% interval" not in text
    assert "top-5" not in text


def test_signs_that_no_line_can_hold_are_escaped_as_in_every_table():
    result = sample("a", notes=["two\nlines of caf\udce9"])
    assert r"two\nlines of caf\xe9" in csv_report([result])
    assert r"two\\nlines of caf\\xe9" in markdown_report([result])
