import csv
import re
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mobilenet_tf.contract.preprocessing import normalize, preprocess
from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.errors import CheckError, OutputError
from mobilenet_tf.tasks.classification import logits_model
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.evaluation import EvaluationImages, top1_of_model
from mobilenet_tf.training.learner import KerasNetwork
from mobilenet_tf.training.state import Epoch
from mobilenet_tf.training.transfer import set_batch_norm_momentum
from tests.support.datasets import Pictures
from tests.support.networks import small_model
from tests.support.training_runs import CONFIG, Reported, data_of, run, train_network


@pytest.fixture(scope="module")
def data():
    return data_of(20)


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
    assert history[1].first_learning_rate > history[2].first_learning_rate > history[3].first_learning_rate > 0
    assert all(epoch.images_per_s > 0 for epoch in history)


def test_the_models_that_are_kept_have_the_top_1_that_was_recorded(trained):
    folder, result, data = trained
    assert (result.best, result.last) == (folder / "best.keras", folder / "last.keras")
    for path, top1 in ((result.best, result.top1), (result.last, result.history[-1].top1)):
        assert top1_of_model(keras.models.load_model(path), EvaluationImages(data.validation, 32)) == top1


def test_a_run_leaves_its_history_its_curves_and_tensorboards_logs(trained):
    folder, result, _ = trained
    assert {path.name for path in folder.iterdir()} == {
        "best.keras", "last.keras", "split.json", "state.npz", "history.csv", "curves.png", "logs", "training.json",
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
    assert len(logged) == 8 * 4
    assert [logged["loss", epoch.epoch] for epoch in result.history] == [np.float32(e.loss) for e in result.history]


def test_every_step_is_reported(data, tmp_path):
    reported = Reported()
    history = run(tmp_path, data, on_progress=reported).history
    assert reported.steps == [1, 2, 3, 4, 5, 6]
    assert reported.epochs == [
        (f"epoch {e.epoch}/2 loss {e.loss:.3f} top-1 {e.top1:.1%} {e.images_per_s:.0f} images/s", e.epoch / 2)
        for e in history
    ]
    photos = [f"validating, {done} of 8 photos" for done in (0, 8)]
    phases = ["reading photos", "compiling the step at 32x32", *photos]
    expected = [(f"epoch {epoch}/2: {phase}", epoch - 1 + (phase in photos)) for epoch in (1, 2) for phase in phases]
    assert reported.phases == [(task, done / 2) for task, done in expected]
    for number, (task, _) in enumerate(reported):
        assert re.fullmatch(rf"epoch {1 + number // 3}/2 loss \d+\.\d{{3}} \d+ images/s", task)


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
