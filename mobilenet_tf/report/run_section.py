"""A part of the page for a training run: what it reached, its curves, and what its best model answers."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

from mobilenet_tf.results.answers import balanced_accuracy, differs_from_top1
from mobilenet_tf.results.chance import wilson_interval
from mobilenet_tf.results.training_record import TrainedEpoch, TrainingRecord

from .answers_section import answers_sections, share_text
from .document import Section, chart_figure, joined
from .html_table import breakable
from .photos_section import photos_section
from .places_section import places_section
from .style import GREY, Chart, finish_chart

__all__ = ["epoch_axis", "run_section"]

MOST_TICKS = 10  # epochs that are numbered each

Values = list[float | None] | list[float]  # of the epochs


def run_section(run: TrainingRecord, place: int, label: str | None) -> Section:
    """The part of one run; `place` is its number on the page. label: its name as a heading; None if it needs none."""
    heading = "<section>"
    if label is not None:
        heading = f'<section aria-labelledby="run-{place}"><h2 id="run-{place}">{breakable(label)}</h2>'
    first, *others = map(escape, _sentences(run))
    summary = f'<div class="choice"><strong>{first}</strong>{"".join(f"<br>{one}" for one in others)}</div>'
    charts = [chart_figure(chart) for chart in _curves(run)]
    curves = [Section('<h3>Curves</h3><div class="pair">'), *charts, Section("</div>")]
    photos = Section("") if run.examined is None else photos_section(run.examined)
    places = Section("") if run.places is None else places_section(run.places)
    return joined([Section(heading), Section(summary), *curves, places, _answers(run), photos, Section("</section>")])


def _sentences(run: TrainingRecord) -> list[str]:
    """What the run reached, the most important first."""
    epochs, kept = len(run.history), run.kept
    sentences = []
    if run.summary is None:
        sentences.append(f"best.keras is of epoch {kept.epoch}: top-1 {kept.top1:.1%}.")
    else:
        photos, balanced = run.summary.photos, balanced_accuracy(run.summary.confusion)
        low, high = wilson_interval(kept.top1, photos)
        sentences.append(
            f"best.keras is of epoch {kept.epoch}: top-1 {kept.top1:.1%} on {photos} validation photos, balanced "
            f"accuracy {share_text(balanced)}."
        )
        sentences.append(f"The 95% interval of top-1 is {low:.1%} to {high:.1%}.")
    if run.chosen_from > 1:
        sentences.append(
            f"It was chosen as the best of {run.chosen_from} epochs on the same photos: expect less on new ones."
        )
    if not run.finished:
        sentences.append(
            f"The run is not finished: {epochs} of {run.epochs} epochs are done. The same command with --resume "
            "goes on."
        )
    trained, classes = sum(run.train_photos), len(run.classes)
    dataset = f" ({run.dataset})" if run.dataset else ""
    sentences.append(f"It was trained on {trained} photos of {classes} classes{dataset}.")
    return sentences


def _curves(run: TrainingRecord) -> list[Chart]:
    names = ["training views", f"validation{', averaged weights' if run.averaged else ''}"]
    history, loss, top1 = run.history, go.Figure(), go.Figure()
    _add_lines(loss, history, names, [[e.loss for e in history], [e.validation_loss for e in history]], ".3f")
    shares: list[Values] = [[e.top1_train for e in history], [e.top1 for e in history]]
    if balanced := _balanced(history):
        names, shares = [*names, "validation, balanced accuracy"], [*shares, balanced]
    _add_lines(top1, history, names, shares, ".1%")
    loss.update_yaxes(rangemode="tozero")
    top1.update_yaxes(tickformat=".0%")
    frozen = sum(epoch.frozen for epoch in run.history)
    for figure in (loss, top1):
        figure.update_layout(height=340, showlegend=True)
        epoch_axis(figure, len(run.history))
        _vertical_line(figure, run.kept_epoch, "dot")
        if 0 < frozen < len(run.history):
            _vertical_line(figure, frozen + 0.5, "dash")
    caption = f"The dotted line is epoch {run.kept_epoch}, which best.keras is of."
    if 0 < frozen < len(run.history):
        caption += f" To the left of the dashed line, up to epoch {frozen}, the classifier alone learned."
    return [
        finish_chart("Loss", f"Cross-entropy, the lower the better. {caption}", loss),
        finish_chart("Top-1", f"The share of photos that are given their class. {caption}{_other_res(run)}", top1),
    ]


def _balanced(history: list[TrainedEpoch]) -> list[float | None]:
    """The balanced accuracy of each epoch; none if it is nowhere known, or nowhere differs visibly from top-1."""
    differs = any(differs_from_top1(epoch.balanced_accuracy, epoch.top1) for epoch in history)
    return [epoch.balanced_accuracy for epoch in history] if differs else []


def _other_res(run: TrainingRecord) -> str:
    """A sentence on the epochs that were validated at another resolution than the best one; nothing if none was."""
    others = sorted({epoch.res for epoch in run.history if epoch.res != run.kept.res})
    if not others:
        return ""
    sizes = ", ".join(map(str, others))
    return f" Epochs at {sizes} pixels were validated at that resolution: compare only those at {run.kept.res}."


def _add_lines(
    figure: go.Figure,
    history: list[TrainedEpoch],
    names: Sequence[str],
    values: Sequence[Values],
    form: str,
) -> None:
    for name, line in zip(names, values, strict=True):
        figure.add_scatter(
            x=[epoch.epoch for epoch in history],
            y=line,
            mode="lines+markers",
            name=name,
            hovertemplate=f"epoch %{{x}}: %{{y:{form}}}<extra>{name}</extra>",
        )


def epoch_axis(figure: go.Figure, last: int) -> None:
    """The x axis from the first epoch, 1, to the last, with some room beside them."""
    margin = max(0.5, 0.03 * last)
    figure.update_xaxes(title="epoch", tickformat="d", range=[1 - margin, last + margin])
    if last <= MOST_TICKS:
        figure.update_xaxes(tickvals=list(range(1, last + 1)))


def _vertical_line(figure: go.Figure, epoch: float, dash: str) -> None:
    """A line at an epoch, from the bottom to the top of the chart."""
    line = {"color": GREY, "dash": dash, "width": 1}
    figure.add_shape(type="line", x0=epoch, x1=epoch, y0=0, y1=1, yref="paper", line=line)


def _answers(run: TrainingRecord) -> Section:
    heading = Section(f"<h3>Answers of epoch {run.kept_epoch} on the validation photos</h3>")
    if run.summary is None or run.answers is None:
        text = "They are not known: an earlier version of mobilenet-train validated this epoch."
        return joined([heading, Section(f"<p>{text}</p>")])
    folder = run.answers.folder
    where = f'<p class="soft">The photos are in {escape(folder)}.</p>' if folder else ""
    return joined([heading, Section(where), answers_sections(run.summary, dict(enumerate(run.train_photos)))])
