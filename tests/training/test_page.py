import os

import pytest

from mobilenet_tf.errors import CheckError
from mobilenet_tf.training.page import page_left, remove_page
from tests.support.training_sample import training, write_run


@pytest.fixture
def notes():
    return []


@pytest.mark.parametrize("error", [None, CheckError, KeyboardInterrupt])
def test_a_run_leaves_its_page_however_it_ends(tmp_path, notes, error):
    folder = tmp_path / "run"
    try:
        with page_left(folder, notes.append):
            write_run(folder, training(history=training().history[:3]))
            if error:
                raise error
    except (CheckError, KeyboardInterrupt):
        assert error
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "<title>Training of mobilenet_v1_a0.25_r128_flowers</title>" in page
    assert "3 of 4 epochs are done" in page
    assert notes == []


def test_without_an_epoch_and_on_other_workers_there_is_no_page(tmp_path, notes):
    with page_left(tmp_path / "none", notes.append):
        pass
    with page_left(tmp_path / "run", notes.append, writes=False):
        write_run(tmp_path / "run", training())
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "training.json"]
    assert notes == []


def test_a_page_that_cannot_be_written_is_said_and_ends_nothing(tmp_path, notes):
    with page_left(tmp_path / "run", notes.append):
        write_run(tmp_path / "run", training())
        (tmp_path / "run" / "report.html").mkdir()
    (note,) = notes
    assert note == (
        f"{tmp_path}/run/report.html is not written: Is a directory.\n"
        f"The model is not affected. To try again: mobilenet-report {tmp_path}/run"
    )
    (tmp_path / "run" / "training.json").write_text("{")
    with page_left(tmp_path / "run", notes.append):
        pass
    assert "training.json is not JSON" in notes[1]


def test_a_page_of_before_is_removed(tmp_path):
    (tmp_path / "report.html").write_text("old")
    for _ in range(2):
        remove_page(tmp_path)
    assert os.listdir(tmp_path) == []
    (tmp_path / "report.html").mkdir()
    remove_page(tmp_path)  # the end of the run says it


@pytest.mark.parametrize("error", [CheckError, KeyboardInterrupt])
def test_the_page_of_a_run_that_could_not_go_on_stays_as_it_was(tmp_path, notes, error):
    """A resume that is refused, or an earlier run that comes back: nothing in the folder changes."""
    write_run(tmp_path / "run", training())
    with pytest.raises(error), page_left(tmp_path / "run", notes.append):
        raise error
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["training.json"]
    with page_left(tmp_path / "run", notes.append):
        pass  # a finished run, resumed
    assert (tmp_path / "run" / "report.html").is_file()
