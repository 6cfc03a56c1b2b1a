"""The record of a run for people to read: history.csv, curves.png, and TensorBoard's logs."""

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from mobilenet_tf.files import replace_file

from .state import Epoch

__all__ = ["write_log"]

MARGIN = 0.04  # of the range of an axis, beside the outermost points


def write_log(folder: Path, history: Sequence[Epoch], kept: int, freeze: int) -> None:
    """Write the first two from the whole history, so that a resumed run leaves what an uninterrupted one does; add its
    last epoch to the third.

    kept:   the number of the epoch that best.keras is of.
    freeze: the number of epochs, at first, in which only the classifier learns.
    """
    with replace_file(folder / "history.csv") as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Epoch)])
        writer.writeheader()
        writer.writerows(asdict(epoch) for epoch in history)
    _write_curves(folder / "curves.png", history, kept, freeze)
    _write_events(folder / "logs", history[-1])


def _write_curves(path: Path, history: Sequence[Epoch], kept: int, freeze: int) -> None:
    from matplotlib.figure import Figure

    epochs = [epoch.epoch for epoch in history]
    figure = Figure(figsize=(9, 3.9), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(epochs, [epoch.loss for epoch in history], marker=".", label="training views")
    losses = [math.nan if epoch.validation_loss is None else epoch.validation_loss for epoch in history]
    left.plot(epochs, losses, marker=".", label="validation, averaged weights")
    left.set(title="Loss", xlabel="epoch", ylim=(0, None))
    right.plot(epochs, [100 * epoch.top1_train for epoch in history], marker=".")
    right.plot(epochs, [100 * epoch.top1 for epoch in history], marker=".")
    lowest = 100 * min(min(epoch.top1_train, epoch.top1) for epoch in history)
    margin = 1 + MARGIN * (100 - lowest)  # without it the frame would cut the points at 100 % in half
    right.set(title="Top-1 (%)", xlabel="epoch", ylim=(lowest - margin, 100 + margin))
    for axes in (left, right):
        beside = MARGIN * max(1, epochs[-1] - 1)
        axes.set_xlim(1 - beside, epochs[-1] + beside)
        axes.set_xticks(_epoch_ticks(epochs[-1]))
        if 0 < freeze < history[-1].epoch:
            label = f"the whole network learns from epoch {freeze + 1}"
            axes.axvline(freeze + 1, color="grey", linestyle="--", linewidth=1, label=label)
        axes.axvline(kept, color="tab:green", linestyle=":", linewidth=1.5, label=f"best.keras: epoch {kept}")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False)
    with replace_file(path) as partial:
        figure.savefig(partial, dpi=120)


def _epoch_ticks(last: int) -> list[int]:
    """The first epoch, and not many more than ten at round numbers; there is no epoch 0."""
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, last) if last <= 12 * step)
    return sorted({1, *range(step, last + 1, step)})


def _write_events(folder: Path, epoch: Epoch) -> None:
    from mobilenet_tf.keras_loader import tf

    with tf.summary.create_file_writer(str(folder)).as_default(step=epoch.epoch):
        for name, value in asdict(epoch).items():
            if name != "epoch" and value is not None:
                tf.summary.scalar(name, value)
