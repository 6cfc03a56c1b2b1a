"""The options of mobilenet-train that are for photos with boxes alone. TensorFlow-free."""

from collections.abc import Callable
from typing import Any

import click

__all__ = ["detection_options"]

OPTIONS = (
    click.option(
        "--class-loss",
        type=click.Choice(["focal", "hard-negatives"]),
        help="Loss of the classes of boxes.  [default: focal]",
    ),
    click.option(
        "--expand",
        type=click.FloatRange(min=1),
        help="How many times as high and wide as its photo a view with boxes may be.  [default: 2]",
    ),
    click.option(
        "--validate-every",
        type=click.IntRange(min=1),
        help="Epochs from one validation of boxes to the next.  [default: about 25 validations in a run]",
    ),
)


def detection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
