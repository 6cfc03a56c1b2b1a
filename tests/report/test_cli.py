import csv
import io
import os

import pytest
from click.testing import CliRunner

from mobilenet_tf.report.cli import report
from tests.support.results_sample import grid, write_results
from tests.support.training_sample import training, write_run


def run(*arguments):
    return CliRunner().invoke(report, [str(argument) for argument in arguments])


def test_the_command_writes_a_page_and_replaces_it_only_with_overwrite(tmp_path):
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


def test_markdown_and_csv_go_to_standard_output_or_to_a_file(tmp_path):
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


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda folder: folder.mkdir(), "there are none"),
        (lambda _: None, "results does not exist.\nMeasure with mobilenet-benchmark first"),
        (lambda folder: write_results(folder, grid()[:1])[0].write_text("{"), "is not JSON"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, make, message):
    make(tmp_path / "results")
    done = run(tmp_path / "results", "-o", tmp_path / "report.html")
    assert done.exit_code == 2
    assert message in done.output
    assert str(tmp_path / "results") in done.output
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("name", "what"),
    [("net.tflite", "is a model"), ("report.html", "is a page"), ("manifest.json", "is another JSON file")],
)
def test_another_kind_of_file_is_named(tmp_path, name, what):
    (tmp_path / name).write_bytes(b"\xff\x00")
    done = run(tmp_path / name, "--csv")
    assert (done.exit_code, what in done.output, "mobilenet-benchmark" in done.output) == (2, True, True)


def test_the_next_run_replaces_the_default_page_of_the_one_before_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_results(tmp_path / "results", grid()[:2])
    page = tmp_path / "build" / "report.html"
    assert run("results", "--title", "one").exit_code == 0
    again = run("results", "--title", "two")
    assert (again.exit_code, again.output) == (0, "Written: build/report.html\n")
    assert "<title>two</title>" in page.read_text()
    kept = run("results", "-o", "build/report.html")
    assert (kept.exit_code, "--overwrite" in kept.output) == (2, True)
    page.write_text("<!doctype html><html><head><title>mine</title>")
    refused = run("results")
    assert refused.exit_code == 2
    assert "is no page of mobilenet-report" in refused.output
    assert "mine" in page.read_text()
    assert run("results", "--overwrite").exit_code == 0


def test_a_folder_at_the_default_place_is_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_results(tmp_path / "results", grid()[:2])
    (tmp_path / "build" / "report.html").mkdir(parents=True)
    assert run("results").exit_code == 2
    assert list((tmp_path / "build" / "report.html").iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (path,) = write_results(tmp_path, grid()[:1])
    done = run(path, "-o", path / "report.html")
    assert done.exit_code == 2
    assert "cannot write" in done.output


def test_names_that_are_not_utf8_are_read_and_printed_escaped(tmp_path):
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    write_results(folder, grid()[:2])
    done = run(folder, "-o", folder / "report.html", "--title", os.fsdecode(b"caf\xe9"))
    assert (done.exit_code, done.output) == (0, f"Written: {tmp_path}/caf\\xe9/report.html\n")
    assert (folder / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_runs_are_a_page_and_neither_markdown_nor_csv(tmp_path):
    runs = [write_run(tmp_path / name, training(name)) for name in ("one", "two")]
    done = run(*runs, "-o", tmp_path / "report.html")
    assert (done.exit_code, done.output) == (0, f"Written: {tmp_path}/report.html\n")
    assert "Comparison of 2 runs" in (tmp_path / "report.html").read_text(encoding="utf-8")
    for form in ("markdown", "csv"):
        refused = run(*runs, f"--{form}")
        assert refused.exit_code == 2
        assert f"--{form} is for benchmark results; got only the training run one." in refused.output


def test_markdown_of_a_folder_that_holds_results_and_runs_leaves_the_runs_out_and_says_so(tmp_path):
    write_results(tmp_path / "results", grid()[:2])
    write_run(tmp_path / "train" / "run", training())
    done = run(tmp_path, "--markdown")
    assert done.exit_code == 0
    assert done.stdout.startswith("## bench-host")
    assert done.stderr == "Note: --markdown leaves out the 1 training run(s): only the page shows them.\n"
