"""What no command may lose: a run that is to be resumed, one that was set aside, one whose folder is removed."""

import errno
import json
import os
import shutil
from contextlib import ExitStack

import pytest

from mobilenet_tf import files
from mobilenet_tf.errors import CheckError, OutputError
from mobilenet_tf.training.job import opened_folder
from mobilenet_tf.training.run_folder import put_back
from tests.support.commands import contents_of
from tests.support.training_runs import data_of, run
from tests.training.test_earlier_run import CONFIG, NAME, begun, job_of, photos_in

RUN = f"{NAME}_photos"
ASIDE = f".{RUN}.earlier"


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return photos_in(tmp_path_factory.mktemp("photos") / "photos")


def finished(folder, text):
    """A run with a model that says which one it is."""
    folder.mkdir(parents=True)
    for name in ("labels.txt", "run.json", "split.json", "state.npz", "best.keras"):
        (folder / name).write_text(text)
    return folder


def fail(job, error, meanwhile=lambda: None):
    """A run that ends with an error."""
    with opened_folder(job):
        meanwhile()
        raise error


def names_in(folder):
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize("error", [OutputError, CheckError, KeyboardInterrupt])
def test_a_resume_that_is_refused_leaves_the_folder_untouched(photos, tmp_path, error):
    """The run was begun with --overwrite, and the earlier one is still set aside. Fault: it was put back."""
    folder = begun(job_of(photos, tmp_path))
    finished(tmp_path / ASIDE, "earlier")
    before = contents_of(tmp_path)
    with pytest.raises(error):
        fail(job_of(photos, tmp_path, resume=True), error("saved by a run with other settings"))
    assert contents_of(tmp_path) == before
    assert folder.is_dir()


def test_a_run_of_photos_in_a_folder_named_earlier_is_not_taken_for_one_set_aside(photos, tmp_path):
    """Fault: the run on `pets.earlier` was deleted when the run on `pets` had its model."""
    finished(tmp_path / RUN, "pets")
    other = finished(tmp_path / f"{RUN}.earlier", "pets.earlier")
    before = contents_of(other)
    with opened_folder(job_of(photos, tmp_path, overwrite=True)):
        assert names_in(tmp_path) == {RUN, other.name, ASIDE}
        (tmp_path / RUN / "best.keras").touch()
    assert names_in(tmp_path) == {RUN, other.name}
    assert contents_of(other) == before


def test_of_runs_that_are_replaced_the_newest_with_a_model_is_set_aside(photos, tmp_path):
    """An --overwrite run was killed when it had a model. Fault: the next one kept the older run, and threw it away."""
    finished(tmp_path / ASIDE, "oldest")
    finished(tmp_path / RUN, "killed")
    job = job_of(photos, tmp_path, overwrite=True)
    aside = []
    with pytest.raises(ZeroDivisionError):
        fail(job, ZeroDivisionError(), lambda: aside.append((tmp_path / ASIDE / "best.keras").read_text()))
    assert aside == ["killed"]
    assert names_in(tmp_path) == {RUN}
    assert (tmp_path / RUN / "best.keras").read_text() == "killed"


def test_of_runs_that_are_replaced_one_without_a_model_is_not_set_aside(photos, tmp_path):
    begun(job_of(photos, tmp_path))
    finished(tmp_path / ASIDE, "older")
    with opened_folder(job_of(photos, tmp_path, overwrite=True)):
        assert (tmp_path / ASIDE / "best.keras").read_text() == "older"
    assert (tmp_path / RUN / "best.keras").read_text() == "older"


@pytest.mark.parametrize("left", [None, (), ("labels.txt", "run.json", ".partial.0123abcd.state.npz")])
def test_what_a_kill_left_between_two_renames_is_put_right_by_the_next_command(photos, tmp_path, left):
    finished(tmp_path / ASIDE, "earlier")
    if left is not None:
        (tmp_path / RUN).mkdir()
        for name in left:
            (tmp_path / RUN / name).touch()
    with ExitStack() as locks, pytest.raises(OutputError, match=r"holds an earlier run|holds a run on"):
        job_of(photos, tmp_path, locks=locks)
    assert names_in(tmp_path) == {RUN}
    assert (tmp_path / RUN / "best.keras").read_text() == "earlier"


def test_an_error_between_the_two_renames_puts_the_earlier_run_back(photos, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    finished(tmp_path / RUN, "earlier")
    before = contents_of(tmp_path)
    monkeypatch.setattr(files, "_replace", full)
    with pytest.raises(OutputError, match="The disk is full"):
        fail(job_of(photos, tmp_path, overwrite=True), ZeroDivisionError())
    assert contents_of(tmp_path) == before


def test_a_run_with_a_state_is_not_put_back_over(tmp_path):
    finished(tmp_path / ASIDE, "earlier")
    finished(tmp_path / RUN, "newer")
    before = contents_of(tmp_path)
    put_back(tmp_path / RUN)
    assert contents_of(tmp_path) == before


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_a_new_run_that_ends_by_an_error_can_be_resumed_and_the_earlier_one_waits(photos, tmp_path, error):
    """Lost workers, a full disk, photos that vanished: the state is there. A run that diverged is of no use."""
    finished(tmp_path / RUN, "earlier")
    for number, raised in enumerate((error, CheckError)):
        job = job_of(photos, tmp_path, overwrite=True)
        with pytest.raises(raised):
            fail(job, raised("in the second minute"), (tmp_path / RUN / "state.npz").touch)
        assert names_in(tmp_path) == ({RUN, ASIDE}, {RUN})[number]
    assert (tmp_path / RUN / "best.keras").read_text() == "earlier"


def test_a_new_run_that_ends_before_its_first_save_leaves_nothing(photos, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fail(job_of(photos, tmp_path / "out"), KeyboardInterrupt())
    assert names_in(tmp_path / "out") == set()


@pytest.mark.parametrize("removed", ["folder", "labels.txt", "replaced"])
def test_a_run_whose_folder_is_removed_in_mid_run_ends_with_an_error(tmp_path, removed):
    """Fault: it wrote on into a new folder without labels, with exit status 0."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "labels.txt").write_text("dark\nbright\n")
    steps = []

    def remove():
        steps.append(len(steps))
        if len(steps) == 2:
            if removed == "labels.txt":
                (folder / removed).unlink()
            else:
                folder.rename(tmp_path / "elsewhere")
            if removed == "replaced":
                folder.mkdir()
        return False

    with pytest.raises(OutputError, match=r"run.* was removed or replaced while the run was training\.\nThe run stops"):
        run(folder, data_of(20), stop=remove)
    assert not folder.exists() or names_in(folder) <= {"labels.txt"}


def test_a_folder_that_somebody_puts_in_the_place_of_a_run_stays(photos, tmp_path):
    job = job_of(photos, tmp_path)

    def replace():
        shutil.rmtree(job.folder)
        finished(job.folder, "of somebody else")

    with pytest.raises(OutputError):
        fail(job, OutputError("was removed or replaced"), replace)
    assert (job.folder / "run.json").read_text() == "of somebody else"


def test_the_settings_stand_in_the_folder_from_the_beginning(photos, tmp_path):
    with opened_folder(job_of(photos, tmp_path)):
        assert json.loads((tmp_path / RUN / "run.json").read_text())["config"]["epochs"] == CONFIG.epochs
