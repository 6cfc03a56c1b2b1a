import json
import zipfile
from dataclasses import replace

import keras
import numpy as np
import pytest

from mobilenet_tf.data.split import Split, split_of
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.kept_models import KeptEpoch, kept_epoch, replace_split, save_model
from mobilenet_tf.training.learner import KerasNetwork, Learner
from mobilenet_tf.training.loop import train
from mobilenet_tf.training.state import Epoch
from mobilenet_tf.weights.load import load_weights
from tests.support.networks import lively_model, small_model
from tests.support.training_runs import data_of

SPLIT = Split("pets", 3, frozenset({"0" * 16}), frozenset({"1" * 16}), 0.75, 1)


def history(*top1):
    return [Epoch(number + 1, 1.0, 0.5, share, 0.1, 9.0) for number, share in enumerate(top1)]


def split_in(path):
    with zipfile.ZipFile(path) as archive:
        return Split.from_json(archive.read("split.json").decode())


@pytest.fixture
def model_file(tmp_path):
    """A file of a network of ours, with a split."""
    path = tmp_path / "best.keras"
    save_model(lively_model(np.random.default_rng(0), res=32, classes=2), path, SPLIT)
    return path


def test_the_last_of_the_best_epochs_is_kept():
    config = SizedConfig(epochs=5, freeze=0)
    assert kept_epoch(history(0.5), config, 64) == KeptEpoch(1, 1, 0.5)
    assert kept_epoch(history(0.5, 0.9, 0.9, 0.2), config, 64) == KeptEpoch(3, 4, 0.9)


def test_epochs_at_a_smaller_resolution_are_not_compared():
    config = SizedConfig(epochs=4, freeze=0, start_res=((32, 2),))
    assert kept_epoch(history(0.9, 0.8), config, 64) == KeptEpoch(2, 1, None)
    assert kept_epoch(history(0.9, 0.8, 0.3, 0.2), config, 64) == KeptEpoch(3, 2, 0.3)


def test_the_weights_of_a_run_come_with_its_split(model_file):
    weights = load_weights(str(model_file))
    assert weights.split == SPLIT
    assert weights.notes == ()


def test_another_split_replaces_the_first_and_leaves_the_weights(model_file):
    before = [array.copy() for array in load_weights(str(model_file)).arrays]
    replace_split(model_file, replace(SPLIT, epochs=4))
    weights = load_weights(str(model_file))
    assert weights.split == replace(SPLIT, epochs=4)
    for one, other in zip(weights.arrays, before, strict=True):
        np.testing.assert_array_equal(one, other)
    assert {path.name for path in model_file.parent.iterdir()} == {"best.keras"}


def test_a_damaged_model_is_no_place_for_a_split(tmp_path):
    (tmp_path / "best.keras").write_bytes(b"no archive")
    with pytest.raises(OSError, match=r"best\.keras is damaged"):
        replace_split(tmp_path / "best.keras", SPLIT)
    assert (tmp_path / "best.keras").read_bytes() == b"no archive"


def test_a_file_of_keras_alone_has_no_split(tmp_path):
    lively_model(np.random.default_rng(0), res=32, classes=2).save(tmp_path / "foreign.keras")
    weights = load_weights(str(tmp_path / "foreign.keras"))
    assert (weights.split, weights.notes) == (None, ())


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff\xfe", json.dumps({"schema_version": 9}).encode(), b'{"schema_version": 1'],
)  # fmt: skip
def test_a_split_that_cannot_be_read_is_a_note(tmp_path, content):
    path = tmp_path / "best.keras"
    lively_model(np.random.default_rng(0), res=32, classes=2).save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("split.json", content)
    weights = load_weights(str(path))
    assert weights.split is None
    assert len(weights.notes) == 1
    assert weights.notes[0].startswith(f"{path}: its record of the photos that it was trained on cannot be read (")


@pytest.mark.parametrize("position", [0, 60])
def test_damaged_bytes_of_a_split_are_a_damaged_file(model_file, position):
    """Keras itself unpacks every member, and so refuses the file."""
    with zipfile.ZipFile(model_file) as archive:
        member = archive.getinfo("split.json")
    content = bytearray(model_file.read_bytes())
    start = member.header_offset + 30 + len("split.json")
    content[start + position] ^= 0xFF
    model_file.write_bytes(content)
    with pytest.raises(WeightsError, match="it is truncated or damaged"):
        load_weights(str(model_file))


def test_each_model_of_a_run_says_how_its_epoch_was_chosen(tmp_path):
    """The second epoch is worse: best.keras is of the first, and was chosen from two."""
    data = data_of(20)
    config = SizedConfig(epochs=2, freeze=0, batch_size=20, optimizer="sgd", rate=1e-9, ema=0)
    split = split_of(data, "shades")
    learner, early = Learner(KerasNetwork(small_model(classes=2)), config), []
    result = train(
        learner, data, tmp_path, split=split, on_progress=lambda *_: early.append((tmp_path / "split.json").exists())
    )
    assert result.kept.among == 2
    assert split_in(result.best) == replace(split, epochs=2, top1=result.top1)
    assert split_in(result.last) == replace(split, epochs=1, top1=result.history[-1].top1)
    assert Split.from_json((tmp_path / "split.json").read_text()) == split_in(result.best)
    assert not any(early)  # it names every photo, and is written when the run ends
    assert keras.models.load_model(result.best).output_shape == (None, 2)
