"""Label-free fine-tuning: the quantized network learns from the float one, whole network at once.

Distillation (Hinton et al. 2015) into a network with fake quantization and straight-through gradients (Jacob et al.
2018, section 3): cross entropy of the softmaxes and a little of the logits' squared distance, Adam, on random crops
and flips of the calibration images. Weights move in quantization steps, from the middle of theirs, so that a level
changes only where many batches agree. A fifth of the photos is held back; the state that does best on them is kept.

TensorFlow is loaded with this module.
"""

import hashlib
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.errors import OutputError
from mobilenet_tf.files import replace_file

from .graph import Graph
from .simulation import LEVELS, Quantized, QuantizedLayer, along_channels, step_of

__all__ = ["Tuned", "finetune"]

STEPS = 25  # of a round; after it, the held-back photos are looked at
PATIENCE = 3  # rounds without gain before it stops
BATCH, PARTS = 16, 4
RATE = 0.01  # in quantization steps: of the weights, and for biases of the layer's output
LOGIT_WEIGHT = 1e-3
SMALLEST_CROP = 0.75
HELD_BACK = 0.2
VIEWS = 3  # of a held-back image: as it is, mirrored, and a crop

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Tuned:
    """What was kept, and the divergence from float on the held-back photos before and after (nats per image).

    gained: whether the best state did better than the first by more than chance; if not, the first is kept.
    """

    quantized: Quantized
    before: float
    after: float
    gained: bool


def finetune(
    start: Quantized,
    teacher: Graph,
    images: UInt8,
    photos: Sequence[Any],
    *,
    rounds: int,
    seed: int = 0,
    checkpoint: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Tuned:
    """Fine-tune on images (n, res, res, 3); photos: the photo each is from, so that none is on both sides.

    rounds:     at most; `progress` is told of each, also of those that are left out.
    checkpoint: a file from which an interrupted run goes on, written after each round and removed at the end.
    Raises OutputError for a checkpoint that cannot be read.
    """
    back = _held_back(photos)
    training, judge = images[~back], _Judge(teacher, images[back], seed)
    student = _Student(start, rounds * STEPS)
    student.optimizer.build(student.variables)
    before = judge(start)
    state = _State(checkpoint, _key(start, images, seed), student, before)
    teach = tf.function(lambda image: teacher.logits_among(teacher.walk(image)))
    for round_ in range(state.round, rounds):
        if state.stale >= PATIENCE:
            progress("gains no more")
            continue
        for step in range(round_ * STEPS, (round_ + 1) * STEPS):
            batch = _batch(training, np.random.default_rng((seed, step)))
            student.step(batch, teach(batch))
        divergences = judge(student.quantized())
        state.judged(round_, divergences)
        progress(f"divergence {divergences.mean():.4f}, was {before.mean():.4f}")
    state.done()
    student.assign(state.best)
    gained = _significant(before - state.divergences)
    quantized = student.quantized() if gained else start
    return Tuned(quantized, float(before.mean()), float(state.divergences.mean()), gained)


def _significant(gains: NDArray[np.float32]) -> bool:
    """Whether photos gain on average, by more than two standard errors: few are held back."""
    return bool(gains.mean() > 2 * gains.std() / np.sqrt(len(gains)))


@dataclass(frozen=True)
class _Trained:
    """A layer whose levels and bias can be moved by gradients."""

    layer: QuantizedLayer
    levels: Any
    shift: Any
    bias_step: float

    @property
    def bias(self) -> Any:
        return self.layer.bias + self.shift * self.bias_step

    def real(self, kind: str) -> Any:
        levels = tf.quantization.fake_quant_with_min_max_args(self.levels, -LEVELS, LEVELS, narrow_range=True)
        return levels * along_channels(self.layer.scale, kind)

    def rounded(self) -> QuantizedLayer:
        """What a file can hold."""
        kernel = np.clip(np.rint(self.levels.numpy()), -LEVELS, LEVELS).astype(np.int8)
        return replace(self.layer, kernel=kernel, bias=self.bias.numpy())


class _Student:
    """The quantized network with its levels and bias shifts as variables."""

    def __init__(self, start: Quantized, steps: int) -> None:
        self._start = start
        places = [index for index, node in enumerate(start.graph.nodes) if node.kernel is not None]
        self._layers = [
            _Trained(
                layer,
                tf.Variable(layer.kernel.astype(np.float32)),
                tf.Variable(np.zeros_like(layer.bias)),
                step_of(start.ranges[place], "int8"),
            )
            for place, layer in zip(places, start.layers, strict=True)
        ]
        self.variables = [layer.levels for layer in self._layers] + [layer.shift for layer in self._layers]
        schedule = keras.optimizers.schedules.CosineDecay(RATE, steps)
        # Gradients for a whole step are tiny: Adam's usual epsilon would drown them.
        self.optimizer = keras.optimizers.Adam(schedule, beta_2=0.99, epsilon=1e-12)
        self._gradient = tf.function(self._gradient_of_part)
        self._apply = tf.function(lambda gradient: self.optimizer.apply(gradient, self.variables))

    @property
    def everything(self) -> list[Any]:
        """What a checkpoint holds."""
        return [*self.variables, *self.optimizer.variables]

    def assign(self, values: Sequence[Any]) -> None:
        """Set the variables, in their order."""
        for variable, value in zip(self.everything, values, strict=False):
            variable.assign(value)

    def logits(self, image: Any) -> Any:
        """The logits of normalized images, with straight-through gradients."""
        return self._start.graph.logits_among(self._start.outputs(image, self._layers))

    def step(self, images: Any, targets: Any) -> None:
        """One step of Adam on a batch, taken in parts to bound the memory."""
        parts = zip(tf.split(images, PARTS), tf.split(targets, PARTS), strict=True)
        gradients = [self._gradient(*part) for part in parts]
        self._apply([tf.add_n(shares) / PARTS for shares in zip(*gradients, strict=True)])

    def _gradient_of_part(self, image: Any, target: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = self.logits(image)
            entropy = tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(target), logits)
            loss = tf.reduce_mean(entropy) + LOGIT_WEIGHT * tf.reduce_mean(tf.square(logits - target))
        return tape.gradient(loss, self.variables)

    def quantized(self) -> Quantized:
        """The variables rounded to what a file can hold."""
        return replace(self._start, layers=tuple(layer.rounded() for layer in self._layers))


class _Judge:
    """How far a quantized network's softmax is from the float one's, for each held-back image and views of it."""

    def __init__(self, teacher: Graph, images: UInt8, seed: int) -> None:
        rng = np.random.default_rng((seed, len(images)))
        self._views = [
            tf.concat([normalize(part), normalize(part[:, :, ::-1]), _crops(part, rng)], 0)
            for part in np.array_split(images, -(-len(images) // 10))
        ]
        self._exact = [tf.nn.log_softmax(teacher.logits_among(teacher.walk(view))) for view in self._views]

    def __call__(self, quantized: Quantized) -> NDArray[np.float32]:
        pairs = zip(self._views, self._exact, strict=True)
        return np.concatenate([self._divergences(quantized, *pair) for pair in pairs])

    @staticmethod
    def _divergences(quantized: Quantized, views: Any, exact: Any) -> NDArray[np.float32]:
        rounded = tf.nn.log_softmax(quantized.graph.logits_among(quantized.outputs(views)))
        divergences = tf.reduce_sum(tf.exp(exact) * (exact - rounded), 1)
        return np.asarray(divergences).reshape(VIEWS, -1).mean(0)


class _State:
    """Where the run is and its best state so far, kept in a checkpoint file if one is named."""

    def __init__(self, path: Path | None, key: str, student: _Student, divergences: NDArray[np.float32]) -> None:
        self._path, self._key, self._student = path, key, student
        self.round, self.stale, self.divergences = 0, 0, divergences
        self.best = [variable.numpy() for variable in student.variables]
        if path is not None and path.exists():
            try:
                self._resume(path)
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                raise OutputError(
                    f"cannot go on from the checkpoint {path}: {error}.\nDelete it to fine-tune from the beginning."
                ) from error

    def _resume(self, path: Path) -> None:
        with path.open("rb") as file, np.load(file) as saved:
            if str(saved["key"]) != self._key:  # of another model, or of other photos
                return
            self.round, self.stale, self.divergences = int(saved["round"]), int(saved["stale"]), saved["best"]
            self.best = [saved[f"best{i}"] for i in range(len(self.best))]
            self._student.assign([saved[f"now{i}"] for i in range(len(self._student.everything))])

    def judged(self, round_: int, divergences: NDArray[np.float32]) -> None:
        """Note a round's result, and save."""
        self.round = round_ + 1
        self.stale += 1
        if divergences.mean() < self.divergences.mean():
            self.divergences, self.stale = divergences, 0
            self.best = [variable.numpy() for variable in self._student.variables]
        if self._path is None:
            return
        values = {f"now{i}": np.asarray(value) for i, value in enumerate(self._student.everything)}
        values |= {f"best{i}": value for i, value in enumerate(self.best)}
        with replace_file(self._path) as partial:
            np.savez(partial, key=self._key, round=self.round, stale=self.stale, best=self.divergences, **values)

    def done(self) -> None:
        """Remove the checkpoint."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _held_back(photos: Sequence[Any]) -> NDArray[np.bool_]:
    """Which images are of the last fifth of the photos, at least one."""
    distinct = list(dict.fromkeys(photos))
    back = set(distinct[-max(1, round(len(distinct) * HELD_BACK)) :])
    return np.array([photo in back for photo in photos])


def _batch(images: UInt8, rng: np.random.Generator) -> Any:
    return _crops(images[rng.integers(len(images), size=BATCH)], rng)


def _crops(images: UInt8, rng: np.random.Generator) -> Any:
    """A random crop of each image, half of them flipped, as normalized images of the same size."""
    count = len(images)
    side = rng.uniform(SMALLEST_CROP, 1, count)
    top, left = rng.uniform(0, 1 - side), rng.uniform(0, 1 - side)
    boxes = np.stack([top, left, top + side, left + side], 1).astype(np.float32)
    flipped = rng.random(count) < 0.5
    boxes[flipped] = boxes[flipped][:, [0, 3, 2, 1]]
    return tf.image.crop_and_resize(normalize(images), boxes, np.arange(count), images.shape[1:3])


def _key(start: Quantized, images: UInt8, seed: int) -> str:
    """What a checkpoint belongs to."""
    digest = hashlib.sha256(images.tobytes() + str(seed).encode())
    for layer in start.layers:
        digest.update(layer.kernel.tobytes() + layer.scale.tobytes() + layer.bias.tobytes())
    return digest.hexdigest()
