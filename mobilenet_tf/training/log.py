"""The record of a run for people to read: history.csv, curves.png, and TensorBoard's logs."""

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

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
        columns = [field.name for field in fields(history[0]) if field.name not in history[0].not_listed]
        writer = csv.DictWriter(file, columns, extrasaction="ignore")
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
    name, label = history[0].second_loss
    if any(getattr(epoch, name) is not None for epoch in history):
        left.plot(epochs, _numbers(history, name), marker=".", label=label)
    left.set(title="Loss", xlabel="epoch", ylim=(0, None))
    _draw_scores(right, epochs, history)
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


def _draw_scores(axes: Any, epochs: Sequence[int], history: Sequence[Epoch]) -> None:
    """The scores of a task, of which not every epoch may be validated."""
    names, title = history[0].scores, history[0].scores_title
    known = [name for name in names if any(getattr(epoch, name) is not None for epoch in history)]
    shown = {name: [100 * value for value in _numbers(history, name)] for name in known}
    for name, values in shown.items():
        points = [(epoch, value) for epoch, value in zip(epochs, values, strict=True) if not math.isnan(value)]
        axes.plot(*zip(*points, strict=True), marker=".", label=names[name])
    lowest = min(value for values in shown.values() for value in values if not math.isnan(value))
    margin = 1 + MARGIN * (100 - lowest)  # without it the frame would cut the points at 100 % in half
    axes.set(title=title, xlabel="epoch", ylim=(lowest - margin, 100 + margin))
    if any(names.values()):
        axes.legend(frameon=False)


def _numbers(history: Sequence[Epoch], name: str) -> list[float]:
    """A field of each epoch; NaN if it has none."""
    return [math.nan if (value := getattr(epoch, name)) is None else value for epoch in history]


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
