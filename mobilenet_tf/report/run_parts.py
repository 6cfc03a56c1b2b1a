"""What the parts of the page for training runs share, whatever the task: their frame, sentences and curves by epoch."""

from collections.abc import Iterable, Sequence
from html import escape

import plotly.graph_objects as go

from mobilenet_tf.results.embedding_record import EmbeddingRecord
from mobilenet_tf.results.run_record_file import Examined
from mobilenet_tf.results.run_records import RunRecord
from mobilenet_tf.results.tag_record import TagRecord
from mobilenet_tf.results.training_record import TrainingRecord

from .document import Section, chart_figure, joined
from .html_table import breakable
from .style import GREY, Chart

__all__ = [
    "add_line",
    "closing_sentences",
    "epoch_axis",
    "examined_section",
    "found_list",
    "lay_out_curves",
    "other_res",
    "run_part",
    "vertical_line",
]

MOST_TICKS = 10  # epochs that are numbered each


def run_part(
    anchor: str, label: str | None, sentences: Sequence[str], curves: Iterable[Chart], others: Iterable[Section]
) -> Section:
    """The part of one run: its sentences, the most important first, its curves, and then what differs by task.

    anchor: the id of its heading. label: its name as a heading; None if it needs none.
    """
    heading = "<section>"
    if label is not None:
        heading = f'<section aria-labelledby="{anchor}"><h2 id="{anchor}">{breakable(label)}</h2>'
    first, *rest = map(escape, sentences)
    summary = f'<div class="choice"><strong>{first}</strong>{"".join(f"<br>{one}" for one in rest)}</div>'
    charts = [Section('<h3>Curves</h3><div class="pair">'), *map(chart_figure, curves), Section("</div>")]
    return joined([Section(heading), Section(summary), *charts, *others, Section("</section>")])


def closing_sentences(run: RunRecord, trained_on: str) -> list[str]:
    """How far to trust the best epoch, that the run is not finished if so, and what it was trained on, in words."""
    sentences = []
    if run.chosen_from > 1:
        sentences.append(
            f"It was chosen as the best of {run.chosen_from} epochs on the same photos: expect less on new ones."
        )
    if not run.finished:
        sentences.append(
            f"The run is not finished: {len(run.history)} of {run.epochs} epochs are done. The same command with "
            "--resume goes on."
        )
    dataset = f" ({run.dataset})" if run.dataset else ""
    sentences.append(f"It was trained on {trained_on}{dataset}.")
    return sentences


def other_res(run: TrainingRecord | TagRecord | EmbeddingRecord) -> str:
    """A sentence on the epochs that were validated at another resolution than the best one; nothing if none was."""
    others = sorted({epoch.res for epoch in run.history if epoch.res != run.kept.res})
    if not others:
        return ""
    sizes = ", ".join(map(str, others))
    return f" Epochs at {sizes} pixels were validated at that resolution: compare only those at {run.kept.res}."


def add_line(figure: go.Figure, name: str, points: Sequence[tuple[int, float | None]], form: str) -> None:
    """A line through (epoch, value), with a gap at None. form: of the values, as in a format string."""
    figure.add_scatter(
        x=[epoch for epoch, _ in points],
        y=[value for _, value in points],
        mode="lines+markers",
        name=name,
        hovertemplate=f"epoch %{{x}}: %{{y:{form}}}<extra>{name}</extra>",
    )


def lay_out_curves(run: RunRecord, *figures: go.Figure) -> str:
    """Give figures their axis of epochs and a dotted line at the best one -> the sentence of a caption on that line."""
    for figure in figures:
        figure.update_layout(height=340, showlegend=True)
        epoch_axis(figure, len(run.history))
        vertical_line(figure, run.kept_epoch, "dot")
    return f"The dotted line is epoch {run.kept_epoch}, which best.keras is of."


def epoch_axis(figure: go.Figure, last: int) -> None:
    """The x axis from the first epoch, 1, to the last, with some room beside them."""
    margin = max(0.5, 0.03 * last)
    figure.update_xaxes(title="epoch", tickformat="d", range=[1 - margin, last + margin])
    if last <= MOST_TICKS:
        figure.update_xaxes(tickvals=list(range(1, last + 1)))


def vertical_line(figure: go.Figure, epoch: float, dash: str) -> None:
    """A line at an epoch, from the bottom to the top of the chart."""
    line = {"color": GREY, "dash": dash, "width": 1}
    figure.add_shape(type="line", x0=epoch, x1=epoch, y0=0, y1=1, yref="paper", line=line)


def examined_section(examined: Examined | None) -> Section:
    """What was found out about the photos before the run; empty if it is not known."""
    if examined is None:
        return Section("")
    said = found_list([*examined.sentences, *examined.notes])
    return Section(f'<h3>The photos</h3><p class="soft">What was found before training.</p>{said}')


def found_list(sentences: Iterable[str]) -> str:
    """The HTML of a list of what was found out."""
    return f'<ul class="found">{"".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)}</ul>'
