import dataclasses
import json
import re

import pytest

from mobilenet_tf.benchmark.accuracy_notes import accuracy_photos_text, left_out_error
from mobilenet_tf.benchmark.printing import NO_PREDICTION, print_results
from tests.support.results_sample import accuracy_of, grid, sample

NO_LIMITS = {"max_latency_ms": None, "max_size": None, "min_accuracy": None}


def test_a_prediction_that_cannot_be_made_is_said_if_it_was_asked_for(capsys):
    assert print_results([sample()], NO_LIMITS, predict=True, as_json=False)
    assert NO_PREDICTION in capsys.readouterr().out
    assert print_results([sample()], NO_LIMITS | {"max_latency_ms": 5.0}, predict=False, as_json=False)
    assert NO_PREDICTION not in capsys.readouterr().out


def test_a_latency_limit_predicts_too(capsys):
    print_results(grid()[:10], NO_LIMITS | {"max_latency_ms": 5.0}, predict=False, as_json=False)
    assert "not measured" in capsys.readouterr().out


@pytest.fixture
def printed(capsys):
    """A function: results -> (the headers of the table, all lines), as the command prints them."""

    def lines_of(*results):
        print_results(results, NO_LIMITS, predict=False, as_json=False)
        lines = capsys.readouterr().out.splitlines()
        return re.split("  +", lines[0]), lines

    return lines_of


def without_top5(result):
    return dataclasses.replace(result, accuracy=dataclasses.replace(result.accuracy, top5=None))


def test_the_table_of_usual_names_fits_80_columns(printed):
    name = "mobilenet_v1_a0.25_r160_float32x"  # of 32 letters
    doubtful = sample(top1=0.7)
    doubtful = dataclasses.replace(doubtful, accuracy=dataclasses.replace(doubtful.accuracy, doubts=["It is old."]))
    headers, lines = printed(sample(name, p50=123.4, top1=1.0, size=16_900_000), doubtful)
    assert headers == ["model", "p50 ms", "p90 ms", "MB", "top-1", "95 %", "top-5"]
    assert lines[2] == f"{name}  123.40  129.57  16.9    100%   99.2-100   100%"
    assert lines[3] == "mobilenet_v1_a0.50_r160_int8        1.00    1.05  1.50  70.0%*  65.8-73.9  90.0%"
    assert max(map(len, lines[:4])) <= 80


def test_the_line_below_the_table_says_how_many_threads_all_had(printed):
    assert printed(sample(), sample())[1][-2].startswith("One inference on one thread of Example CPU")
    assert printed(sample(threads=4))[1][-2].startswith("One inference on 4 threads of Example CPU")
    headers, lines = printed(sample(threads=1), sample(threads=2))
    assert "threads" in headers
    assert lines[-2].startswith("One inference on Example CPU")


def test_columns_that_say_nothing_are_left_out(printed):
    without_p90 = dataclasses.replace(sample().latency_ms, p90=None)
    assert printed(sample(top1=None, latency_ms=without_p90))[0] == ["model", "p50 ms", "MB"]
    assert printed(without_top5(sample()))[0] == ["model", "p50 ms", "p90 ms", "MB", "top-1", "95 %"]
    headers, lines = printed(sample("a", top1=None), sample("b"))
    assert headers == ["model", "p50 ms", "p90 ms", "MB", "top-1", "95 %", "top-5"]
    assert lines[2].split()[4:] == ["-", "-", "-"]


@pytest.mark.parametrize(("share", "shown"), [("whole", False), ("part", False), ("none", True), ("unknown", True)])
def test_the_share_of_xnnpack_is_shown_if_it_is_unusual(printed, share, shown):
    headers, lines = printed(sample("a"), sample("b", xnnpack=share))
    assert ("XNNPACK" in headers) == shown
    assert any(line.endswith(f"  {share}") for line in lines[2:4]) == shown


def test_the_json_document_has_every_field_whatever_the_table_shows(capsys):
    print_results([without_top5(sample())], NO_LIMITS, predict=False, as_json=True)
    (document,) = json.loads(capsys.readouterr().out)
    assert (document["threads"], document["xnnpack"], document["top5"]) == (1, "whole", None)


def test_of_many_folders_that_are_no_class_the_first_are_named():
    accuracy = dataclasses.replace(accuracy_of(0.5, images=10), seen=20, unmatched_folders=["a", "b", "c", "d", "e"])
    assert "folders 'a', 'b', 'c' and 2 more are no class of the model" in str(left_out_error(accuracy))


def with_accuracy(name, **changes):
    result = sample(name)
    return dataclasses.replace(result, accuracy=dataclasses.replace(result.accuracy, **changes))


def test_different_photos_of_one_folder_are_not_told_in_one_line(capsys):
    """Two trainings of one folder with different seeds leave as many photos out, but not the same ones."""
    counts = {"images": 24, "seen": 120, "trained_left_out": 96, "folder": "flowers"}
    results = [with_accuracy(name, images_sha256=name, **counts) for name in ("first", "second")]
    print_results(results, NO_LIMITS, predict=False, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    line = f"Accuracy on {accuracy_photos_text(results[0].accuracy)}."
    assert line.startswith("Accuracy on 24 of the 120 photos in flowers")
    assert [text for text in lines if "Accuracy on" in text] == [f"first: {line}", f"second: {line}"]


def test_a_remark_stands_once_below_the_table_and_no_star_beside_the_figures(capsys):
    results = [with_accuracy(name, remarks=["A remark."]) for name in ("float32", "int8")]
    print_results(results, NO_LIMITS, predict=False, as_json=False)
    out = capsys.readouterr().out
    assert out.splitlines().count("A remark.") == 1
    assert "*" not in out
