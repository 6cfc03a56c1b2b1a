"""The main path of training of any task: photos -> the best model of a run, epoch after epoch, resumable.

TensorFlow is loaded with this module.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.data.split import Split, split_of
from mobilenet_tf.errors import CheckError, OutputError
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.progress import OnProgress, ignore_progress
from mobilenet_tf.results.training_record import ExaminedPhotos

from .config import SizedConfig, learning_rate
from .distribution import any_worker, broadcast, broadcast_text, is_chief
from .kept_models import KeptEpoch, kept_epoch, replace_split, save_model, write_split
from .log import write_log
from .network_learner import NetworkLearner
from .run_folder import BEST_FILE, LAST_FILE, OwnFolder
from .state import STATE_FILE, Epoch, RunKey, RunState, load_state, save_state
from .task import RunInput

__all__ = ["TrainResult", "train"]

SAVED_EVERY = 60.0  # seconds, inside an epoch


@dataclass(frozen=True)
class TrainResult:
    """What a run has reached.

    finished:   False if it was stopped: its state is saved, and it can be resumed.
    best, last: the files with the averaged weights of the epoch with the highest score, and of the last epoch.
    top1:       that of `best`; None if no epoch at the model's own resolution is done, or if its score is another.
    kept:       which epoch `best` is of, and of how many it was chosen; None if no epoch is done.
    """

    finished: bool
    best: Path
    last: Path
    top1: float | None
    kept: KeptEpoch | None
    history: tuple[Epoch, ...]


def train(
    learner: NetworkLearner,
    data: Any,
    folder: Path,
    *,
    split: Split | None = None,
    examined: ExaminedPhotos | None = None,
    resume: bool = False,
    stop: Callable[[], bool] = lambda: False,
    on_progress: OnProgress = ignore_progress,
) -> TrainResult:
    """Train `learner` on `data`; leaves in `folder` the models, split.json, training.json, the log and the state.

    data:        a Dataset, or what else the learner's task trains on.
    split:       the record of the photos that goes with the models; None: that of `data` alone, without a name.
    examined:    what was found out about the photos, for the record; None: nothing.
    stop:        called after every step; if it returns True on any worker, all end and the first one saves the state.
    on_progress: called after every step with the epoch, its loss so far and the speed; after every epoch with its score
                 too; and with what else takes long.
    Raises CheckError if the loss is no longer a number, OutputError for a state that cannot be written or resumed.
    """
    run = _Run(learner, data, folder, resume, split or split_of(data, ""), examined)
    while run.state.epoch < learner.config.epochs:
        on_progress(run.phase("reading photos"), run.share_done())
        for batch, res in run.batches.batches_of_epoch(run.state.epoch, run.state.step):
            if run.must_compile(res):
                on_progress(run.phase(f"compiling the step at {res}x{res}"), run.share_done())
            run.step(batch, res)
            on_progress(run.description(), run.share_done())
            if any_worker(learner.strategy, stop()):
                run.save()
                return run.end(finished=False)
        run.finish_epoch(on_progress)
    return run.end(finished=True)


class _Run:
    """All that a run needs from its first step to its last."""

    def __init__(
        self,
        learner: NetworkLearner,
        data: Any,
        folder: Path,
        resume: bool,
        split: Split,
        examined: ExaminedPhotos | None = None,
    ) -> None:
        self._learner, self._config, self._folder = learner, learner.config, folder
        self._res, self._validation_photos = learner.trained.res, len(data.validation)
        self._task = learner.task(RunInput(data, folder, split.dataset, examined))
        self.batches = self._task.batches
        self._split = split
        self._chief = is_chief(learner.strategy)
        self._place = OwnFolder(folder) if self._chief else None
        self._key = _key(data, self._config, self._res)
        path = folder / STATE_FILE
        state = load_state(path, learner.state, self._key) if resume and self._chief else RunState()
        # Only the first worker has a saved state; and all must begin with the same values, to the last bit.
        self.state = RunState.from_json(broadcast_text(learner.strategy, state.to_json()))
        broadcast(learner.strategy, learner.state)
        self._saved = self._stepped = time.monotonic()
        self._compiled: set[tuple[int, bool]] = set()

    def step(self, batch: object, res: int) -> None:
        """Learn from one batch; save if the last time was long ago."""
        state, config = self.state, self._config
        loss, counted = self._learner.step(
            batch,
            res=res,
            rate=learning_rate(config, state.epoch + state.step / self.batches.steps),
            decay=config.average_decay(state.epoch, state.step, self.batches.steps),
            frozen=state.epoch < config.freeze,
        )
        if not math.isfinite(loss):
            raise CheckError(self._diverged(f"the loss became {loss}", step=state.step + 1))
        state.step += 1
        state.loss, state.right = state.loss + loss, state.right + counted
        # From the end of one step to the end of the next: waiting for photos counts.
        state.seconds += time.monotonic() - self._stepped
        self._stepped = time.monotonic()
        if time.monotonic() - self._saved > SAVED_EVERY:
            self.save()

    def description(self) -> str:
        """Which epoch this is, its loss so far, and the speed."""
        state = self.state
        loss, speed = state.loss / state.step, state.step * self._config.batch_size / state.seconds
        return f"epoch {state.epoch + 1}/{self._config.epochs} loss {loss:.3f} {speed:.0f} images/s"

    def phase(self, task: str) -> str:
        """Which epoch this is, and a task in it that is no step."""
        return f"epoch {self.state.epoch + 1}/{self._config.epochs}: {task}"

    def must_compile(self, res: int) -> bool:
        """Whether the next step, at this resolution, is the first of its kind in this process."""
        kind = res, self.state.epoch < self._config.freeze
        new = kind not in self._compiled
        self._compiled.add(kind)
        return new

    def share_done(self) -> float:
        """The share of all steps of the run that are done."""
        steps = self.batches.steps
        return (self.state.epoch * steps + self.state.step) / (self._config.epochs * steps)

    def finish_epoch(self, on_progress: OnProgress) -> None:
        """Evaluate, if this epoch is to be, keep the best, log, and go on to the next epoch.

        An epoch at a smaller resolution is evaluated there; its score cannot be compared with those at the model's own.
        """
        state = self.state
        model = self._averaged_model()
        if self._chief and not (self._folder / STATE_FILE).exists():
            self.save()  # a process that is killed while it writes the first models leaves a run to resume
        res = self._config.resolutions(self._res, state.epoch)[-1]
        validates = self._task.validates(state.epoch)
        found = self._validate(model, min(res, self._res), on_progress) if validates else {}
        epoch = self._finished(found)
        state.history.append(epoch)
        if self._chief and validates:
            self._write_results(model, self._kept())
        if epoch.score is not None and res >= self._res:
            state.best = max(state.best, epoch.score)
        state.epoch, state.step = state.epoch + 1, 0
        state.loss = state.right = state.seconds = 0.0
        self.save()
        on_progress(self._epoch_line(), self.share_done())
        self._stepped = time.monotonic()

    def _epoch_line(self) -> str:
        """What the last finished epoch has reached."""
        epoch = self.state.history[-1]
        score = "" if epoch.score is None else f" {self._task.line(epoch)}"
        reached = f"loss {epoch.loss:.3f}{score} {epoch.images_per_s:.0f} images/s"
        return f"epoch {epoch.epoch}/{self._config.epochs} {reached}"

    def end(self, *, finished: bool) -> TrainResult:
        """Write the split of the best model beside it, once: it names every photo. Returns what the run has reached."""
        if self._chief and self.state.history:
            with self._errors_as_output_errors():
                write_split(self._folder, self._split_of(self._kept()))
        best, last = self._folder / BEST_FILE, self._folder / LAST_FILE
        kept = self._kept() if self.state.history else None
        return TrainResult(finished, best, last, kept.top1 if kept else None, kept, tuple(self.state.history))

    def save(self) -> None:
        """Write the state, by one worker only."""
        if self._place is not None:
            self._place.check()
            save_state(self._folder / STATE_FILE, self.state, self._learner.state, self._key)
        self._saved = time.monotonic()

    def _kept(self) -> KeptEpoch:
        return kept_epoch(self.state.history, self._config, self._res)

    def _averaged_model(self) -> keras.Model:
        """The model of the averaged weights. Raises CheckError if they are not finite."""
        values = [np.asarray(average) for average in self._learner.average]
        # The loss of a step is that of the weights before it: the weights after the last step have none yet.
        if not all(np.isfinite(value).all() for value in values):
            raise CheckError(self._diverged("the weights are no longer finite", step=self.state.step))
        return self._learner.trained.model(values)

    def _finished(self, found: Mapping[str, float | None]) -> Epoch:
        """The record of the epoch whose last step is done. found: by its validation."""
        state, steps = self.state, self.state.step
        rates = [learning_rate(self._config, state.epoch + step / steps) for step in range(steps)]
        fields = {"top1": None, **self._task.trained(state.right / steps), **found}
        return self._task.epoch_type(
            epoch=state.epoch + 1,
            loss=state.loss / steps,
            first_learning_rate=rates[0],
            images_per_s=steps * self._config.batch_size / state.seconds,
            mean_learning_rate=math.fsum(rates) / steps,
            **fields,
        )

    def _validate(self, model: keras.Model, res: int, on_progress: OnProgress) -> Mapping[str, float | None]:
        def on_photos(done: int) -> None:
            on_progress(self.phase(f"validating, {done} of {self._validation_photos} photos"), self.share_done())

        on_photos(0)
        return self._task.validate(model, self.state.epoch, res, on_photos)

    def _write_results(self, model: keras.Model, kept: KeptEpoch) -> None:
        """Write all that a finished epoch changes. The best model says of how many epochs it is the best one so far."""
        assert self._place is not None
        self._place.check()
        epoch, best = self.state.history[-1], self._folder / BEST_FILE
        split_of_best = self._split_of(kept)
        with self._errors_as_output_errors():
            save_model(model, self._folder / LAST_FILE, replace(self._split, epochs=1, top1=epoch.top1))
            if kept.epoch == epoch.epoch:
                save_model(model, best, split_of_best)
            elif best.exists():
                replace_split(best, split_of_best)
            write_log(self._folder, self.state.history, kept.epoch, self._config.freeze)
            self._task.write_record(self.state.history, kept)

    def _split_of(self, kept: KeptEpoch) -> Split:
        return replace(self._split, epochs=kept.among, top1=kept.top1)

    @contextmanager
    def _errors_as_output_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"cannot write to {self._folder}: {error.strerror or error}.\nThe run stops here."
            ) from error

    def _diverged(self, what: str, step: int) -> str:
        epoch = self.state.epoch
        rate = learning_rate(self._config, epoch + (step - 1) / self.batches.steps)
        return (
            f"{what} at epoch {epoch + 1}, step {step}, learning rate {rate:.3g}.\n"
            "Begin again with a smaller --learning-rate and --overwrite."
        )


def _key(data: Any, config: SizedConfig, res: int) -> RunKey:
    """What a saved state belongs to: settings, resolution, classes, labels and photos."""
    content = config.as_json()
    if config.detection is None:
        del content["detection"]  # as versions had it that knew no other task than classification
    settings = json.dumps([content, res, data.classes, data.labels_sha256], sort_keys=True)
    return RunKey(hashlib.sha256(settings.encode()).hexdigest(), data.photos_sha256)
