"""The options by which mobilenet-benchmark and mobilenet-report choose a model."""

from collections.abc import Callable
from typing import Any

import click

from mobilenet_tf.console import Size

__all__ = ["LIMITS", "limit_options"]

LIMITS = ("max_latency_ms", "max_size", "min_accuracy")


def limit_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --max-latency-ms, --max-size and --min-accuracy; the command gets them by the names in LIMITS."""
    latency = click.option(
        "--max-latency-ms",
        type=click.FloatRange(min=0, min_open=True),
        metavar="MS",
        help="Choose the most accurate model whose median latency is at most this.",
    )
    size = click.option(
        "--max-size",
        type=Size(),
        metavar="SIZE",
        help="Choose among files of at most this size: a number of bytes, 500kB, 2MB or 1.5MiB.",
    )
    accuracy = click.option(
        "--min-accuracy",
        type=click.FloatRange(0, 1),
        metavar="SHARE",
        help="Choose among models of at least this top-1, or recall@1 of embeddings, from 0 to 1. As the only limit, "
        "choose the fastest of them.",
    )
    return latency(size(accuracy(command)))
