"""The main path of training: labelled photos -> the best model of a run, epoch after epoch, resumable.

TensorFlow is loaded with this module.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.errors import CheckError, OutputError
from mobilenet_tf.files import replace_file

from .batches import Evaluation, TrainingBatches
from .config import TrainConfig, learning_rate
from .distribution import any_worker, is_chief, share, share_text
from .learner import Learner, Network, logits_of
from .log import write_log
from .run_folder import BEST_FILE, LAST_FILE
from .state import STATE_FILE, Epoch, Progress, load_state, save_state

__all__ = ["Told", "TrainResult", "classes_of", "share_right", "top1_of", "train"]

SAVED_EVERY = 60.0  # seconds, inside an epoch


@dataclass(frozen=True)
class TrainResult:
    """A finished run. best, last: the averaged weights of the epoch with the highest top-1, and of the last."""

    best: Path
    last: Path
    top1: float
    history: tuple[Epoch, ...]


@dataclass(frozen=True)
class Told:
    """What is told after every step: where the run is, of how many steps an epoch has, and the loss of
    the epoch so far.
    """

    epoch: int
    step: int
    steps: int
    loss: float
    images_per_s: float


def train(
    network: Network,
    data: Dataset,
    config: TrainConfig,
    *,
    res: int,
    folder: Path,
    strategy: Any = None,
    teacher: keras.Model | None = None,
    resume: bool = False,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[Told], None] = lambda _: None,
) -> TrainResult:
    """Train `network` at `res` on `data`; leaves best.keras, last.keras, state.npz and train_log's files in `folder`.

    strategy: the tf.distribute strategy in whose scope the network was made; None for one device.
    stop:     asked after every step; where it says so, on any worker, all of them raise KeyboardInterrupt after the
              first one has saved the state.
    Raises CheckError where the loss is no longer a number, OutputError for a state that cannot be written or resumed.
    """
    config = config.sized(len(data.train))
    strategy = strategy or tf.distribute.get_strategy()
    run = _Run(network, data, config, res, folder, strategy, teacher, resume)
    while run.progress.epoch < config.epochs:
        for batch, batch_res in run.batches.of(run.progress.epoch, run.progress.step):
            tell(run.step(batch, batch_res))
            if any_worker(strategy, stop()):
                run.save()
                raise KeyboardInterrupt
        run.finish_epoch()
    return TrainResult(folder / BEST_FILE, folder / LAST_FILE, run.progress.best, tuple(run.progress.history))


def top1_of(model: keras.Model, images: Evaluation) -> float:
    """Share of the images, of any resolution, whose label a model puts first."""
    return share_right(_predictor(model), images)


def share_right(predict: Callable[[Any], Any], images: Evaluation) -> float:
    """Share of the images whose label `predict`, (n, res, res, 3) uint8 -> (n, classes), puts first."""
    return float((classes_of(predict, images) == images.labels).mean())


def classes_of(predict: Callable[[Any], Any], images: Evaluation) -> NDArray[np.int64]:
    """(photos,): the class that `predict`, (n, res, res, 3) uint8 -> (n, classes), puts first for each image."""
    return np.concatenate([np.asarray(predict(pixels)).argmax(1) for pixels, _ in images])


def _predictor(model: keras.Model) -> Callable[[Any], Any]:
    logits = logits_of(model)
    predict = tf.function(lambda x: logits(x, training=False), reduce_retracing=True)
    return lambda pixels: predict(normalize(pixels))


class _Run:
    """Everything that stays while a run goes on."""

    def __init__(
        self,
        network: Network,
        data: Dataset,
        config: TrainConfig,
        res: int,
        folder: Path,
        strategy: Any,
        teacher: keras.Model | None,
        resume: bool,
    ) -> None:
        self._network, self._config, self._folder = network, config, folder
        self._learner = Learner(network, config, strategy, teacher)
        self.batches = TrainingBatches(data.train, config, res, strategy)
        self._res, self._validation = res, data.validation
        # Made once: the model, and as long as the resolution stays, the images are the same each epoch.
        self._predict: Callable[[Any], Any] | None = None
        self._evaluation: Evaluation | None = None
        self._chief = is_chief(strategy)
        self._key = _key(data, config, res)
        state = folder / STATE_FILE
        progress = load_state(state, self._learner.state, self._key) if resume and self._chief else Progress()
        # Only the first worker has a state to go on from; and a common start is common to the last bit.
        self.progress = Progress.of_json(share_text(strategy, progress.to_json()))
        share(strategy, self._learner.state)
        self._saved = self._stepped = time.monotonic()

    def step(self, batch: Any, res: int) -> Told:
        """Learn from one batch; saves now and then."""
        progress, config = self.progress, self._config
        rate = learning_rate(config, progress.epoch + progress.step / self.batches.steps)
        loss, right = self._learner.step(
            batch,
            res=res,
            rate=rate,
            decay=config.average_decay(progress.epoch, progress.step, self.batches.steps),
            frozen=progress.epoch < config.freeze,
        )
        if not math.isfinite(loss):
            raise CheckError(self._diverged(f"the loss became {loss}", step=progress.step + 1))
        progress.step += 1
        progress.loss, progress.right = progress.loss + loss, progress.right + right
        # From step to step: waiting for photos counts.
        progress.seconds += time.monotonic() - self._stepped
        self._stepped = time.monotonic()
        if time.monotonic() - self._saved > SAVED_EVERY:
            self.save()
        speed = progress.step * config.batch_size / progress.seconds
        return Told(progress.epoch, progress.step, self.batches.steps, progress.loss / progress.step, speed)

    def _diverged(self, what: str, step: int | None = None) -> str:
        progress, steps = self.progress, self.batches.steps
        step = step or progress.step
        rate = learning_rate(self._config, progress.epoch + (step - 1) / steps)
        return (
            f"{what} at epoch {progress.epoch + 1}, step {step}, learning rate {rate:.3g}.\n"
            "Begin again with a smaller --learning-rate and --overwrite."
        )

    def finish_epoch(self) -> None:
        """Evaluate, keep the best, log, and go on to the next epoch.

        An epoch at a smaller resolution is evaluated there; its top-1 is no match for those at the model's own.
        """
        progress, steps = self.progress, self.progress.step
        values = [np.asarray(average) for average in self._learner.average]
        # The loss of a step is of the weights before it: those that the last step left have none yet.
        if not all(np.isfinite(value).all() for value in values):
            raise CheckError(self._diverged("the weights are no longer finite"))
        model = self._network.model(values)
        res = self._config.resolutions(self._res, progress.epoch)[-1]
        own = res >= self._res
        top1 = self._top1(model, min(res, self._res))
        speed = steps * self._config.batch_size / progress.seconds
        rate = learning_rate(self._config, progress.epoch)
        progress.history.append(
            Epoch(progress.epoch + 1, progress.loss / steps, progress.right / steps, top1, rate, speed)
        )
        if self._chief:
            self._write_results(model, best=top1 >= progress.best)
        progress.best = max(progress.best, top1) if own else progress.best
        progress.epoch, progress.step = progress.epoch + 1, 0
        progress.loss = progress.right = progress.seconds = 0.0
        self.save()
        self._stepped = time.monotonic()

    def _top1(self, model: keras.Model, res: int) -> float:
        self._predict = self._predict or _predictor(model)
        if self._evaluation is None or self._evaluation.res != res:
            self._evaluation = Evaluation(self._validation, res)
        return share_right(self._predict, self._evaluation)

    def _write_results(self, model: keras.Model, *, best: bool) -> None:
        try:
            _save_model(model, self._folder / LAST_FILE)
            if best:
                _save_model(model, self._folder / BEST_FILE)
            write_log(self._folder, self.progress.history)
        except OSError as error:
            raise OutputError(
                f"cannot write to {self._folder}: {error.strerror or error}.\nThe run stops here."
            ) from error

    def save(self) -> None:
        """Write the state, by one worker only."""
        if self._chief:
            save_state(self._folder / STATE_FILE, self.progress, self._learner.state, self._key)
        self._saved = time.monotonic()


def _save_model(model: keras.Model, path: Path) -> None:
    with replace_file(path) as partial:
        model.save(partial)


def _key(data: Dataset, config: TrainConfig, res: int) -> str:
    """What a saved state belongs to: settings, resolution, classes and labels."""
    settings = json.dumps([config.as_json(), res, data.classes, data.labels_sha256], sort_keys=True)
    return hashlib.sha256(settings.encode()).hexdigest()
