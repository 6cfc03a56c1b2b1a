"""A short run of `make chaos`, and its checks, which must see what they are for."""

import json
import re
import sys
import zipfile

import numpy as np
import pytest

from experiments.chaos_checks import broken_files, left_over, mixed_runs, same_state, without_model
from tests.support.commands import ROOT, run_process

SPLIT = {"train": ["a"], "validation": ["b"]}


@pytest.mark.slow
def test_of_every_command_killed_and_started_twice_nothing_is_lost_mixed_or_left_over():
    """Each is a real process; the moments and signals follow from the seed. `make chaos` has many more."""
    sizes = ("--kills", "4", "--pairs", "9", "--troubles", "0", "--in-a-row", "1", "--seed", "7")
    done = run_process(sys.executable, "-m", "experiments.chaos", *sizes, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr[-3000:]
    row = next(line for line in done.stdout.splitlines() if line.startswith("all "))
    kills, *_, pairs, troubles, wrong = map(int, re.findall(r"\d+", row))
    assert kills >= 3  # of 4: some commands may come to their end too soon again and again
    assert (pairs, troubles, wrong) == (9, 0, 0)


def run_in(folder, *, split=SPLIT, labels="cat\ndog\n"):
    folder.mkdir()
    (folder / "labels.txt").write_text(labels)
    (folder / "run.json").write_text(json.dumps({"classes": 2}))
    (folder / "split.json").write_text(json.dumps(SPLIT))
    with zipfile.ZipFile(folder / "best.keras", "w") as archive:
        archive.writestr("split.json", json.dumps(split))
    np.savez(folder / "state.npz", v0=np.arange(3))
    return folder


def test_a_whole_run_has_nothing_wrong(tmp_path):
    folder = run_in(tmp_path / "run")
    assert broken_files(tmp_path) == mixed_runs(tmp_path) == without_model(tmp_path) == left_over(tmp_path) == []
    assert same_state(folder, folder) == []


@pytest.mark.parametrize("name", ["best.keras", "state.npz", "run.json", "a.result.json", "page.html", "curves.png"])
def test_a_file_that_is_cut_is_seen(tmp_path, name):
    path = run_in(tmp_path / "run") / name
    content = path.read_bytes() if path.exists() else b"{<html>\x89PNG"
    path.write_bytes(content[: len(content) // 2])
    (problem,) = broken_files(tmp_path)
    assert problem.startswith(f"{name} is broken: ")
    path.rename(path.with_name(f".partial.01234567.{name}"))
    assert broken_files(tmp_path) == []
    assert left_over(tmp_path) == [f"left over: run/.partial.01234567.{name}"]


@pytest.mark.parametrize("wrong", [{"split": {"train": ["c"], "validation": ["b"]}}, {"labels": "cat\n"}])
def test_a_model_beside_the_files_of_another_run_is_seen(tmp_path, wrong):
    run_in(tmp_path / ".run.earlier", **wrong)
    assert len(mixed_runs(tmp_path)) == 1


def test_a_run_that_is_lost_and_one_that_went_another_way_are_seen(tmp_path):
    folder = run_in(tmp_path / "run")
    other = run_in(tmp_path / "other")
    np.savez(other / "state.npz", v0=np.arange(3) + 1e-9)
    assert len(same_state(folder, other)) == 1
    for model in tmp_path.glob("*/best.keras"):
        model.unlink()
    assert len(without_model(tmp_path)) == 1
