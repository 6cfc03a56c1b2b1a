"""The results of a benchmark and the training runs as one page: the tables first, then the charts."""

from collections.abc import Callable, Sequence
from html import escape
from typing import TypeVar, Unpack

from mobilenet_tf.errors import ResultError
from mobilenet_tf.results.detection_record import DetectionRecord
from mobilenet_tf.results.embedding_record import EmbeddingRecord
from mobilenet_tf.results.groups import Group, group_results
from mobilenet_tf.results.records import Result
from mobilenet_tf.results.run_records import RunRecord
from mobilenet_tf.results.selection import Limits
from mobilenet_tf.results.tag_record import TagRecord
from mobilenet_tf.results.training_record import TrainingRecord

from .comparison import comparison_section, run_labels
from .detection_section import detection_section
from .device_section import device_section, readable_time
from .document import Section, document, joined
from .embedding_section import embedding_section
from .run_section import run_section
from .tag_section import tag_section

__all__ = ["report_page"]

MOST_DETAILED = 8  # runs that have a part of their own

Run = TypeVar("Run", TagRecord, EmbeddingRecord)


def report_page(
    results: Sequence[Result],
    runs: Sequence[RunRecord] = (),
    *,
    title: str | None = None,
    **limits: Unpack[Limits],
) -> str:
    """The HTML page: one section for each device, since results of different devices do not compare, and for each run.

    title: None for that of what is shown. Raises ResultError if there is nothing to show.
    """
    if not results and not runs:
        raise ResultError("expected at least one result or training run to report on; got none.")
    alone = len(runs) == 1 and not results and title is None  # the title names the run
    classifiers = [run for run in runs if isinstance(run, TrainingRecord)]
    detectors = [run for run in runs if isinstance(run, DetectionRecord)]
    devices, trainings = _devices(results, limits), _trainings(classifiers, named=not alone)
    tagged = [run for run in runs if isinstance(run, TagRecord)]
    embedded = [run for run in runs if isinstance(run, EmbeddingRecord)]
    others = [
        _best(tagged, lambda run: run.kept.mean_ap, tag_section, named=not alone),
        _best(embedded, lambda run: run.kept.recall_at_1 or run.kept.cosine or 0.0, embedding_section, named=not alone),
    ]
    trainings = joined([trainings, _detectors(detectors, named=not alone), *others])
    if title is None:
        title = f"Training of {runs[0].name}" if alone else "Benchmark" if results else "Training"
    return document(title, joined([devices, trainings]))


def _devices(results: Sequence[Result], limits: Limits) -> Section:
    if not results:
        return Section("")
    groups = group_results(results)
    sections = [device_section(group, place, limits) for place, group in enumerate(groups)]
    return joined([Section(_introduction(groups, results)), *sections])


def _introduction(groups: Sequence[Group], results: Sequence[Result]) -> str:
    times = sorted(readable_time(result.environment.time) for result in results)
    when = times[0] if times[0] == times[-1] else f"{times[0]} to {times[-1]}"
    text = f'<p class="soft">{_count(len(results), "result")}, measured {escape(when)}.</p>\n'
    if len(groups) > 1:
        items = "".join(f'<li><a href="#device-{n}">{escape(group.title)}</a></li>' for n, group in enumerate(groups))
        text += (
            "<p>Each device has a section of its own: times of one cannot be compared with those of another.</p>"
            f"<ul>{items}</ul>"
        )
    return text


def _detectors(runs: Sequence[DetectionRecord], *, named: bool) -> Section:
    """Each of the runs, of many those with the highest AP. named: as for _trainings."""
    best = sorted(range(len(runs)), key=lambda place: -(runs[place].kept.ap or 0))[:MOST_DETAILED]
    labels = run_labels(runs)
    shown = [place for place in range(len(runs)) if place in best]
    sections = [detection_section(runs[place], place, labels[place] if named else None) for place in shown]
    if len(shown) < len(runs):
        left_out = ", ".join(escape(label) for place, label in enumerate(labels) if place not in best)
        sections.insert(
            0,
            Section(
                f"<p>Of {len(runs)} detectors the {len(shown)} with the highest AP are shown, not: {left_out}.</p>"
            ),
        )
    return joined(sections)


def _best(
    runs: Sequence[Run],
    score: Callable[[Run], float],
    section: Callable[[Run, int, str | None], Section],
    *,
    named: bool,
) -> Section:
    """Each of the runs, of many those with the highest score. named: as for _trainings."""
    best = sorted(range(len(runs)), key=lambda place: -score(runs[place]))[:MOST_DETAILED]
    labels = run_labels(runs)
    shown = [place for place in range(len(runs)) if place in best]
    return joined(section(runs[place], place, labels[place] if named else None) for place in shown)


def _trainings(runs: Sequence[TrainingRecord], *, named: bool) -> Section:
    """The comparison, if there are several, and each of the runs, of many those with the highest top-1.

    named: whether the name of each is a heading.
    """
    best = sorted(range(len(runs)), key=lambda place: -runs[place].kept.top1)[:MOST_DETAILED]
    shown = [place for place in range(len(runs)) if place in best]
    labels = run_labels(runs)
    sections = [run_section(runs[place], place, labels[place] if named else None) for place in shown]
    if len(runs) > 1:
        sections.insert(0, comparison_section(runs, shown))
    return joined(sections)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
