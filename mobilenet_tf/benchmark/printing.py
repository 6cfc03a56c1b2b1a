"""What mobilenet-benchmark prints: a table, or one JSON document."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from mobilenet_tf.results.detection_accuracy import DetectionAccuracy
from mobilenet_tf.results.embedding_accuracy import EmbeddingAccuracy
from mobilenet_tf.results.groups import with_names
from mobilenet_tf.results.latency_model import MIN_NETWORKS
from mobilenet_tf.results.prediction_text import prediction_text
from mobilenet_tf.results.records import Accuracy, Result
from mobilenet_tf.results.score import score_of_accuracy
from mobilenet_tf.results.selection import Choice, Limits, choose
from mobilenet_tf.results.tag_accuracy import TagAccuracy
from mobilenet_tf.terminal import printable, table, wrapped

from .accuracy_notes import accuracy_photos_text

__all__ = ["print_results"]

# Shares of the graph that XNNPACK runs usually: a note names the ops that it leaves.
NOTED_DELEGATION = ("whole", "part")
MOST_LEFT_OUT = 3  # lines on what was not measured
NO_PREDICTION = f"Nothing can be predicted: it takes {MIN_NETWORKS} or more measured ImageNet networks of one recipe."


def print_results(results: Sequence[Result], limits: Limits, *, predict: bool, as_json: bool) -> bool:
    """Print the results; False if limits were given and no model is within them."""
    limited = any(limit is not None for limit in limits.values())
    choice = choose(results, **limits) if limited else None
    if as_json:
        click.echo(json.dumps([_document(result, choice) for result in results], indent=2))
        return choice is None or choice.result is not None
    click.echo(_results_table(results))
    click.echo(wrapped(f"\nOne inference on {_devices(results)}; preprocessing is not counted."))
    for line in _accuracy_lines(results):
        click.echo(wrapped(line))
    text = prediction_text(results, limits["max_latency_ms"]) if predict or limits["max_latency_ms"] else ""
    if text or predict:
        click.echo(f"\n{text or NO_PREDICTION}")
    if choice is not None:
        click.echo(wrapped(f"\n{choice.reason}"))
    return choice is None or choice.result is not None


def _results_table(results: Sequence[Result]) -> str:
    """A row for each result. Columns that say nothing are left out, so that usual names fit 80 columns."""
    rows = [_row(result) for result in results]
    shown = [header for header in rows[0] if header == "model" or any(row[header] != "-" for row in rows)]
    if _shared_threads(results) is not None:
        shown.remove("threads")
    if all(result.xnnpack in NOTED_DELEGATION for result in results):
        shown.remove("XNNPACK")
    return table(shown, [[row[header] for header in shown] for row in rows])


def _row(result: Result) -> dict[str, str]:
    """Header -> cell."""
    latency = result.latency_ms
    return {
        "model": result.name,
        "threads": str(result.threads),
        "p50 ms": f"{latency.p50:.2f}",
        "p90 ms": "-" if latency.p90 is None else f"{latency.p90:.2f}",
        "MB": _three_digits(result.size_bytes / 1e6),
        **dict(zip(("top-1", "95 %", "top-5"), _shares(result.accuracy), strict=True)),
        **dict(zip(("AP50", "mAP"), _of_boxes(result), strict=True)),
        "mean AP": "-" if result.tags is None or result.tags.mean_ap is None else f"{result.tags.mean_ap:.1%}",
        **dict(zip(("recall@1", "verif."), _of_vectors(result), strict=True)),
        "XNNPACK": result.xnnpack,
    }


def _of_vectors(result: Result) -> list[str]:
    """Recall@1 and verification accuracy of an embedding."""
    scores = result.embedding
    shares = (None, None) if scores is None else (scores.recall_at_1, scores.verification)
    return ["-" if share is None else f"{share:.1%}" for share in shares]


def _of_boxes(result: Result) -> list[str]:
    """AP50 and COCO's mAP of a detector."""
    scores = result.detection
    return ["-", "-"] if scores is None else [f"{scores.ap50:.1%}", f"{scores.ap:.1%}"]


def _shared_threads(results: Sequence[Result]) -> int | None:
    """The number of threads of all results; None if it differs."""
    threads = {result.threads for result in results}
    return threads.pop() if len(threads) == 1 else None


def _shares(accuracy: Accuracy | None) -> list[str]:
    """Top-1, its 95 % interval, and top-5; a star if there is a doubt about them, which stands below the table."""
    if accuracy is None:
        return ["-", "-", "-"]
    low, high = score_of_accuracy(accuracy).interval
    top5 = "-" if accuracy.top5 is None else f"{_three_digits(100 * accuracy.top5, 1)}%"
    star = "*" if accuracy.doubts else ""
    top1 = f"{_three_digits(100 * accuracy.top1, 1)}%{star}"
    return [top1, f"{_three_digits(100 * low, 1)}-{_three_digits(100 * high, 1)}", top5]


def _three_digits(number: float, most_decimals: int = 2) -> str:
    """A number with at most so many decimals, and with fewer if it has more than three digits: 1.54, 16.9, 169."""
    texts = [f"{number:.{decimals}f}" for decimals in range(most_decimals, -1, -1)]
    return next((text for text in texts if len(text) <= 4), texts[-1])


def _accuracy_lines(results: Sequence[Result]) -> list[str]:
    """On which photos accuracy was measured, the remarks on it, and the doubts about it, each with its models."""
    photos: dict[tuple[str, str], list[Result]] = {}
    remarks: dict[str, list[Result]] = {}
    doubts: dict[str, list[Result]] = {}
    measured = [result for result in results if result.accuracy is not None]
    for result in measured:
        assert result.accuracy is not None
        # Two trainings of one folder leave as many photos out, but not the same ones.
        photos.setdefault((_photos_line(result.accuracy), result.accuracy.images_sha256), []).append(result)
        for remark in result.accuracy.remarks:
            remarks.setdefault(remark, []).append(result)
        for doubt in result.accuracy.doubts:
            doubts.setdefault(doubt, []).append(result)
    return [
        *dict.fromkeys(_boxes_line(result.detection) for result in results if result.detection is not None),
        *dict.fromkeys(_tags_line(result.tags) for result in results if result.tags is not None),
        *dict.fromkeys(_vectors_line(result.embedding) for result in results if result.embedding is not None),
        *(with_names(line, concerned, measured) for (line, _), concerned in photos.items()),
        *(with_names(remark, concerned, measured) for remark, concerned in remarks.items()),
        *(f"* {with_names(doubt, concerned, measured)}" for doubt, concerned in doubts.items()),
    ]


def _boxes_line(scores: DetectionAccuracy) -> str:
    """On which photos and boxes AP was measured, and on how many the model was trained."""
    return (
        f"AP50 and COCO's mAP on {scores.images} photos with {scores.boxes} boxes in {printable(scores.folder)}"
        f"{_not_measured(scores)}."
    )


def _tags_line(scores: TagAccuracy) -> str:
    """On which photos mean AP was measured, and the best and the worst tag."""
    aps = sorted((one.ap, name) for name, one in scores.per_tag.items() if one.ap is not None)
    ends = dict.fromkeys((aps[-1], aps[0])) if aps else {}
    named = ", ".join(f"{printable(name)} {ap:.1%}" for ap, name in ends)
    return (
        f"Mean AP, the mean over {len(aps)} tags of their average precisions ({named}), on {scores.images} photos in "
        f"{printable(scores.folder)}{_not_measured(scores)}."
    )


def _vectors_line(scores: EmbeddingAccuracy) -> str:
    """On which photos and pairs the vectors were measured."""
    pairs = f"; verification accuracy on {scores.pairs} pairs of them" if scores.pairs else ""
    return (
        f"Recall@1, the share of photos whose nearest other photo is of their class, on {scores.recall_photos} of "
        f"{scores.images} photos of {scores.classes} classes in {printable(scores.folder)}{pairs}"
        f"{_not_measured(scores)}."
    )


def _not_measured(scores: DetectionAccuracy | TagAccuracy | EmbeddingAccuracy) -> str:
    """On how many photos the model was trained, and what else was left out."""
    trained = f"; {scores.trained_left_out} photos that it was trained on are left out" * bool(scores.trained_left_out)
    measured = f"; it was trained on {scores.trained_measured} of them" * bool(scores.trained_measured)
    return trained + measured + _left_out(scores.left_out)


def _left_out(lines: Sequence[str]) -> str:
    """The first of the files and kinds of files that were not measured, and how many more there are."""
    if not lines:
        return ""
    more = [f"and {len(lines) - MOST_LEFT_OUT} more"] if len(lines) > MOST_LEFT_OUT else []
    return f"; left out: {'; '.join([*map(printable, lines[:MOST_LEFT_OUT]), *more])}"


def _photos_line(accuracy: Accuracy) -> str:
    return f"Accuracy on {accuracy_photos_text(accuracy)}."


def _devices(results: Sequence[Result]) -> str:
    """What the results were measured on, with the number of threads unless it is in the table."""
    devices = "; ".join(dict.fromkeys(f"{r.environment.cpu}, {r.backend}, {r.accelerator.upper()}" for r in results))
    threads = _shared_threads(results)
    if threads is None:
        return devices
    return f"{'one thread' if threads == 1 else f'{threads} threads'} of {devices}"


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
        "accuracy": None if accuracy is None else _accuracy_document(accuracy),
        **({} if result.detection is None else {"detection": asdict(result.detection)}),
        **({} if result.tags is None else {"tags": asdict(result.tags)}),
        **({} if result.embedding is None else {"embedding": asdict(result.embedding)}),
        "chosen": choice is not None and choice.result is result,
        "environment": asdict(result.environment),
        "notes": result.notes,
    }


def _accuracy_document(accuracy: Accuracy) -> dict[str, Any]:
    """What is known of the accuracy but for the figures of each class and photo."""
    return {
        "top1_interval": list(score_of_accuracy(accuracy).interval),
        "folder": accuracy.folder,
        "images_sha256": accuracy.images_sha256,
        "seen": accuracy.seen,
        "left_out": accuracy.candidates - accuracy.images,
        "unmatched_folders": accuracy.unmatched_folders,
        "trained_left_out": accuracy.trained_left_out,
        "trained_measured": accuracy.trained_measured,
        "doubts": accuracy.doubts,
        "remarks": accuracy.remarks,
        **({} if accuracy.distances is None else asdict(accuracy.distances)),
    }
