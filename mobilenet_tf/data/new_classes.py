"""Classes that validate and are not trained on, as identities of embeddings: given, or held out of all."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from mobilenet_tf.errors import DataError

from .class_matching import ClassMatcher
from .dataset import Int64
from .layout import Layout, folder_of

__all__ = ["NewClasses", "held_out_classes", "refuse_own_sides", "with_classes_of"]

# Whether classes may validate that are not trained on. accepted: if there are photos to validate with that are of
# others. held out: some of the classes are chosen for that, with all of their photos.
NewClasses = Literal["refused", "accepted", "held out"]
FEWEST = 2  # on each side: of one class alone every photo's nearest other one is of it
OPTION = "--hold-out-classes"


def held_out_classes(classes: Sequence[str], share: float, seed: int) -> Int64:
    """The indices of `share` of the classes, at least two, by `seed`. Raises DataError if two others are not left."""
    if len(classes) < 2 * FEWEST:
        raise DataError(
            f"{OPTION}: expected at least {2 * FEWEST} classes, {FEWEST} to train on and {FEWEST} to validate with; "
            f"found {len(classes)}.\nLeave it out, or give photos of more classes."
        )
    count = min(max(FEWEST, round(share * len(classes))), len(classes) - FEWEST)
    return np.sort(np.random.default_rng(seed).permutation(len(classes))[:count])


def refuse_own_sides(layout: Layout) -> None:
    """Raise DataError if there are photos to validate with already."""
    if layout.validation is not None:
        raise DataError(
            f"{OPTION} chooses the classes that validate; {layout.validation} has photos for that.\n"
            f"Leave it out, or give the folder of the classes alone, without sides: {folder_of(layout.train)}."
        )


def with_classes_of(classes: tuple[str, ...], others: Sequence[str]) -> tuple[str, ...]:
    """The classes, followed by those of the others that are none of them."""
    matcher = ClassMatcher(classes)
    return (*classes, *(name for name in others if matcher.exact(name) is None and matcher.loose(name) is None))
