"""What a finished run says of its scores: of any task, and of the accuracy of classification."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mobilenet_tf.results.answers import differs_from_top1
from mobilenet_tf.results.chance import wilson_interval

from .config import SizedConfig
from .kept_models import KeptEpoch
from .state import Epoch

__all__ = ["SHOWN", "Printed", "kept_model_sentences", "worse_after_unfreezing"]

SHOWN = 10  # epochs that are printed, the last ones


@dataclass(frozen=True)
class Printed:
    """The table of the last epochs, sentences on what the kept one reached; and what stands between them.

    for_export: more arguments of the mobilenet-export command that comes next.
    """

    header: list[str]
    rows: list[list[str]]
    sentences: list[str]
    between: tuple[str, ...] = ()
    for_export: tuple[str, ...] = ()


def kept_model_sentences(kept: KeptEpoch, photos: int, *, averaged: bool) -> list[str]:
    """Which epoch best.keras is of, and what its top-1 on the `photos` validation photos is worth.

    averaged: whether its weights are the moving average.
    """
    top1 = kept.top1 or 0.0
    low, high = wilson_interval(top1, photos)
    measured = ", measured with averaged weights" if averaged else ""
    sentences = [
        f"best.keras is of epoch {kept.epoch}: top-1 {top1:.1%} on {photos} validation photos "
        f"(95% interval {low:.1%} to {high:.1%}){measured}."
    ]
    balanced = kept.balanced_accuracy
    if differs_from_top1(balanced, top1):
        sentences.append(f"Its balanced accuracy, the mean over the classes, is {balanced:.1%}.")
    if kept.among > 1:
        sentences.append(
            f"It was chosen as the best of {kept.among} epochs on the same photos: expect less on new ones."
        )
    return sentences


def worse_after_unfreezing(history: Sequence[Epoch], config: SizedConfig, photos: int, classes: int) -> str | None:
    """A sentence with advice if the network got clearly worse when all of it learned; None if it did not.

    It did if, from the last frozen epoch to the last of all, validation loss rose and top-1 fell, and either top-1 fell
    by more than chance explains (their 95 % intervals are apart), or the loss is above that of guessing, log(classes).
    Epochs at other resolutions cannot be compared.
    """
    if not 0 < config.freeze < len(history) or config.start_res:
        return None
    frozen, last = history[config.freeze - 1], history[-1]
    if frozen.validation_loss is None or last.validation_loss is None:
        return None
    before, after = frozen.top1, last.top1
    if before is None or after is None or last.validation_loss <= frozen.validation_loss or after >= before:
        return None
    apart = wilson_interval(after, photos)[1] < wilson_interval(before, photos)[0]
    if not apart and last.validation_loss <= math.log(classes):
        return None
    return (
        f"It got worse when the whole network learned, from epoch {config.freeze + 1} on: validation loss "
        f"{frozen.validation_loss:.2f} to {last.validation_loss:.2f}, top-1 {before:.1%} to {after:.1%}. "
        f"Try a smaller --learning-rate, more --epochs, or --freeze {config.epochs}, which trains the classifier alone."
    )
