import csv
import dataclasses
import io
import json
import re
from typing import get_args, get_type_hints

import click
import pytest
from click.testing import CliRunner

from mobilenet_tf.console import Size
from mobilenet_tf.errors import ResultError
from mobilenet_tf.report.cli import report
from mobilenet_tf.report.page import report_page
from mobilenet_tf.report.text import COLUMNS, csv_report, markdown_report
from mobilenet_tf.results.groups import group_results, read_results
from mobilenet_tf.results.records import SCHEMA_VERSION, Result
from tests.support.commands import ROOT
from tests.support.results_sample import ENVIRONMENT, accuracy_of, grid, sample, write_results

HOSTILE = """</script><script>alert(1)</script><img src=x onerror="alert(2)">'&amp;|`*\n=1+1 %{x} <b>"""
PHONE = dataclasses.replace(ENVIRONMENT, device="phone", cpu="Example SoC")


def run(*arguments):
    return CliRunner().invoke(report, [str(argument) for argument in arguments])


def body_of(page):
    """The page without its scripts and style."""
    return re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)


def figures_of(page):
    data = re.search(r'<script type="application/json" id="charts">(.*?)</script>', page, re.DOTALL)[1]
    return json.loads(data)["figures"]


@pytest.fixture(scope="module")
def page():
    return report_page(grid(), max_latency_ms=3.0)


def test_every_result_is_a_row_and_the_choice_is_marked(page):
    assert len(re.findall(r'<th scope="row"', page)) == 32
    (best,) = re.findall(r'<tr class="best"><th scope="row" class="name" data-value="([^"]+)"', page)
    assert best == "mobilenet_v1_a1.00_r160_int8"
    assert "Most accurate of the 25 (out of 32) within 3 ms" in page


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


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"preprocessing_sha256": "00"}, "same preprocessing rule"),
        ({"accuracy": accuracy_of(0.5, images=80)}, "the same photos (photos, photos)"),
        ({"accuracy": None}, "not measured for 1 of 2"),
        ({"environment": dataclasses.replace(ENVIRONMENT, governor="powersave")}, "governor changed"),
        ({"notes": ["the clock jumped"]}, "the clock jumped"),
    ],
)
def test_what_stands_in_the_way_of_comparing_is_noted(change, note):
    (group,) = group_results([sample("a"), sample("b", **change)])
    assert note in " ".join(group.notes)
    assert group_results([sample("a"), sample("b")])[0].notes == []


def test_results_of_one_name_are_told_apart_by_what_differs():
    other = dataclasses.replace(ENVIRONMENT, time="2026-02-03T00:00:00+00:00")
    results = [sample("m_x"), sample("m_x", threads=4), sample("m_x", threads=4, environment=other), sample("m_y")]
    (group,) = group_results([*results, results[0]])
    assert len(set(group.labels)) == 5
    assert "m_x, 1 thread" in group.labels
    assert "m_x, 4 threads, 2026-02-03T00:00:00+00:00" in group.labels
    assert "m_y" in group.labels
    assert group.prefix == "m_"


def test_a_name_that_all_begin_with_keeps_something_in_the_charts():
    (group,) = group_results([sample("net_"), sample("net_a")])
    assert all(group.short)


def test_markdown_has_one_line_a_result_whatever_its_name():
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


def test_every_column_shows_a_dash_where_nothing_was_measured():
    stages = dataclasses.replace(sample().stages_ms, load=None)
    model = dataclasses.replace(sample().model, mult_adds=None)
    latency = dataclasses.replace(sample().latency_ms, p90=None, p99=None)
    bare = sample(top1=None, peak_memory_bytes=None, stages_ms=stages, model=model, latency_ms=latency)
    assert [c.header for c in COLUMNS if c.text(bare) == "-"] == [
        "top-1",
        "p90, ms",
        "p99, ms",
        "top-5",
        "Mult-Adds, M",
        "memory, MB",
        "load, ms",
    ]


def test_the_command_writes_a_page_and_replaces_it_only_when_told(tmp_path):
    write_results(tmp_path / "results" / "deep", grid()[:4])
    target = tmp_path / "out" / "report.html"
    done = run(tmp_path / "results", "-o", target, "--title", "My phone")
    assert (done.exit_code, done.output) == (0, f"Written: {target}\n")
    assert "<title>My phone</title>" in target.read_text()
    target.write_text("mine")
    again = run(tmp_path / "results", "-o", target)
    assert again.exit_code == 2
    assert "--overwrite" in again.output
    assert target.read_text() == "mine"
    assert run(tmp_path / "results", "-o", target, "--overwrite").exit_code == 0
    assert target.read_text().startswith("<!doctype html>")
    assert [path.name for path in target.parent.iterdir()] == ["report.html"]


def test_markdown_and_csv_go_to_standard_output_or_where_told(tmp_path):
    paths = write_results(tmp_path, grid()[:4])
    markdown = run(*paths, "--markdown")
    assert markdown.output.startswith("## bench-host")
    assert run(*paths, "--csv").output.startswith("name,target,")
    run(*paths, "--markdown", "-o", tmp_path / "table.md")
    assert (tmp_path / "table.md").read_text() == markdown.output


def test_the_limits_choose(tmp_path):
    paths = write_results(tmp_path, grid())
    done = run(*paths, "--csv", "--max-size", "1MB", "--max-latency-ms", "0.5", "--min-accuracy", "0.4")
    (row,) = (row for row in csv.DictReader(io.StringIO(done.output)) if row["choice"] == "1")
    assert row["name"] == "mobilenet_v1_a0.25_r192_int8"


def test_a_file_named_twice_counts_once(tmp_path):
    paths = write_results(tmp_path, grid()[:2])
    assert len(read_results([tmp_path, *paths])) == 2


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: folder.mkdir(), "found none"),
        (lambda _: None, "results: No such file or directory"),
        (lambda folder: write_results(folder, grid()[:1])[0].write_text("{"), "is not JSON"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, make, told):
    make(tmp_path / "results")
    done = run(tmp_path / "results", "-o", tmp_path / "report.html")
    assert done.exit_code == 2
    assert told in done.output
    assert str(tmp_path / "results") in done.output
    assert not (tmp_path / "report.html").exists()


def test_a_page_of_nothing_is_refused():
    with pytest.raises(ResultError):
        report_page([])


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (path,) = write_results(tmp_path, grid()[:1])
    done = run(path, "-o", path / "report.html")
    assert done.exit_code == 2
    assert "cannot write" in done.output


@pytest.mark.parametrize(
    ("text", "size"),
    [("1500000", 1_500_000), ("2MB", 2_000_000), ("2MiB", 2 * 2**20), ("1.5 mb", 1_500_000), ("500kB", 500_000)],
)
def test_a_size_has_a_unit_or_is_in_bytes(text, size):
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "MB", "-1", "2 apples", "1e9", "nan", "9" * 40, "٣MB"])
def test_what_is_no_size_is_refused(text):
    with pytest.raises(click.BadParameter, match="expected bytes"):
        Size().convert(text, None, None)


def fields_of(kind, prefix=""):
    """The dotted path of every field, those of the records in it after it."""
    for name, hint in get_type_hints(kind).items():
        yield f"{prefix}{name}"
        for inner in (hint, *get_args(hint)):
            if dataclasses.is_dataclass(inner):
                yield from fields_of(inner, f"{prefix}{name}.")


def test_the_documented_fields_are_those_of_a_result():
    text = (ROOT / "docs" / "results.md").read_text()
    documented = re.findall(r"^\| `([\w.]+)` \| .+ \|$", text, re.MULTILINE)
    assert documented == list(fields_of(Result))
    assert "latency_ms.p50" in documented
    assert f"`schema_version` is {SCHEMA_VERSION}" in text
