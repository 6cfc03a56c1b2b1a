"""The recipes of --recipe: the settings that an option of mobilenet-train has if it is not given, and a run's length.

Their rows are compared by `make bench-transfer`; its table is in docs/training.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["DETECTION", "FINE_TUNING", "PAPER", "RECIPES", "Recipe", "default_recipe"]


@dataclass(frozen=True)
class Recipe:
    """What options are, unless they are given; and what no option says.

    rates:         the highest learning rate by optimizer, of random weights and of a classifier that learns alone.
    trained_share: the share of it at which all of a trained network learns.
    steps:         how many steps the training of trained weights takes, about: see TrainConfig.sized.
    frozen_share:  the share of its epochs, at first, in which the classifier alone learns.
    linear_probe:  whether a new classifier begins with the weights of linear_probe.py.
    most_epochs:   no training takes more, however few the photos.
    The other fields are those of TrainConfig and Augmentation.
    """

    rates: Mapping[str, float]
    trained_share: float
    steps: int
    frozen_share: float
    linear_probe: bool
    optimizer: str
    weight_decay: float
    min_crop: float
    batch_size: int = 32
    warmup: float = 0.5
    most_epochs: int = 60


PAPER, FINE_TUNING, DETECTION = "paper", "fine-tuning", "detection"
RECIPES = {
    # Howard et al. 2017, section 3.2, with the optimizer of Szegedy et al. 2016, section 8.
    PAPER: Recipe(
        rates={"rmsprop": 0.045, "sgd": 0.1, "adamw": 1e-3},
        trained_share=0.02,
        steps=300,
        frozen_share=0.5,
        linear_probe=False,
        optimizer="rmsprop",
        weight_decay=4e-5,
        min_crop=0.5,
    ),
    # Chosen by experiments. The classifier is solved first, so that its gradients leave the features as they are
    # (Kumar et al. 2022, section 3.2); the optimizer is that of Loshchilov & Hutter 2019, algorithm 2.
    FINE_TUNING: Recipe(
        rates={"rmsprop": 0.045, "sgd": 0.1, "adamw": 3e-3},
        trained_share=0.1,
        steps=1000,
        frozen_share=0.0,
        linear_probe=True,
        optimizer="adamw",
        weight_decay=0.05,
        min_crop=0.25,
    ),
    # Few photos, of which each has many anchors to learn from: many short epochs. min_crop: Liu et al. 2016, 2.2.
    DETECTION: Recipe(
        rates={"rmsprop": 0.004, "sgd": 0.01, "adamw": 1e-3},
        trained_share=1.0,
        steps=2400,
        frozen_share=0.0,
        linear_probe=False,
        optimizer="adamw",
        weight_decay=0.01,
        min_crop=0.1,
        batch_size=16,
        warmup=2.0,
        most_epochs=300,
    ),
}


def default_recipe(*, trained: bool, quantize: bool) -> str:
    """The recipe of a run: for trained weights that for fine-tuning; --quantize has an optimizer and rates of its own,
    and little to learn.
    """
    return FINE_TUNING if trained and not quantize else PAPER
