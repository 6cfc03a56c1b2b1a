"""Options that several commands have about the input of a file. No NumPy."""

from collections.abc import Callable
from typing import Any

import click

from mobilenet_tf.console import NumberList

__all__ = ["input_options"]


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --mean, --std and --res to a command; `GivenInput.of` takes their values."""
    options = (
        click.option(
            "--mean",
            type=NumberList(float),
            metavar="FLOAT[,FLOAT,FLOAT]",
            help="The input is (byte - MEAN) / STD: one number, or one each for red, green and blue. For a file that "
            "does not say it.",
        ),
        click.option("--std", type=NumberList(float), metavar="FLOAT[,FLOAT,FLOAT]", help="See --mean."),
        click.option(
            "--res",
            type=int,
            metavar="N",
            help="The input resolution in pixels, for a file that takes images of any height and width.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command
