"""The columns of the report's table, and the report as Markdown and as CSV."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Unpack

from mobilenet_tf.results.answers import balanced_accuracy, differs_from_top1
from mobilenet_tf.results.chance import shown_top5
from mobilenet_tf.results.groups import Group, group_results, notes_of
from mobilenet_tf.results.records import Result
from mobilenet_tf.results.score import score_of, score_of_accuracy
from mobilenet_tf.results.selection import Limits, choose, pareto_front
from mobilenet_tf.terminal import printable

__all__ = ["TOP1", "Column", "csv_report", "markdown_report", "shown_columns"]

BALANCED = "balanced"  # the column that is left out if it would say what top-1 says
TOP1 = "top-1"  # the column beside whose figures the doubts are
# Columns that are left out if they would be empty.
OPTIONAL = ("95% interval", "photos", "AP50", "mAP", "mean AP", "recall@1", "verification", "top-5")


@dataclass(frozen=True)
class Column:
    """One column of the table beside the name.

    header:  with the unit, short enough for a phone; `meaning` explains it.
    value:   what the column sorts by, None if it was not measured.
    form:    format specification of a number.
    show:    the text, if it is more than the value in this format.
    """

    header: str
    meaning: str
    value: Callable[[Result], float | str | None]
    form: str = ""
    show: Callable[[Result], str] | None = None

    def text(self, result: Result) -> str:
        if self.show is not None:
            return self.show(result)
        value = self.value(result)
        return "-" if value is None else format(value, self.form)


def _scaled(value: float | None, by: float) -> float | None:
    return None if value is None else value / by


COLUMNS = (
    Column("p50, ms", "median time of one inference", lambda r: r.latency_ms.p50, ".2f"),
    Column(TOP1, "share of images whose best-scored class is right", lambda r: r.top1, ".1%"),
    Column(
        "95% interval",
        "on other photos of the same kind, top-1 would be within it; differences within it may be of chance",
        lambda r: score_of_accuracy(r.accuracy).interval[0] if r.accuracy else None,
        show=lambda r: score_of_accuracy(r.accuracy).interval_text if r.accuracy else "-",
    ),
    Column(
        BALANCED,
        "balanced accuracy: the mean recall of the classes, each counted once",
        lambda r: balanced_accuracy(r.accuracy.confusion) if r.accuracy else None,
        ".1%",
    ),
    Column("photos", "that top-1 was measured on", lambda r: r.accuracy.images if r.accuracy else None),
    Column(
        "AP50",
        "of detectors: average precision of boxes that overlap by half, mean of the classes",
        lambda r: r.detection.ap50 if r.detection else None,
        ".1%",
    ),
    Column(
        "mAP",
        "of detectors: COCO's, the mean of average precision over overlaps from 0.50 to 0.95",
        lambda r: r.detection.ap if r.detection else None,
        ".1%",
    ),
    Column(
        "mean AP",
        "of tags: the mean over the tags of their average precisions",
        lambda r: r.tags.mean_ap if r.tags else None,
        ".1%",
    ),
    Column(
        "recall@1",
        "of embeddings: the share of photos whose nearest other photo is of their class",
        lambda r: r.embedding.recall_at_1 if r.embedding else None,
        ".1%",
    ),
    Column(
        "verification",
        "of embeddings: the share of pairs of photos, of one class or of two, that a threshold on their cosine decides "
        "rightly",
        lambda r: r.embedding.verification if r.embedding else None,
        ".1%",
    ),
    Column("size, MB", "size of the file, in millions of bytes", lambda r: r.size_bytes / 1e6, ".2f"),
    Column("p90, ms", "9 of 10 inferences take no longer", lambda r: r.latency_ms.p90, ".2f"),
    Column("p99, ms", "99 of 100 inferences take no longer", lambda r: r.latency_ms.p99, ".2f"),
    Column(
        "top-5",
        "share of images whose right class is among the five best-scored; not shown for fewer than ten classes",
        shown_top5,
        ".1%",
    ),
    Column("Mult-Adds, M", "multiply-adds, in millions", lambda r: _scaled(r.model.mult_adds, 1e6), ".1f"),
    Column("memory, MB", "most memory that the process had", lambda r: _scaled(r.peak_memory_bytes, 1e6), ".0f"),
    Column("load, ms", "time to open the model, which is needed once", lambda r: r.stages_ms.load, ".1f"),
    Column("threads", "threads of one inference", lambda r: r.threads),
    Column("accelerator", "what was to run the model: cpu, gpu or nnapi", lambda r: r.accelerator),
    Column("XNNPACK", "how much of the graph XNNPACK's fast kernels took", lambda r: r.xnnpack),
    Column("backend", "interpreter and its version", lambda r: r.backend),
)


def shown_columns(results: Sequence[Result]) -> list[Column]:
    """The columns of a table: those about accuracy only if it was measured, balanced accuracy only if it visibly is not
    top-1, and top-5 only if a model has ten classes.
    """
    return [column for column in COLUMNS if _is_shown(column, results)]


def _is_shown(column: Column, results: Sequence[Result]) -> bool:
    if column.header == BALANCED:
        return any(
            r.accuracy is not None and differs_from_top1(balanced_accuracy(r.accuracy.confusion), r.accuracy.top1)
            for r in results
        )
    return column.header not in OPTIONAL or any(column.value(result) is not None for result in results)


def markdown_report(results: Sequence[Result], **limits: Unpack[Limits]) -> str:
    """For each device a heading, the choice, a table and the notes."""
    return "\n".join(_markdown_group(group, limits) for group in group_results(results))


def _markdown_group(group: Group, limits: Limits) -> str:
    choice, front = choose(group.results, **limits), pareto_front(group.results)
    lines = [f"## {_escaped(group.title)}", "", _escaped(choice.reason), ""]
    columns = shown_columns(group.results)
    lines.append("| model | " + " | ".join(column.header for column in columns) + " | Pareto front |")
    lines.append("| --- |" + " ---: |" * len(columns) + " --- |")
    for result, label in zip(group.results, group.labels, strict=True):
        name = _code(label)
        doubts = group.doubt_numbers(result)
        cells = [(f"**{name}**" if result is choice.result else name) + _marks(group.other_numbers(result))]
        cells += [_escaped(c.text(result)) + (_marks(doubts) if c.header == TOP1 else "") for c in columns]
        lines.append(f"| {' | '.join([*cells, 'yes' if _is_in(result, front) else ''])} |")
    footnotes = [f"[{n}] {group.footnote_models(text)}: {text}" for n, text in enumerate(group.footnotes, 1)]
    if notes := [*footnotes, *group.notes]:
        lines += ["", *(f"- {_escaped(note)}" for note in notes)]
    legend = "; ".join(f"{column.header}: {column.meaning}" for column in columns)
    lines += ["", f"The choice is bold. Pareto front: no other is both faster and more accurate. {legend}.", ""]
    return "\n".join(lines)


def _marks(numbers: Sequence[int]) -> str:
    return "".join(rf" \[{number}\]" for number in numbers)


def _is_in(result: Result, results: Sequence[Result]) -> bool:
    return any(result is other for other in results)  # == would compare every sample


def _escaped(text: str) -> str:
    """Escaped for Markdown and for the HTML in it; an underscore inside a word needs no escape."""
    return re.sub(r"([\\`*\[\]<>|&#~]|\b_|_\b)", r"\\\1", printable(text))


def _code(text: str) -> str:
    text = printable(text).replace("`", "'").replace("|", r"\|")
    return f"`{text}`"


def csv_report(results: Sequence[Result], **limits: Unpack[Limits]) -> str:
    """A row for each result, numbers unrounded; a cell is empty if nothing was measured."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    header = None
    for group in group_results(results):
        choice, front = choose(group.results, **limits), pareto_front(group.results)
        for result in group.results:
            row = _csv_row(result) | {"front": _is_in(result, front), "choice": result is choice.result}
            if header is None:
                writer.writerow(header := list(row))
            writer.writerow([_cell(value) for value in row.values()])
    return out.getvalue()


def _csv_row(r: Result) -> dict[str, float | str | None]:
    latency, stages, accuracy = r.latency_ms, r.stages_ms, r.accuracy
    low, high = score_of_accuracy(accuracy).interval if accuracy else (None, None)
    return {
        "name": r.name,
        "target": r.target,
        "device": r.environment.device,
        "cpu": r.environment.cpu,
        "os": r.environment.os,
        "time": r.environment.time,
        "backend": r.backend,
        "accelerator": r.accelerator,
        "xnnpack": r.xnnpack,
        "threads": r.threads,
        "alpha": r.model.alpha,
        "res": r.model.res,
        "recipe": r.model.recipe,
        "mult_adds": r.model.mult_adds,
        "parameters": r.model.parameters,
        "size_bytes": r.size_bytes,
        "p50_ms": latency.p50,
        "p90_ms": latency.p90,
        "p99_ms": latency.p99,
        "min_ms": latency.min,
        "mean_ms": latency.mean,
        "std_ms": latency.std,
        "runs": latency.runs,
        "load_ms": stages.load,
        "preprocess_ms": stages.preprocess,
        "inference_ms": stages.inference,
        "postprocess_ms": stages.postprocess,
        "top1": r.top1,
        "top1_low": low,
        "top1_high": high,
        "balanced_accuracy": balanced_accuracy(accuracy.confusion) if accuracy else None,
        "top5": shown_top5(r),
        "images": accuracy.images if accuracy else None,
        **_of_embedding(r),
        "peak_memory_bytes": r.peak_memory_bytes,
        "preprocessing_sha256": r.preprocessing_sha256,
        "path": r.path,
        "sha256": r.sha256,
        "notes": " ".join([*notes_of(r), *(accuracy.remarks if accuracy else [])]),
    }


def _of_embedding(r: Result) -> dict[str, float | str | None]:
    score = score_of(r) if r.embedding else None
    low, high = score.interval if score else (None, None)
    return {
        "recall_at_1": score.share if score else None,
        "recall_at_1_low": low,
        "recall_at_1_high": high,
        "recall_photos": score.photos if score else None,
        "verification": r.embedding.verification if r.embedding else None,
    }


def _cell(value: float | str | None) -> str:
    """A bool as 1 or 0; before text that a spreadsheet would run as a formula, an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, str):
        text = printable(value)
        return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
    return str(int(value) if isinstance(value, bool) else value)
