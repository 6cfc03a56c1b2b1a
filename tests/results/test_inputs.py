import pytest

from mobilenet_tf.errors import ResultError
from mobilenet_tf.results.inputs import read_inputs
from tests.support.results_sample import grid, write_results
from tests.support.training_sample import training, write_run


def test_results_and_runs_are_found_in_files_and_folders_each_once(tmp_path):
    run = write_run(tmp_path / "build" / "train" / "run", training("one"))
    other = write_run(tmp_path / "other", training("two"))
    paths = write_results(tmp_path / "build" / "results", grid()[:2])
    found = read_inputs([tmp_path / "build", *paths, run, run / "training.json", other / "training.json"])
    assert (len(found.results), [record.name for record in found.runs]) == (2, ["one", "two"])
    only_runs = read_inputs([tmp_path / "build" / "train"])
    assert (only_runs.results, [record.name for record in only_runs.runs]) == ([], ["one"])


def test_a_run_that_is_being_written_is_left_out(tmp_path):
    write_run(tmp_path / "run", training("one"))
    write_run(tmp_path / ".run.abc.tmp", training("two"))
    assert [record.name for record in read_inputs([tmp_path]).runs] == ["one"]


def test_a_run_of_an_earlier_version_is_named(tmp_path):
    (tmp_path / "history.csv").touch()
    with pytest.raises(ResultError, match=r"expected training.json in the training run .*an earlier version"):
        read_inputs([tmp_path])


def test_an_empty_folder_beside_full_ones_is_named(tmp_path):
    run = write_run(tmp_path / "run", training())
    (tmp_path / "empty").mkdir()
    with pytest.raises(ResultError, match=f"there are none under {tmp_path}/empty"):
        read_inputs([run, tmp_path / "empty"])
    with pytest.raises(ResultError, match=f"{tmp_path}/nothing does not exist"):
        read_inputs([run, tmp_path / "nothing"])


def test_a_damaged_record_is_named(tmp_path):
    run = write_run(tmp_path / "run", training())
    (run / "training.json").write_text("{}")
    with pytest.raises(ResultError, match=f"{run}/training.json"):
        read_inputs([run])
