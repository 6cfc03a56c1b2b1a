"""Small runs of the training loop: dark photos and bright ones, and a network of two convolutions."""

import contextlib
import json
from dataclasses import replace

import numpy as np
import tensorflow as tf
from tensorflow.python.framework import config as tf_config

from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.learner import KerasNetwork, Learner
from mobilenet_tf.training.loop import train
from tests.support.datasets import Pictures
from tests.support.networks import small_model

CONFIG = SizedConfig(epochs=2, freeze=1, batch_size=6, ema=0.5)  # three steps an epoch


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


class Reported(list):
    """The progress that a run has reported: (task, steps done of the six)."""

    def __init__(self):
        self.phases = []  # what else was reported: (task, share)
        self.epochs = []  # and of each epoch that was done

    def __call__(self, task, share):
        if " top-1 " in task:
            self.epochs.append((task, share))
        elif " loss " in task:
            self.append((task, round(6 * share, 9)))
        else:
            self.phases.append((task, share))

    @property
    def steps(self):
        return [steps for _, steps in self]


def saved_epochs(folder):
    """How many epochs the saved state of a run has finished; 0 if there is none yet."""
    path = folder / "state.npz"
    return json.loads(str(np.load(path)["progress"]))["epoch"] if path.exists() else 0
