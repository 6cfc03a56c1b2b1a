import contextlib
import csv
import re
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from tensorflow.python.framework import config as tf_config

from mobilenet_tf.contract.preprocessing import normalize, preprocess
from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.errors import CheckError, OutputError
from mobilenet_tf.tasks.classification import logits_model
from mobilenet_tf.training import loop as train_module
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.evaluation import EvaluationImages, top1_of_model
from mobilenet_tf.training.learner import KerasNetwork, Learner
from mobilenet_tf.training.loop import train
from mobilenet_tf.training.state import Epoch
from mobilenet_tf.training.transfer import set_batch_norm_momentum
from tests.support.datasets import Pictures
from tests.support.networks import small_model

CONFIG = SizedConfig(epochs=2, freeze=1, batch_size=6, ema=0.5)  # three steps an epoch


class CrashError(Exception):
    """Raised in the middle of a run."""


def pictures(count, seed):
    """Dark photos and bright ones, in turn."""
    rng = np.random.default_rng(seed)
    noise = rng.integers(0, 60, (count, 40, 40, 3))
    return Pictures([(pixels + 160 * (index % 2)).astype(np.uint8) for index, pixels in enumerate(noise)], (0, 1) * 99)


def data_of(train_count, *, seed=0):
    train_photos, validation = (
        replace(photos, classes=photos.classes[: len(photos)])
        for photos in (pictures(train_count, (seed, 1)), pictures(8, (seed, 2)))
    )
    return Dataset(("dark", "bright"), train_photos, validation, ())


@pytest.fixture(scope="module")
def data():
    return data_of(20)


@contextlib.contextmanager
def determinism():
    tf.config.experimental.enable_op_determinism()
    try:
        yield
    finally:
        tf_config.disable_op_determinism()  # TensorFlow has no public way back


def run(folder, data, config=CONFIG, *, seed=0, classes=2, **options):
    """Train the small network."""
    with determinism():
        return train_network(KerasNetwork(small_model(seed, classes=classes)), data, config, folder, **options)


def train_network(network, data, config, folder, **options):
    return train(Learner(network, config), data, folder, **options)


def after(steps):
    """What stops a run after so many steps."""
    done = iter(range(1, 1000))
    return lambda: next(done) >= steps


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


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


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run on dark and bright photos until it tells them apart: its folder, the result, the data."""
    folder, data = tmp_path_factory.mktemp("trained"), data_of(64)
    config = SizedConfig(epochs=4, freeze=0, batch_size=8, ema=0.8)
    model = small_model(classes=2)
    set_batch_norm_momentum(model, config, 64)
    return folder, train_network(KerasNetwork(model), data, config, folder), data


def test_what_is_separable_is_learned(trained):
    history = trained[1].history
    assert [epoch.epoch for epoch in history] == [1, 2, 3, 4]
    assert history[-1].loss < 0.2 * history[0].loss
    assert history[-1].top1_train > 0.9
    assert trained[1].top1 == history[-1].top1 == 1
    assert history[1].learning_rate > history[2].learning_rate > history[3].learning_rate > 0
    assert all(epoch.images_per_s > 0 for epoch in history)


def test_the_models_that_are_kept_have_the_top_1_that_was_recorded(trained):
    folder, result, data = trained
    assert (result.best, result.last) == (folder / "best.keras", folder / "last.keras")
    for path, top1 in ((result.best, result.top1), (result.last, result.history[-1].top1)):
        assert top1_of_model(keras.models.load_model(path), EvaluationImages(data.validation, 32)) == top1


def test_a_run_leaves_its_history_its_curves_and_tensorboards_logs(trained):
    folder, result, _ = trained
    assert {path.name for path in folder.iterdir()} == {
        "best.keras", "last.keras", "state.npz", "history.csv", "curves.png", "logs",
    }  # fmt: skip
    rows = list(csv.DictReader((folder / "history.csv").read_text().splitlines()))
    assert [Epoch(int(row.pop("epoch")), *map(float, row.values())) for row in rows] == list(result.history)
    with Image.open(folder / "curves.png") as image:
        assert image.format == "PNG"
        assert image.width > 2 * image.height > 600
        assert image.convert("L").getextrema() == (0, 255)
    logged = {}
    for file in (folder / "logs").iterdir():
        for record in tf.data.TFRecordDataset(str(file)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            logged |= {(value.tag, event.step): tf.make_ndarray(value.tensor) for value in event.summary.value}
    assert len(logged) == 5 * 4
    assert [logged["loss", epoch.epoch] for epoch in result.history] == [np.float32(e.loss) for e in result.history]


class Reported(list):
    """The progress that a run has reported: (task, steps done of the six)."""

    def __call__(self, task, share):
        self.append((task, round(6 * share, 9)))

    @property
    def steps(self):
        return [steps for _, steps in self]


def test_every_step_is_reported(data, tmp_path):
    reported = Reported()
    run(tmp_path, data, on_progress=reported)
    assert reported.steps == [1, 2, 3, 4, 5, 6]
    for number, (task, _) in enumerate(reported):
        assert re.fullmatch(rf"epoch {1 + number // 3}/2 loss \d+\.\d{{3}} \d+ images/s", task)


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
def test_a_run_of_other_settings_or_photos_is_not_resumed(whole, changed, photos):
    before = contents(whole[0])
    with pytest.raises(OutputError, match=r"other settings or other photos\.\nGive the options it was begun with"):
        run(whole[0], data_of(photos), replace(CONFIG, **changed), resume=True)
    assert contents(whole[0]) == before


@pytest.mark.parametrize("damage", [lambda _: b"", lambda whole: whole[:-100], lambda _: b"no numbers"])
def test_a_broken_state_is_named(data, whole, tmp_path, damage):
    (tmp_path / "state.npz").write_bytes(damage((whole[0] / "state.npz").read_bytes()))
    with pytest.raises(OutputError, match=r"cannot resume from .*state\.npz[\s\S]*--overwrite"):
        run(tmp_path, data, resume=True)


def test_the_state_of_another_network_is_named(data, whole):
    with pytest.raises(OutputError, match=r"cannot resume from .*state\.npz"):
        run(whole[0], data, classes=3, resume=True)


def test_weights_that_the_last_step_of_an_epoch_ruins_end_the_run(data, tmp_path):
    config = SizedConfig(epochs=1, freeze=0, batch_size=len(data.train), rate=1e38, warmup=0, optimizer="sgd")
    with pytest.raises(CheckError, match=r"weights are no longer finite at epoch 1, step 1, learning rate 1e\+38\."):
        run(tmp_path, data, config)
    assert not (tmp_path / "best.keras").exists()


def test_a_loss_that_is_no_number_ends_the_run_and_names_its_place(data, tmp_path):
    config = SizedConfig(epochs=2, freeze=0, batch_size=6, rate=1e30, warmup=0)
    with pytest.raises(CheckError, match=r"loss became (nan|inf) at epoch 1, step [23], learning rate \d.*e\+\d\d\."):
        run(tmp_path, data, config)
    assert not (tmp_path / "best.keras").exists()


def test_results_that_cannot_be_written_are_named(data, tmp_path):
    (tmp_path / "last.keras").mkdir()
    with pytest.raises(OutputError, match=r"cannot write to .*: Is a directory"):
        run(tmp_path, data, replace(CONFIG, epochs=1))


def test_the_best_is_of_an_epoch_at_the_models_own_resolution(tmp_path):
    """Nothing is learned here; at the first epoch's resolution every answer is right, at the model's own not."""
    rng = np.random.default_rng(0)
    photos = Pictures([rng.integers(0, 256, (64, 64, 3), dtype=np.uint8) for _ in range(40)])
    model = small_model(3, res=64)
    model.get_layer("classifier").bias.assign_sub(answers(model, photos, 32).mean(0))
    labels = tuple(answers(model, photos, 32).argmax(1).tolist())
    photos = Pictures(photos.pixels, labels)
    data = Dataset(("a", "b", "c"), photos, photos, ())
    config = SizedConfig(epochs=2, freeze=2, batch_size=40, rate=1e-12, start_res=((32, 1),))
    result = train_network(KerasNetwork(model), data, config, tmp_path)
    assert result.history[0].top1 == 1
    assert result.top1 == result.history[1].top1 < 1
    assert keras.models.load_model(result.best).input_shape[1] == 64


def test_a_worse_epoch_is_not_kept(data, tmp_path):
    """All answers are right at first. The first epoch is one step at next to no rate, the second learns to be wrong."""
    model = small_model(3)
    model.get_layer("classifier").bias.assign_sub(answers(model, data.train, 32).mean(0))
    right = Pictures(data.train.pixels, tuple(answers(model, data.train, 32).argmax(1).tolist()))
    wrong = Pictures(data.train.pixels, tuple((label + 1) % 3 for label in right.classes))
    config = SizedConfig(epochs=2, freeze=2, batch_size=20, optimizer="sgd", rate=4.0, warmup=1, ema=0)
    data = Dataset(("a", "b", "c"), wrong, right, ())
    result = train_network(KerasNetwork(model), data, config, tmp_path)
    assert result.top1 == result.history[0].top1 == 1
    kept, last = (
        top1_of_model(keras.models.load_model(path), EvaluationImages(right, 32)) for path in (result.best, result.last)
    )
    assert kept == 1
    assert last == result.history[1].top1 < 1


def answers(model, photos, res):
    images = np.stack([preprocess(pixels, res) for pixels in photos.pixels])
    return np.asarray(logits_model(model)(normalize(images), training=False))


def test_without_averaging_the_weights_themselves_are_kept(data, tmp_path):
    network = KerasNetwork(small_model(classes=2))
    config = SizedConfig(epochs=1, freeze=0, batch_size=6, ema=0)
    result = train_network(network, data, config, tmp_path)
    for kept, variable in zip(keras.models.load_model(result.last).variables, network.variables, strict=True):
        # a - (a - w): a rounding of the difference.
        np.testing.assert_allclose(kept, variable, atol=2**-23 * np.abs(variable).max())
