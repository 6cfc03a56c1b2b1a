"""The tables of the docs against the runs that they were printed from, which experiments/measured/ holds."""

import sys

import pytest

from experiments import embeddings, tags
from tests.support.commands import ROOT

MEASURED = ROOT / "experiments" / "measured"
TABLES = {"embeddings": (embeddings, "embeddings.md"), "tags": (tags, "tags.md")}


@pytest.mark.parametrize("name", TABLES)
def test_the_docs_have_the_table_that_the_measured_runs_print(name, monkeypatch, capsys):
    command, page = TABLES[name]
    folders = ["photos", "teacher"] if command is embeddings else ["photos"]  # which --table does not read
    words = [*folders, "--table", "--results", str(MEASURED / f"{name}.jsonl")]
    monkeypatch.setattr(sys, "argv", [name, *words])
    command.main()
    printed = [line for line in capsys.readouterr().out.splitlines() if line]
    assert len(printed) > 3
    shown = (ROOT / "docs" / page).read_text().splitlines()
    assert [line for line in printed if line not in shown] == []


def test_each_file_of_measured_runs_is_checked():
    assert {path.stem for path in MEASURED.iterdir()} == {*TABLES}
