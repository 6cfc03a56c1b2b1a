import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from mobilenet_tf.errors import OutputError
from mobilenet_tf.training import loop as train_module
from tests.support.training_runs import CONFIG, Reported, after, contents, data_of, run


class CrashError(Exception):
    """Raised in the middle of a run."""


@pytest.fixture(scope="module")
def data():
    return data_of(20)


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    """A run that nothing stopped: its folder and its result."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, run(folder, data)


def assert_same_run(folder, result, whole):
    """Every variable of the state bit for bit, the models that were kept, and the record of every epoch."""
    with np.load(folder / "state.npz") as state, np.load(whole[0] / "state.npz") as expected:
        assert set(state) == set(expected)
        for name in set(expected) - {"progress"}:
            np.testing.assert_array_equal(state[name], expected[name])
    for name in ("best.keras", "last.keras"):
        models = (keras.models.load_model(path / name) for path in (folder, whole[0]))
        for one, other in zip(*(model.get_weights() for model in models), strict=True):
            np.testing.assert_array_equal(one, other)
    assert result.finished
    assert result.top1 == whole[1].top1
    histories = ([replace(epoch, images_per_s=0) for epoch in each.history] for each in (result, whole[1]))
    assert next(histories) == next(histories)


@pytest.mark.parametrize("steps", [1, 3, 5])
def test_a_run_that_was_stopped_and_resumed_is_one_that_was_not(data, whole, tmp_path, steps):
    """Stopped while frozen, at the end of an epoch before it was evaluated, and in mid-epoch."""
    stopped = run(tmp_path, data, stop=after(steps))
    assert not stopped.finished
    assert len(stopped.history) == (steps - 1) // 3
    assert stopped.top1 == (whole[1].history[0].top1 if stopped.history else None)
    reported = Reported()
    result = run(tmp_path, data, seed=7, resume=True, on_progress=reported)  # the network to begin with has no effect
    assert reported.steps == list(range(steps + 1, 7))
    assert_same_run(tmp_path, result, whole)
    assert not list(tmp_path.glob("*partial*"))


def test_a_run_that_crashed_goes_on_from_its_last_save(data, whole, tmp_path, monkeypatch):
    def crash(_, share):
        if share == 5 / 6:
            raise CrashError

    monkeypatch.setattr(train_module, "SAVED_EVERY", 0.0)  # after every step
    with pytest.raises(CrashError):
        run(tmp_path, data, on_progress=crash)
    reported = Reported()
    result = run(tmp_path, data, resume=True, on_progress=reported)
    assert reported.steps == [6]
    assert_same_run(tmp_path, result, whole)


def test_a_run_that_ended_while_it_wrote_its_first_models_goes_on(data, whole, tmp_path):
    """As a process does that is killed between best.keras and the end of the epoch."""
    (tmp_path / "history.csv").mkdir()
    with pytest.raises(OutputError, match="cannot write to"):
        run(tmp_path, data)
    assert (tmp_path / "last.keras").exists()
    (tmp_path / "history.csv").rmdir()
    reported = Reported()
    result = run(tmp_path, data, resume=True, on_progress=reported)
    assert reported.steps == [4, 5, 6]  # the three of the first epoch are done
    assert_same_run(tmp_path, result, whole)


def test_a_finished_run_resumed_is_finished(data, whole):
    before = contents(whole[0])
    reported = Reported()
    assert run(whole[0], data, resume=True, on_progress=reported) == whole[1]
    assert reported == []
    assert contents(whole[0]) == before


@pytest.mark.parametrize(
    ("changed", "photos"),
    [
        ({"rate": 0.01}, 20),
        ({"epochs": 3}, 20),
        ({"seed": 1}, 20),
        ({}, 21),  # one more
    ],
)
def test_a_run_of_other_settings_or_numbers_is_not_resumed(whole, changed, photos):
    before = contents(whole[0])
    with pytest.raises(OutputError, match=r"other settings, other .* of photos\.\nGive the options it was begun with"):
        run(whole[0], data_of(photos), replace(CONFIG, **changed), resume=True)
    assert contents(whole[0]) == before


def test_a_run_on_other_photos_of_the_same_labels_is_not_resumed(data, whole):
    """One photo is replaced by another, of the same class."""
    before = contents(whole[0])
    pixels = [255 - data.validation.pixels[0], *data.validation.pixels[1:]]
    other = replace(data, validation=replace(data.validation, pixels=pixels))
    with pytest.raises(OutputError, match=r"by a run on other photos: .*\.\nPut them back as they were"):
        run(whole[0], other, resume=True)
    assert contents(whole[0]) == before


def test_a_state_that_does_not_name_its_photos_yet_is_resumed(data, whole, tmp_path):
    run(tmp_path, data, stop=after(4))
    with np.load(tmp_path / "state.npz") as state:
        arrays = {name: state[name] for name in set(state) - {"photos"}}
    progress = json.loads(str(arrays["progress"]))
    np.savez(tmp_path / "state.npz", **arrays | {"progress": json.dumps(progress)})
    assert_same_run(tmp_path, run(tmp_path, data, resume=True), whole)


@pytest.mark.parametrize("damage", [lambda _: b"", lambda whole: whole[:-100], lambda _: b"no numbers"])
def test_a_broken_state_is_named(data, whole, tmp_path, damage):
    (tmp_path / "state.npz").write_bytes(damage((whole[0] / "state.npz").read_bytes()))
    with pytest.raises(OutputError, match=r"cannot resume from .*state\.npz[\s\S]*--overwrite"):
        run(tmp_path, data, resume=True)


def test_the_state_of_another_network_is_named(data, whole):
    with pytest.raises(OutputError, match=r"cannot resume from .*state\.npz"):
        run(whole[0], data, classes=3, resume=True)
