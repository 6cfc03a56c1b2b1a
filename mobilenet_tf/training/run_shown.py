"""A run on standard error: a bar on a terminal, and a line for each epoch that is done, with the time that is left."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from mobilenet_tf.console import warn
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.progress_bar import ProgressBar, duration_text

from .config import SizedConfig
from .time_left import TimeLeft

__all__ = ["epoch_lines", "run_shown"]

# How loop.train names its progress: an epoch that is done and validated has its score, and a step has none.
EPOCH, STEP = re.compile(r"epoch (\d+)/\d+ loss .* (?:top-1|AP|cosine|recall@1) "), re.compile(r"epoch \d+/\d+ loss ")


@contextmanager
def run_shown(config: SizedConfig, res: int, stderr: TextIO) -> Iterator[tuple[OnProgress, Callable[[str], None]]]:
    """Yield what shows a run of a network of resolution `res`, and what prints a note meanwhile.

    When the block ends, the bar goes and the lines stay.
    """
    bar = ProgressBar(stderr)

    def on_line(line: str) -> None:
        bar.close()
        click.echo(line, file=stderr)

    def on_note(note: str) -> None:
        bar.close()
        warn(note, stderr)

    bar.show("loading TensorFlow and building the network")
    try:
        yield epoch_lines(config, res, on_line, bar.show), on_note
    finally:
        bar.close()


def epoch_lines(
    config: SizedConfig,
    res: int,
    on_line: Callable[[str], None],
    on_progress: OnProgress,
    clock: Callable[[], float] = time.monotonic,
) -> OnProgress:
    """The progress of loop.train -> `on_line` for each epoch that is done, `on_progress` for all else."""
    time_left = TimeLeft(config, res)

    def on_task(task: str, share: float) -> None:
        if epoch := EPOCH.match(task):
            left = time_left.epoch(int(epoch[1]), clock())
            done = int(epoch[1]) == config.epochs
            on_line(task if left is None or done else f"{task}, about {duration_text(left)} left")
            return
        if STEP.match(task):
            time_left.step(share, clock())
        on_progress(task, share)

    return on_task
