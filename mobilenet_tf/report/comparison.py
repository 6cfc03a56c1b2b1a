"""Several training runs side by side: what they reached, which settings differ, top-1 by epoch, recall by class."""

import json
from collections.abc import Collection, Mapping, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from mobilenet_tf.results.answers import balanced_accuracy, class_figures, expected_calibration_error
from mobilenet_tf.results.chance import answers_differ_by_chance, wilson_interval
from mobilenet_tf.results.run_records import RunRecord
from mobilenet_tf.results.training_record import TrainingRecord

from .answers_section import share_text
from .document import Section, chart_figure, joined
from .html_table import Cell, Heading, sortable_table
from .run_parts import epoch_axis
from .style import Chart, escape_text, finish_chart, shorten

__all__ = ["comparison_section", "run_labels"]

VISIBLE_LINES = 5  # at first, one for each colour


def comparison_section(runs: Sequence[TrainingRecord], linked: Collection[int]) -> Section:
    """The part that compares two runs or more. linked: the places of those that have a part of their own below."""
    labels = run_labels(runs)
    notes = "".join(f"<li>{escape(note)}</li>" for note in _notes(runs, labels))
    text = (
        "" if len(linked) == len(runs) else f" The {len(linked)} with the highest top-1 have a part of their own below."
    )
    return joined(
        [
            Section(
                f'<section><h2>Comparison of {len(runs)} runs</h2><p class="soft">Click a heading to sort.{text}</p>'
            ),
            Section(_table(runs, labels, linked)),
            Section(f'<ul class="notes">{notes}</ul>' if notes else ""),
            Section(_differences(runs, labels)),
            chart_figure(_curves(runs, labels), level=3),
            Section(_recalls(runs, labels)),
            Section("</section>"),
        ]
    )


def run_labels(runs: Sequence[RunRecord]) -> list[str]:
    """The names of the runs; those that repeat with a number."""
    names = [run.name for run in runs]
    return [f"{name} #{names[: n + 1].count(name)}" if names.count(name) > 1 else name for n, name in enumerate(names)]


def _table(runs: Sequence[TrainingRecord], labels: Sequence[str], linked: Collection[int]) -> str:
    headings = [
        Heading("run", "", "name"),
        Heading("top-1", "share of the validation photos that best.keras gives their class"),
        Heading("95% interval", "on other photos of the same kind, top-1 would be within it"),
        Heading("balanced", "balanced accuracy: the mean recall of the classes"),
        Heading("ECE", "expected calibration error: how far confidence is from the share that is right"),
        Heading("photos", "that validated"),
        Heading("trained on", "photos"),
        Heading("best epoch", "that best.keras is of"),
        Heading("epochs", "that are done"),
    ]
    rows = [
        _row(run, label, f"#run-{n}" if n in linked else "")
        for n, (run, label) in enumerate(zip(runs, labels, strict=True))
    ]
    return sortable_table("Comparison of runs", headings, rows)


def _row(run: TrainingRecord, label: str, href: str) -> list[Cell]:
    summary, top1 = run.summary, run.kept.top1
    interval = None if summary is None else wilson_interval(top1, summary.photos)
    balanced = None if summary is None else balanced_accuracy(summary.confusion)
    error = None if summary is None else expected_calibration_error(summary.confidence)
    trained = sum(run.train_photos)
    return [
        Cell(label, label, href=href),
        Cell(f"{top1:.1%}", top1),
        Cell("-") if interval is None else Cell(f"{interval[0]:.1%} to {interval[1]:.1%}", interval[0]),
        Cell(share_text(balanced), balanced),
        Cell(share_text(error), error),
        Cell("-") if summary is None else Cell(str(summary.photos), summary.photos),
        Cell(str(trained), trained),
        Cell(str(run.kept_epoch), run.kept_epoch),
        Cell(f"{len(run.history)} of {run.epochs}", len(run.history)),
    ]


def _notes(runs: Sequence[TrainingRecord], labels: Sequence[str]) -> list[str]:
    """Which accuracies cannot be compared, and which differences may be of chance."""
    best = max(range(len(runs)), key=lambda place: runs[place].kept.top1)
    notes = []
    if len({run.validation_sha256 for run in runs}) > 1:
        notes.append(
            "Not all were validated on the same photos: their figures cannot be compared. Train them with the same "
            "photos and --seed."
        )
    alike = [labels[place] for place, run in enumerate(runs) if place != best and _is_tie(run, runs[best])]
    if alike:
        notes.append(f"No better or worse than {labels[best]} within chance, on the same photos: {', '.join(alike)}.")
    return notes


def _is_tie(one: TrainingRecord, other: TrainingRecord) -> bool:
    letters, others = _letters(one), _letters(other)
    if one.validation_sha256 != other.validation_sha256 or not letters or len(letters) != len(others):
        return False
    return answers_differ_by_chance(letters, others)


def _letters(run: TrainingRecord) -> str:
    """A letter for each photo: 1 if it was right, 0 if wrong; none if the answers are not known."""
    if run.answers is None:
        return ""
    return "".join(str(int(true == given)) for true, given in zip(run.answers.true, run.answers.predicted, strict=True))


def _differences(runs: Sequence[TrainingRecord], labels: Sequence[str]) -> str:
    """The settings that are not the same in all runs."""
    settings = [_flat(run.settings) | {"photos": run.dataset} for run in runs]
    names = list(dict.fromkeys(name for each in settings for name in each))
    differing = [name for name in names if len({_setting(each, name) for each in settings}) > 1]
    if not differing:
        return "<h3>Settings that differ</h3><p>None.</p>"
    headings = [Heading("setting", "", "name"), *(Heading(label, "", "text") for label in labels)]
    rows = [
        [Cell(name, name), *(Cell(_setting(each, name), _setting(each, name)) for each in settings)]
        for name in differing
    ]
    return f"<h3>Settings that differ</h3>{sortable_table('Settings that differ', headings, rows)}"


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings inside others, such as those of the augmentation, by `outer.inner`."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        flat |= {f"{name}.{inner}": v for inner, v in value.items()} if isinstance(value, dict) else {name: value}
    return flat


def _setting(settings: Mapping[str, Any], name: str) -> str:
    if name not in settings:
        return "-"
    value = settings[name]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _curves(runs: Sequence[TrainingRecord], labels: Sequence[str]) -> Chart:
    figure = go.Figure()
    order = sorted(range(len(runs)), key=lambda place: -runs[place].kept.top1)
    for place in order:
        run = runs[place]
        figure.add_scatter(
            x=[epoch.epoch for epoch in run.history],
            y=[epoch.top1 for epoch in run.history],
            mode="lines+markers",
            name=shorten(labels[place]),
            visible=True if len(figure.data) < VISIBLE_LINES else "legendonly",
            hovertemplate=f"epoch %{{x}}: %{{y:.1%}}<extra>{escape_text(labels[place])}</extra>",
        )
    figure.update_layout(height=400 + 20 * min(len(runs), 12), showlegend=True)
    epoch_axis(figure, max(len(run.history) for run in runs))
    figure.update_yaxes(tickformat=".0%")
    caption = "Top-1 on the validation photos after each epoch. Click a name below the chart to hide or show its line."
    return finish_chart("Top-1 by epoch", caption, figure)


def _recalls(runs: Sequence[TrainingRecord], labels: Sequence[str]) -> str:
    """The recall of each class in each run, if all runs have the same classes."""
    summaries = [run.summary for run in runs]
    if len({tuple(run.classes) for run in runs}) > 1:
        return "<h3>Recall by class</h3><p>The runs have different classes.</p>"
    known = [(summary, label) for summary, label in zip(summaries, labels, strict=True) if summary is not None]
    headings = [Heading("class", "", "name"), *(Heading(label, "recall") for _, label in known)]
    columns = [class_figures(summary) for summary, _ in known]
    rows = [
        [Cell(name, name), *(Cell(share_text(c[n].recall), c[n].recall, bar=c[n].recall) for c in columns)]
        for n, name in enumerate(runs[0].classes)
    ]
    return f"<h3>Recall by class</h3>{sortable_table('Recall by class', headings, rows)}" if known else ""
