"""Options that several commands have in common, about a file and how it is run. No NumPy."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from mobilenet_tf.console import NumberList

__all__ = ["input_options", "model_options", "verbose_option"]

verbose_option = click.option("--verbose", is_flag=True, help="Show what the interpreter prints.")


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


def model_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add to a command the options by which it opens a file: --labels, those of its input, --threads and --backend.

    They are the parameters of `Classifier` and `Detector` that have the same names.
    """
    labels = click.option(
        "--labels",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="The class names, one a line, in place of those that the model carries.",
    )
    threads = click.option("--threads", type=int, default=1, help="Number of threads for one inference.")
    backend = click.option(
        "--backend",
        type=click.Choice(["auto", "ai-edge-litert", "tflite-runtime"]),
        default="auto",
        help="Interpreter to run the model with; auto takes the first one that is installed.",
    )
    return labels(input_options(threads(backend(command))))
