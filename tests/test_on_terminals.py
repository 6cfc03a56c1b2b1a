"""The commands on terminals of several widths: nothing scrolls that should stay on its line, and all is readable."""

import re

import pytest

from tests.support.commands import ROOT
from tests.support.terminal import ESCAPE, run_on_terminal

CIFAR10 = ROOT / "mobilenet_tf" / "assets" / "cifar10"
MOST_LINES = 40  # of any of these commands, notes included


def lines_that_stay(done):
    """Those that a person sees in the end, after a check that all others stayed on one line."""
    written = ESCAPE.sub("", re.sub(r"[^\n]*\x1b\[K", "", done.text)).split("\n")
    to_be_copied = [line for line in written if line.startswith(("Written: ", "Open: ", "Next: "))]
    assert [line for line in written if len(line) > done.columns and line not in to_be_copied] == []
    assert max(len(update) for update in done.updates if update not in to_be_copied) <= done.columns
    assert len(done.screen) <= MOST_LINES
    return written


@pytest.mark.slow
def test_an_export_fits_the_terminal(tmp_path):
    done = run_on_terminal("mobilenet-export", "--alpha", "0.25", "--res", "96", "--output-dir", tmp_path, columns=60)
    assert done.exit_status == 0
    lines = lines_that_stay(done)
    assert any(line.startswith("int8 ") for line in lines)
    assert any(update.startswith("loading TensorFlow") for update in done.updates)
    assert any(update.startswith("[") and "int8: verify" in update for update in done.updates)


@pytest.mark.slow
def test_a_training_fits_the_terminal(tmp_path):
    arguments = ["--alpha", "0.25", "--res", "96", "--epochs", "1", "--output-dir", tmp_path]
    done = run_on_terminal("mobilenet-train", CIFAR10, *arguments, columns=80)
    assert done.exit_status == 0
    lines = lines_that_stay(done)
    assert any(line.startswith("best.keras is of epoch 1: top-1 ") for line in lines)
    assert any(re.fullmatch(r"epoch 1/1 loss \d\.\d{3} top-1 \d+\.\d% \d+ images/s", line) for line in lines)
    assert any(update.startswith("loading TensorFlow") for update in done.updates)
    assert any(update.startswith("[") and "images/s" in update for update in done.updates)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_benchmark_fits_the_terminal(tmp_path, exported, columns):
    arguments = ["--runs", "20", "--min-seconds", "0.5", "--output-dir", tmp_path]
    done = run_on_terminal("mobilenet-benchmark", exported[0], *arguments, columns=columns)
    assert done.exit_status == 0
    lines = lines_that_stay(done)
    assert any(line.startswith("mobilenet_v1_a0.25_r96_int8") for line in lines)
    assert any(update.startswith("[") and "measuring latency" in update for update in done.updates)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [60, 80])
def test_photos_that_are_classified_fit_the_terminal(exported, columns):
    photos = [ROOT / "mobilenet_tf" / "assets" / "photos" / f"{name}.jpg" for name in ("duck", "statue_of_liberty")]
    model = exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite"
    done = run_on_terminal("mobilenet-classify", model, *photos, "--top", "5", columns=columns)
    assert done.exit_status == 0
    lines = lines_that_stay(done)
    assert [line.split()[0] for line in lines[1:] if line and line[0] != " "] == [photo.name for photo in photos]


def test_an_error_is_broken_between_words(tmp_path):
    (tmp_path / "model.tflite").write_bytes(b"not a model")
    done = run_on_terminal("mobilenet-classify", "model.tflite", cwd=tmp_path, columns=60)
    assert done.exit_status == 2
    assert " ".join(lines_that_stay(done)).startswith("Error: ")
