"""A part of the page for a training run of tags: what it reached, its curves, each tag, the photos with wrong tags."""

from collections.abc import Callable
from html import escape

import plotly.graph_objects as go

from mobilenet_tf.results.tag_record import TagAnswers, TagEpoch, TagRecord, WrongTags

from .answers_section import share_text
from .document import Section, chart_figure, joined
from .html_table import Cell, Heading, breakable, sortable_table
from .run_section import epoch_axis
from .style import GREY, Chart, finish_chart

__all__ = ["tag_section"]


def tag_section(run: TagRecord, place: int, label: str | None) -> Section:
    """The part of one run; `place` is its number on the page. label: its name as a heading; None if it needs none."""
    heading = "<section>"
    if label is not None:
        heading = f'<section aria-labelledby="tags-{place}"><h2 id="tags-{place}">{breakable(label)}</h2>'
    first, *others = map(escape, _sentences(run))
    summary = f'<div class="choice"><strong>{first}</strong>{"".join(f"<br>{one}" for one in others)}</div>'
    curves = [Section('<h3>Curves</h3><div class="pair">'), *map(chart_figure, _curves(run)), Section("</div>")]
    return joined([Section(heading), Section(summary), *curves, _answers(run), _photos(run), Section("</section>")])


def _sentences(run: TagRecord) -> list[str]:
    """What the run reached, the most important first."""
    kept, answers = run.kept, run.answers
    on = "" if answers is None else f" on {answers.photos} validation photos"
    sentences = [f"best.keras is of epoch {kept.epoch}: mean average precision {share_text(kept.mean_ap)}{on}."]
    if answers is not None and answers.by_teacher:
        sentences.append("These photos have no labels: what is true of them was decided by the teacher.")
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
    sentences.append(f"It was trained on {run.train_photos} photos with {len(run.classes)} tags{dataset}.")
    return sentences


def _curves(run: TagRecord) -> list[Chart]:
    loss, scores = go.Figure(), go.Figure()
    _add_line(loss, run, "training views", lambda epoch: epoch.loss, ".3f")
    _add_line(loss, run, "validation", lambda epoch: epoch.validation_loss, ".3f")
    _add_line(scores, run, "mean AP", lambda epoch: epoch.mean_ap, ".1%")
    loss.update_yaxes(rangemode="tozero")
    scores.update_yaxes(tickformat=".0%")
    for figure in (loss, scores):
        figure.update_layout(height=340, showlegend=True)
        epoch_axis(figure, len(run.history))
        line = {"color": GREY, "dash": "dot", "width": 1}
        figure.add_shape(type="line", x0=run.kept_epoch, x1=run.kept_epoch, y0=0, y1=1, yref="paper", line=line)
    caption = f"The dotted line is epoch {run.kept_epoch}, which best.keras is of."
    text = "The mean over the tags of their average precisions, on the validation photos."
    return [
        finish_chart("Loss", f"Binary cross-entropy, the lower the better. {caption}", loss),
        finish_chart("Mean AP", f"{text} {caption}{_other_res(run)}", scores),
    ]


def _other_res(run: TagRecord) -> str:
    """A sentence on the epochs that were validated at another resolution than the best one; nothing if none was."""
    others = sorted({epoch.res for epoch in run.history if epoch.res != run.kept.res})
    if not others:
        return ""
    sizes = ", ".join(map(str, others))
    return f" Epochs at {sizes} pixels were validated at that resolution: compare only those at {run.kept.res}."


def _add_line(
    figure: go.Figure, run: TagRecord, name: str, read: Callable[[TagEpoch], float | None], form: str
) -> None:
    points = [(epoch.epoch, value) for epoch in run.history if (value := read(epoch)) is not None]
    figure.add_scatter(
        x=[epoch for epoch, _ in points],
        y=[value for _, value in points],
        mode="lines+markers",
        name=name,
        hovertemplate=f"epoch %{{x}}: %{{y:{form}}}<extra>{name}</extra>",
    )


def _answers(run: TagRecord) -> Section:
    heading = Section(f"<h3>Answers of epoch {run.kept_epoch} on the validation photos</h3>")
    if run.answers is None:
        return joined([heading, Section("<p>They are not known: the record of that epoch is gone.</p>")])
    return joined([heading, _tags(run, run.answers), _worst(run.classes, run.answers)])


def _tags(run: TagRecord, answers: TagAnswers) -> Section:
    headings = [
        Heading("tag", "", "name"),
        Heading("trained", "photos with the tag that it was trained on"),
        Heading("photos", "validation photos with the tag"),
        Heading("AP", "average precision"),
        Heading("threshold", "the score from which on the tag is true"),
        Heading("precision", "of the photos above the threshold, those with the tag"),
        Heading("recall", "of the photos with the tag, those above the threshold"),
        Heading("missed", "photos with the tag below the threshold"),
        Heading("false", "photos without the tag above the threshold"),
    ]
    rows = [
        [
            Cell(name, name),
            Cell(str(trained), trained),
            Cell(str(one.photos), one.photos),
            Cell(share_text(one.ap), one.ap, bar=one.ap),
            Cell(f"{one.threshold:.2f}", one.threshold),
            Cell(share_text(one.precision), one.precision, bar=one.precision),
            Cell(share_text(one.recall), one.recall, bar=one.recall),
            Cell(str(one.missed), one.missed),
            Cell(str(one.false), one.false),
        ]
        for name, trained, one in zip(run.classes, run.train_tags, answers.tags, strict=True)
    ]
    text = "The threshold of each tag has the highest F1 on these photos; exports carry it."
    table = sortable_table("Table of the tags", headings, rows)
    return Section(f'<h4>Tags</h4><p class="soft">{text} Click a heading to sort by that column.</p>{table}')


def _worst(tags: list[str], answers: TagAnswers) -> Section:
    """The photos with most wrong tags, with what is wrong."""
    if not answers.worst:
        return Section("<h4>Wrong tags</h4><p>No photo has a wrong tag.</p>")

    def named(indices: list[int]) -> str:
        return escape(", ".join(tags[index] for index in indices)) or "nothing"

    items = "".join(_wrong(photo, named(photo.missed), named(photo.false)) for photo in answers.worst)
    text = "The photos with most of them, as the model sees them: the middle of the photo."
    return Section(f'<h4>Wrong tags</h4><p class="soft">{text}</p><ul class="photos">{items}</ul>')


def _wrong(photo: WrongTags, missed: str, false: str) -> str:
    name = escape(photo.name)
    return (
        f'<li><img alt="" src="data:image/jpeg;base64,{escape(photo.thumbnail)}">'
        f"<p>missed: <b>{missed}</b></p><p>false: <b>{false}</b></p>"
        f'<p class="soft file" title="{name}">{name}</p></li>'
    )


def _photos(run: TagRecord) -> Section:
    """What was found out about the photos before the run."""
    if run.examined is None:
        return Section("")
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in [*run.examined.sentences, *run.examined.notes])
    return Section(
        f'<h3>The photos</h3><p class="soft">What was found before training.</p><ul class="found">{said}</ul>'
    )
