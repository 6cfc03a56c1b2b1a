"""The settings of a training run, checked, with the paper that each comes from; and the learning rate at each step.

TensorFlow is loaded by `optimizer_of` only.
"""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from mobilenet_tf.errors import InputError

from .augmentation import Augmentation
from .class_weights import CHOICES
from .detection.settings import DetectionSettings
from .recipes import FINE_TUNING, PAPER, RECIPES

__all__ = ["OPTIMIZERS", "SizedConfig", "TrainConfig", "learning_rate", "optimizer_of"]

OPTIMIZERS = ("rmsprop", "sgd", "adamw")
SCHEDULES = ("cosine", "exponential")
QUANTIZED_RATE = 0.01  # of a quantization step
MIN_EPOCHS = 10


@dataclass(frozen=True)
class TrainConfig:
    """The settings. Defaults are the paper's (Howard et al. 2017, section 3.2): RMSprop with the settings of Szegedy et
    al. 2016 (Inception V3, section 8: decay 0.9, epsilon 1, rate 0.045, decayed by 0.94 every two epochs).

    recipe:         a name in recipes.RECIPES: it decides what is None here, and how a new classifier begins.
    transfer:       whether training begins with trained weights.
    epochs:         how many in all. None: as many as the photos need, which `sized` decides.
    freeze:         in how many of them, at first, the classifier alone learns and batch norm stays. None: `sized`
                    decides.
    batch_size:     over all replicas and workers.
    rate:           the highest while all of the network learns; a classifier alone learns at a multiple of that, see
                    Recipe.trained_share. None: `SizedConfig.peak_rate` takes the recipe's.
    warmup:         epochs over which the rate rises to it.
    weight_decay:   decoupled, of all kernels except depthwise ones; biases and batch norm have none.
    ema:            decay of the moving average of weights that is evaluated and kept; 0 turns it off.
    multi_res:      resolutions of which every batch takes one at random, beside the model's own.
    start_res:      (resolution, epochs) pairs: the first epochs run at these, which is faster if they are small.
    teacher_weight: share of the soft labels in the loss if there is a teacher; temperature is theirs
                    (Hinton et al. 2015, section 2).
    class_weights:  `auto`: all classes count alike in the loss if one has less than a fifth of the photos of the
                    largest; `none`: all photos count alike. See class_weights.py.
    quantize:       train the folded network with the fake quantization of the export. It has an optimizer of its own,
                    Adam in quantization steps, and freezes nothing by default.
    deterministic:  the same weights bit for bit, run again or resumed; slower.
    detection:      what only detection has; None for another task.
    Raises InputError for a value that no run can have.
    """

    recipe: str = PAPER
    transfer: bool = False
    epochs: int | None = None
    freeze: int | None = None
    batch_size: int = 32
    optimizer: str = "rmsprop"
    schedule: str = "cosine"
    rate: float | None = None
    warmup: float = 0.5
    weight_decay: float = 4e-5
    ema: float = 0.99
    augmentation: Augmentation = field(default_factory=Augmentation)
    multi_res: tuple[int, ...] = ()
    start_res: tuple[tuple[int, int], ...] = ()
    temperature: float = 4.0
    teacher_weight: float = 0.7
    class_weights: str = "auto"
    quantize: bool = False
    seed: int = 0
    deterministic: bool = False
    detection: DetectionSettings | None = None

    def __post_init__(self) -> None:
        if self.epochs is not None:
            self._check_epochs(self.epochs)
        if self.optimizer not in OPTIMIZERS or self.schedule not in SCHEDULES:
            raise InputError(
                f"expected an optimizer of {', '.join(OPTIMIZERS)} and a schedule of {', '.join(SCHEDULES)}; "
                f"got {self.optimizer} and {self.schedule}."
            )
        if self.class_weights not in CHOICES:
            raise InputError(f"expected class weights of {' or '.join(CHOICES)}; got {self.class_weights}.")
        if self.recipe == FINE_TUNING and not self.transfer:
            raise InputError(
                f"--recipe {FINE_TUNING} is for trained weights.\n"
                "Leave it out, or begin with others than --weights random."
            )
        for res in (*self.multi_res, *(res for res, _ in self.start_res)):
            if res < 32 or res % 32:
                raise InputError(f"expected resolutions that are multiples of 32; got {res}.")

    def _check_epochs(self, epochs: int) -> None:
        if self.freeze is not None and self.freeze > epochs:
            raise InputError(f"expected 0 <= --freeze <= --epochs; got {self.freeze} of {epochs}.")
        started = sum(count for _, count in self.start_res)
        if self.start_res and started >= epochs:
            raise InputError(
                f"expected fewer epochs in --start-res than --epochs, so that some run at --res; got {started} of "
                f"{epochs}."
            )

    def sized(self, images: int) -> "SizedConfig":
        """These settings for so many training photos, with what is None decided.

        The training of trained weights takes about as many steps as the recipe says, but no fewer than 10 epochs and no
        more than the recipe's most, 60 for classification; training from scratch takes these.
        """
        settings = {field.name: getattr(self, field.name) for field in fields(self)}
        batch_size = min(self.batch_size, images)
        epochs, freeze, recipe = self.epochs, self.freeze, RECIPES[self.recipe]
        if epochs is None:
            needed = -(-recipe.steps // (images // batch_size)) if self.transfer else recipe.most_epochs
            epochs = min(max(needed, MIN_EPOCHS), recipe.most_epochs)
        if freeze is None:
            freeze = int(epochs * recipe.frozen_share) if self.transfer and not self.quantize else 0
        return SizedConfig(**{**settings, "batch_size": batch_size, "epochs": epochs, "freeze": freeze})

    def resolutions(self, res: int, epoch: int) -> tuple[int, ...]:
        """Those that a batch of this epoch may have, for a model of resolution `res`."""
        start_res = self._phase(epoch)[1]
        return (start_res,) if start_res else tuple(sorted({res, *self.multi_res}))

    def _phase(self, epoch: int) -> tuple[int, int | None]:
        """The first epoch at the resolution of this one, and that resolution; None: the model's own."""
        first = 0
        for res, epochs in self.start_res:
            if epoch < first + epochs:
                return first, res
            first += epochs
        return first, None

    def average_decay(self, epoch: int, step: int, steps: int) -> float:
        """The decay of the moving average at a step of an epoch of `steps`.

        While few steps are done at the present resolution the average is of those only: earlier means and variances of
        batch norm belong to another resolution.
        """
        done = (epoch - self._phase(epoch)[0]) * steps + step
        return min(self.ema, (1 + done) / (10 + done))

    def as_json(self) -> dict[str, Any]:
        """What a run's folder keeps, to recognize whether a resumed run has the same settings."""
        return asdict(self)


@dataclass(frozen=True)
class SizedConfig(TrainConfig):
    """The settings of a run on a known number of photos: see TrainConfig; its epochs are known."""

    epochs: int = 60
    freeze: int = 0

    def peak_rate(self, epoch: float) -> float:
        """The highest learning rate of the phase that `epoch` is in: a classifier alone learns as from scratch."""
        if self.quantize:
            return QUANTIZED_RATE if self.rate is None else self.rate
        recipe = RECIPES[self.recipe]
        share = recipe.trained_share if self.transfer and self.freeze < self.epochs else 1.0
        whole = recipe.rates[self.optimizer] * share if self.rate is None else self.rate
        return whole / share if epoch < self.freeze else whole


def learning_rate(config: SizedConfig, epoch: float) -> float:
    """The rate after `epoch` epochs: each of the two phases (frozen, whole) warms up and decays by itself."""
    if epoch < config.freeze:
        start, length = 0.0, float(config.freeze)
    else:
        start, length = float(config.freeze), float(config.epochs - config.freeze)
    done, peak = epoch - start, config.peak_rate(epoch)
    warm = min(1.0, (done + 1e-3) / config.warmup) if config.warmup > 0 else 1.0
    if config.schedule == "exponential":
        return peak * warm * 0.94 ** (done / 2)
    return peak * warm * 0.5 * (1 + math.cos(math.pi * min(1.0, done / length)))


def optimizer_of(config: TrainConfig, variables: Sequence[Any], decayed: Sequence[Any]) -> Any:
    """The Keras optimizer of `variables`, with its slots built; its learning rate is set at every step.

    decayed: those of the variables that weight decay applies to.
    """
    from mobilenet_tf.keras_loader import keras

    decay = None if config.quantize else config.weight_decay or None
    optimizer = {
        "rmsprop": lambda: keras.optimizers.RMSprop(0.0, rho=0.9, momentum=0.9, epsilon=1.0, weight_decay=decay),
        "sgd": lambda: keras.optimizers.SGD(0.0, momentum=0.9, nesterov=True, weight_decay=decay),
        # With a smaller epsilon, gradients that are nothing but rounding move weights by whole steps.
        "adamw": lambda: keras.optimizers.AdamW(0.0, weight_decay=config.weight_decay, epsilon=1e-5),
        # Gradients for a whole quantization step are tiny: Adam's usual epsilon would drown them.
        "quantized": lambda: keras.optimizers.Adam(0.0, beta_2=0.99, epsilon=1e-12),
    }["quantized" if config.quantize else config.optimizer]()
    if decay:
        kept = {id(variable) for variable in decayed}
        optimizer.exclude_from_weight_decay(var_list=[variable for variable in variables if id(variable) not in kept])
    optimizer.build(variables)
    return optimizer
