"""What mobilenet-benchmark prints: a table, or one JSON document."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from mobilenet_tf.console import table, wrapped
from mobilenet_tf.results.latency_model import MIN_NETWORKS
from mobilenet_tf.results.prediction_text import prediction_text
from mobilenet_tf.results.records import Result
from mobilenet_tf.results.selection import Choice, Limits, choose

__all__ = ["print_results"]


NO_PREDICTION = f"Nothing can be predicted: it takes {MIN_NETWORKS} or more measured ImageNet networks of one recipe."


def print_results(results: Sequence[Result], limits: Limits, *, predict: bool, as_json: bool) -> bool:
    """Print the results; False if limits were given and no model is within them."""
    limited = any(limit is not None for limit in limits.values())
    choice = choose(results, **limits) if limited else None
    if as_json:
        click.echo(json.dumps([_document(result, choice) for result in results], indent=2))
        return choice is None or choice.result is not None
    header = ["model", "threads", "p50 ms", "p90 ms", "size MB", "top-1", "top-5", "XNNPACK"]
    click.echo(table(header, [_row(result) for result in results]))
    click.echo(wrapped(f"\nOne inference on {_devices(results)}; preprocessing is not counted."))
    text = prediction_text(results, limits["max_latency_ms"]) if predict or limits["max_latency_ms"] else ""
    if text or predict:
        click.echo(f"\n{text or NO_PREDICTION}")
    if choice is not None:
        click.echo(wrapped(f"\n{choice.reason}"))
    return choice is None or choice.result is not None


def _row(result: Result) -> list[str]:
    latency, accuracy = result.latency_ms, result.accuracy
    p90 = "-" if latency.p90 is None else f"{latency.p90:.2f}"
    shares = ["-", "-"] if accuracy is None else [f"{accuracy.top1:.1%}", f"{accuracy.top5:.1%}"]
    size = f"{result.size_bytes / 1e6:.2f}"
    return [result.name, str(result.threads), f"{latency.p50:.2f}", p90, size, *shares, result.xnnpack]


def _devices(results: Sequence[Result]) -> str:
    return "; ".join(dict.fromkeys(f"{r.environment.cpu}, {r.backend}, {r.accelerator.upper()}" for r in results))


def _document(result: Result, choice: Choice | None) -> dict[str, Any]:
    latency = asdict(result.latency_ms)
    latency.pop("samples")
    accuracy = result.accuracy
    return {
        "name": result.name,
        "path": result.path,
        "target": result.target,
        "backend": result.backend,
        "xnnpack": result.xnnpack,
        "accelerator": result.accelerator,
        "threads": result.threads,
        "size_bytes": result.size_bytes,
        "latency_ms": latency,
        "stages_ms": asdict(result.stages_ms),
        "peak_memory_bytes": result.peak_memory_bytes,
        "top1": None if accuracy is None else accuracy.top1,
        "top5": None if accuracy is None else accuracy.top5,
        "images": None if accuracy is None else accuracy.images,
        "chosen": choice is not None and choice.result is result,
        "environment": asdict(result.environment),
        "notes": result.notes,
    }
