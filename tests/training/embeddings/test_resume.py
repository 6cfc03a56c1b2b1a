"""A run that was stopped goes on as if nothing had happened, bit for bit."""

from dataclasses import replace

import keras
import numpy as np

from mobilenet_tf.data.embeddings.dataset import EmbeddingDataset
from mobilenet_tf.networks.builder import UnitLength
from mobilenet_tf.training.embeddings.learner import EmbeddingsLearner
from mobilenet_tf.training.embeddings.network import NetworkWithCentres
from mobilenet_tf.training.loop import train
from tests.support.networks import small_model
from tests.support.training_runs import CONFIG, after, data_of, determinism

SETTINGS = replace(CONFIG, freeze=0)  # two kinds of steps would take twice the time to compile


def small_embedding(seed):
    model = small_model(seed, classes=4)
    return keras.Model(model.inputs, UnitLength(name="embedding")(model.layers[-2].output))


def run(folder, *, seed=0, **options):
    found = data_of(20)
    data = EmbeddingDataset(found.classes, found.train, found.validation, (), found.examined(), 4)
    with determinism():
        keras.utils.set_random_seed(seed)
        learner = EmbeddingsLearner(NetworkWithCentres(small_embedding(seed), 2), SETTINGS)
        return train(learner, data, folder, **options)


def test_a_run_that_was_stopped_and_resumed_is_one_that_was_not(tmp_path):
    """Of ArcFace, whose centres are in the state and in no model."""
    whole = run(tmp_path / "whole")
    stopped = run(tmp_path / "resumed", stop=after(5))
    assert not stopped.finished
    resumed = run(tmp_path / "resumed", seed=7, resume=True)  # what the network begins with has no effect
    assert resumed.finished
    with np.load(tmp_path / "resumed" / "state.npz") as state, np.load(tmp_path / "whole" / "state.npz") as expected:
        names = set(expected) - {"progress"}
        assert set(state) - {"progress"} == names
        for name in names:
            np.testing.assert_array_equal(state[name], expected[name])
        has_centres = any(state[name].shape == (2, 4) for name in names if name.startswith("v"))
    assert has_centres
    one, other = ([replace(epoch, images_per_s=0) for epoch in each.history] for each in (resumed, whole))
    assert one == other
    assert one[-1].recall_at_1 is not None
