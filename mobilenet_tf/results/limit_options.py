"""The options by which the commands that measure and report choose a model."""

from collections.abc import Callable
from typing import Any

import click

from mobilenet_tf.console import Size

__all__ = ["limit_options"]


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --max-latency-ms, --max-size and --min-accuracy, which come as the keywords of `selection.choose`."""
    latency = click.option(
        "--max-latency-ms",
        type=click.FloatRange(min=0, min_open=True),
        metavar="MS",
        help="Choose the most accurate model whose median latency keeps to this.",
    )
    size = click.option(
        "--max-size", type=Size(), metavar="SIZE", help="Choose among files up to this size: bytes, 500kB, 2MB, 1.5MiB."
    )
    accuracy = click.option(
        "--min-accuracy",
        type=click.FloatRange(0, 1),
        metavar="SHARE",
        help="Choose among models of at least this top-1, 0 to 1; as the only limit, the fastest of them.",
    )
    return latency(size(accuracy(command)))
