"""Fine-tuning without labels: the quantized network learns from the float one, all layers at once.

Distillation (Hinton et al. 2015) into a network with fake quantization and straight-through gradients (Jacob et al.
2018, section 3). The loss is the cross entropy of the softmaxes and a small share of the squared distance of the
logits, or of embeddings 1 - their cosine; Adam minimizes it on random crops and flips of the calibration images.
Weights are measured in quantization steps and start at the middle of theirs, so that a level changes only if many
batches agree. Biases and the scale of each channel are learned too. What is evaluated and kept is not the last batch's
state but the running mean of the states. It is judged on photos that are held back from it: with what they say nothing
is chosen among states, so that the judgement is not of the luckiest one, and nothing is trained afterwards.

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

from .divergence import Divergence, cosine_errors, is_gain, random_views
from .finetuning_state import FineTuningState
from .graph import Graph
from .ranges import step_of
from .simulation import LEVELS, Quantized, QuantizedLayer, along_channels

__all__ = ["FineTuned", "finetune"]

TRIAL, PROMISING = 2, 1.0  # rounds after which it goes on only if the gain is as many standard errors
STEPS = 60  # of Adam in a round, after which the network is evaluated on the held-back photos
BATCH, PARTS = 16, 4  # images of a batch, and the parts in which its gradients are computed
RATE = 0.01  # learning rate, in quantization steps
LOGIT_WEIGHT = 1e-3
HELD_BACK = 0.3  # share of the photos
AVERAGING = 0.99  # of the running mean of the variables: their values of about the last hundred batches

UInt8 = NDArray[np.uint8]
Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class FineTuned:
    """The network that was kept, and the divergence from float on the held-back photos before and after.

    before, after: Kullback-Leibler divergence of the softmaxes, in nats per image; of embeddings 1 - their cosine.
    gained:        whether the last state is nearer to float than the first by more than chance; else the first is kept.
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
    teach = tf.function(lambda image: teacher.compared_among(teacher.walk(image)), autograph=False)
    while state.round < rounds and (state.round < TRIAL or is_gain(before, state.divergences, PROMISING)):
        for step in range(state.round * STEPS, (state.round + 1) * STEPS):
            on_progress(f"divergence {state.divergences.mean():.4f}, was {before.mean():.4f}", step / rounds / STEPS)
            rng = np.random.default_rng((seed, step))
            views = random_views(training[rng.integers(len(training), size=BATCH)], rng)
            batch = tf.constant(teacher.normalize(views))
            student.step(batch, teach(batch))
        state.end_round(evaluate(student.quantized()))
    gained = is_gain(before, state.divergences)
    quantized = student.quantized() if gained else start
    state.remove_checkpoint()
    return FineTuned(quantized, float(before.mean()), float(state.divergences.mean()), gained)


@dataclass(frozen=True)
class _TrainableLayer:
    """A layer whose levels, bias and scales are variables.

    shift:   of the bias, in steps of the layer's output.
    stretch: of each scale, in shares of 1 / LEVELS: 1 moves the largest weight of a channel by one level.
    """

    layer: QuantizedLayer
    levels: Any
    shift: Any
    stretch: Any
    bias_step: float

    @property
    def bias(self) -> Any:
        return self.layer.bias + self.shift * self.bias_step

    def real(self, kind: str) -> Any:
        levels = tf.quantization.fake_quant_with_min_max_args(self.levels, -LEVELS, LEVELS, narrow_range=True)
        return levels * along_channels(self.layer.scale * (1 + self.stretch / LEVELS), kind)

    def rounded(self, levels: Any, shift: Any, stretch: Any) -> QuantizedLayer:
        """The layer with the whole levels nearest to these, as a file can hold it."""
        kernel = np.clip(np.rint(levels), -LEVELS, LEVELS).astype(np.int8)
        scale = (self.layer.scale * (1 + stretch / LEVELS)).astype(np.float32)
        return replace(self.layer, kernel=kernel, scale=scale, bias=self.layer.bias + shift * self.bias_step)


class _Student:
    """The quantized network with its levels, bias shifts and stretches of the scales as variables."""

    def __init__(self, start: Quantized, steps: int) -> None:
        self._start = start
        places = [index for index, node in enumerate(start.graph.nodes) if node.kernel is not None]
        self._layers = [
            _TrainableLayer(
                layer,
                tf.Variable(layer.kernel.astype(np.float32)),
                tf.Variable(np.zeros_like(layer.bias)),
                tf.Variable(np.zeros(np.shape(layer.scale), np.float32)),
                step_of(start.ranges[place], "int8"),
            )
            for place, layer in zip(places, start.layers, strict=True)
        ]
        self.variables = [variable for layer in self._layers for variable in (layer.levels, layer.shift, layer.stretch)]
        schedule = keras.optimizers.schedules.CosineDecay(RATE, steps)
        # Gradients with respect to quantization steps are far smaller than Adam's usual epsilon.
        self.optimizer = keras.optimizers.Adam(schedule, beta_2=0.99, epsilon=1e-12)
        self.averages = [tf.Variable(variable) for variable in self.variables]
        self._gradient = tf.function(self._gradient_of_part, autograph=False)
        self._apply = tf.function(self._apply_gradient, autograph=False)

    @property
    def checkpoint_variables(self) -> list[Any]:
        """What a checkpoint holds."""
        return [*self.variables, *self.averages, *self.optimizer.variables]

    def assign(self, values: Sequence[Any]) -> None:
        """Set `checkpoint_variables` to these values, in order."""
        for variable, value in zip(self.checkpoint_variables, values, strict=True):
            variable.assign(value)

    def compared(self, image: Any) -> Any:
        """The output of Graph.compared for normalized images, with straight-through gradients."""
        return self._start.graph.compared_among(self._start.outputs(image, self._layers))

    def step(self, images: Any, targets: Any) -> None:
        """One step of Adam on a batch. Gradients are computed in parts, which bounds the memory."""
        parts = zip(tf.split(images, PARTS), tf.split(targets, PARTS), strict=True)
        gradients = [self._gradient(*part) for part in parts]
        self._apply([tf.add_n(shares) / PARTS for shares in zip(*gradients, strict=True)])

    def _apply_gradient(self, gradient: Any) -> None:
        self.optimizer.apply(gradient, self.variables)
        for average, variable in zip(self.averages, self.variables, strict=True):
            average.assign(AVERAGING * average + (1 - AVERAGING) * variable)

    def _gradient_of_part(self, image: Any, target: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = self._loss(self.compared(image), target)
        return tape.gradient(loss, self.variables)

    def _loss(self, output: Any, target: Any) -> Any:
        """Of the logits, or of the vectors before they get a length of 1."""
        if self._start.graph.logits is None:
            return tf.reduce_mean(cosine_errors(*(tf.reshape(x, (tf.shape(x)[0], -1)) for x in (output, target))))
        entropy = tf.nn.softmax_cross_entropy_with_logits(tf.nn.softmax(target), output)
        return tf.reduce_mean(entropy) + LOGIT_WEIGHT * tf.reduce_mean(tf.square(output - target))

    def quantized(self) -> Quantized:
        """The network of the averages with whole levels, as a file can hold it."""
        averages = iter([average.numpy() for average in self.averages])
        layers = tuple(layer.rounded(next(averages), next(averages), next(averages)) for layer in self._layers)
        return replace(self._start, layers=layers)


def _held_back(photos: Sequence[Any]) -> NDArray[np.bool_]:
    """A mask of the images of the last three tenths of the photos, but at least of one photo."""
    distinct = list(dict.fromkeys(photos))
    back = set(distinct[-max(1, round(len(distinct) * HELD_BACK)) :])
    return np.array([photo in back for photo in photos])


def _key(start: Quantized, images: UInt8, seed: int) -> str:
    """Identifies what a checkpoint belongs to: the network, the images and the seed."""
    digest = hashlib.sha256(images.tobytes() + str(seed).encode())
    for layer in start.layers:
        digest.update(layer.kernel.tobytes() + layer.scale.tobytes() + layer.bias.tobytes())
    return digest.hexdigest()
