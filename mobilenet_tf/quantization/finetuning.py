"""Fine-tuning without labels: the quantized network learns from the float one, all layers at once.

Distillation (Hinton et al. 2015) into a network with fake quantization and straight-through gradients (Jacob et al.
2018, section 3). The loss is the cross entropy of the softmaxes and a small share of the squared distance of the
logits; Adam minimizes it on random crops and flips of the calibration images. Weights are measured in quantization
steps and start at the middle of theirs, so that a level changes only if many batches agree. A fifth of the photos is
held back, and the state that does best on them is kept.

TensorFlow is loaded with this module.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import keras, tf
from mobilenet_tf.progress import OnProgress, ignore_progress

from .divergence import Divergence, is_gain, random_views
from .finetuning_state import FineTuningState
from .graph import Graph
from .ranges import step_of
from .simulation import LEVELS, Quantized, QuantizedLayer, along_channels

__all__ = ["FineTuned", "finetune"]

STEPS = 60  # of Adam in a round, after which the network is evaluated on the held-back photos
BATCH, PARTS = 16, 4  # images of a batch, and the parts in which its gradients are computed
RATE = 0.01  # learning rate in quantization steps: those of the weights; for biases those of the layer's output
LOGIT_WEIGHT = 1e-3
HELD_BACK = 0.2  # share of the photos

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class FineTuned:
    """The network that was kept, and the divergence from float on the held-back photos before and after.

    before, after: Kullback-Leibler divergence of the softmaxes, in nats per image.
    gained:        whether the best state is better than the first by more than chance; if not, the first is kept.
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
    on_progress: OnProgress = ignore_progress,
) -> FineTuned:
    """Fine-tune on images (n, res, res, 3).

    photos:     the photo that each image is from, so that no photo is both learned from and held back.
    rounds:     how many at most.
    checkpoint: a file from which an interrupted run continues, written after each round and removed at the end.
    Raises OutputError for a checkpoint that cannot be read.
    """
    back = _held_back(photos)
    training = images[~back]
    evaluate = Divergence(
        teacher, images[back], [photo for photo, is_back in zip(photos, back, strict=True) if is_back], seed
    )
    student = _Student(start, rounds * STEPS)
    student.optimizer.build(student.variables)
    before = evaluate(start)
    state = FineTuningState(checkpoint, _key(start, images, seed), student, before)
    teach = tf.function(lambda image: teacher.logits_among(teacher.walk(image)))
    for round_ in range(state.round, rounds):
        for step in range(round_ * STEPS, (round_ + 1) * STEPS):
            rng = np.random.default_rng((seed, step))
            views = random_views(training[rng.integers(len(training), size=BATCH)], rng)
            batch = tf.constant(teacher.normalize(views))
            student.step(batch, teach(batch))
        divergences = evaluate(student.quantized())
        state.end_round(round_, divergences)
        on_progress(f"divergence {divergences.mean():.4f}, was {before.mean():.4f}", (round_ + 1) / rounds)
    state.remove_checkpoint()
    student.assign(state.best)
    gained = is_gain(before, state.divergences)
    quantized = student.quantized() if gained else start
    return FineTuned(quantized, float(before.mean()), float(state.divergences.mean()), gained)


@dataclass(frozen=True)
class _TrainableLayer:
    """A layer whose levels and bias are variables."""

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
        """The layer with whole levels, as a file can hold it."""
        kernel = np.clip(np.rint(self.levels.numpy()), -LEVELS, LEVELS).astype(np.int8)
        return replace(self.layer, kernel=kernel, bias=self.bias.numpy())


class _Student:
    """The quantized network with its levels and bias shifts as variables."""

    def __init__(self, start: Quantized, steps: int) -> None:
        self._start = start
        places = [index for index, node in enumerate(start.graph.nodes) if node.kernel is not None]
        self._layers = [
            _TrainableLayer(
                layer,
                tf.Variable(layer.kernel.astype(np.float32)),
                tf.Variable(np.zeros_like(layer.bias)),
                step_of(start.ranges[place], "int8"),
            )
            for place, layer in zip(places, start.layers, strict=True)
        ]
        self.variables = [layer.levels for layer in self._layers] + [layer.shift for layer in self._layers]
        schedule = keras.optimizers.schedules.CosineDecay(RATE, steps)
        # Gradients with respect to quantization steps are far smaller than Adam's usual epsilon.
        self.optimizer = keras.optimizers.Adam(schedule, beta_2=0.99, epsilon=1e-12)
        self._gradient = tf.function(self._gradient_of_part)
        self._apply = tf.function(lambda gradient: self.optimizer.apply(gradient, self.variables))

    @property
    def checkpoint_variables(self) -> list[Any]:
        """What a checkpoint holds."""
        return [*self.variables, *self.optimizer.variables]

    def assign(self, values: Sequence[Any]) -> None:
        """Set the first of `checkpoint_variables` to these values, in order."""
        for variable, value in zip(self.checkpoint_variables, values, strict=False):
            variable.assign(value)

    def logits(self, image: Any) -> Any:
        """The logits of normalized images, with straight-through gradients."""
        return self._start.graph.logits_among(self._start.outputs(image, self._layers))

    def step(self, images: Any, targets: Any) -> None:
        """One step of Adam on a batch. Gradients are computed in parts, which bounds the memory."""
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
        """The network with whole levels, as a file can hold it."""
        return replace(self._start, layers=tuple(layer.rounded() for layer in self._layers))


def _held_back(photos: Sequence[Any]) -> NDArray[np.bool_]:
    """A mask of the images of the last fifth of the photos, but at least of one photo."""
    distinct = list(dict.fromkeys(photos))
    back = set(distinct[-max(1, round(len(distinct) * HELD_BACK)) :])
    return np.array([photo in back for photo in photos])


def _key(start: Quantized, images: UInt8, seed: int) -> str:
    """Identifies what a checkpoint belongs to: the network, the images and the seed."""
    digest = hashlib.sha256(images.tobytes() + str(seed).encode())
    for layer in start.layers:
        digest.update(layer.kernel.tobytes() + layer.scale.tobytes() + layer.bias.tobytes())
    return digest.hexdigest()
