"""A part of the page for a training run of a detector: what it reached, its curves, each class, the worst photos."""

from collections.abc import Callable
from html import escape

import plotly.graph_objects as go

from mobilenet_tf.results.detection_record import DetectionAnswers, DetectionEpoch, DetectionRecord

from .answers_section import share_text
from .document import Section, chart_figure, joined
from .html_table import Cell, Heading, breakable, sortable_table
from .run_section import epoch_axis
from .style import GREY, Chart, escape_text, finish_chart
from .worst_photos import worst_photos

__all__ = ["detection_section"]

VISIBLE_CURVES = 10  # classes whose curves are drawn at first
SIZES = {"ap_small": "small", "ap_medium": "medium", "ap_large": "large"}


def detection_section(run: DetectionRecord, place: int, label: str | None) -> Section:
    """The part of one run; `place` is its number on the page. label: its name as a heading; None if it needs none."""
    heading = "<section>"
    if label is not None:
        heading = f'<section aria-labelledby="detector-{place}"><h2 id="detector-{place}">{breakable(label)}</h2>'
    first, *others = map(escape, _sentences(run))
    summary = f'<div class="choice"><strong>{first}</strong>{"".join(f"<br>{one}" for one in others)}</div>'
    curves = [Section('<h3>Curves</h3><div class="pair">'), *map(chart_figure, _curves(run)), Section("</div>")]
    return joined([Section(heading), Section(summary), *curves, _answers(run), _photos(run), Section("</section>")])


def _sentences(run: DetectionRecord) -> list[str]:
    """What the run reached, the most important first."""
    kept, answers = run.kept, run.answers
    on = "" if answers is None else f" on {answers.photos} validation photos"
    sentences = [
        f"best.keras is of epoch {kept.epoch}: AP50 {share_text(kept.ap50)} and AP {share_text(kept.ap)}{on}.",
        "AP50 counts boxes that overlap by 0.5; AP is COCO's mAP, the mean over overlaps of 0.50 to 0.95.",
    ]
    if answers is not None:
        sizes = ", ".join(f"{name} {share_text(getattr(answers, field))}" for field, name in SIZES.items())
        sentences.append(
            f"AP75 {share_text(answers.ap75)}, AR {share_text(answers.ar)}, AP50 of Pascal VOC "
            f"{share_text(answers.voc_ap50)}. AP by the size of objects in pixels of the photo: {sizes}."
        )
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
    classes = "1 class" if len(run.classes) == 1 else f"{len(run.classes)} classes"
    sentences.append(
        f"It was trained on {run.train_photos} photos with {sum(run.train_boxes)} boxes of {classes}{dataset}."
    )
    return sentences


def _curves(run: DetectionRecord) -> list[Chart]:
    loss, scores = go.Figure(), go.Figure()
    _add_line(loss, run, "classes and places", lambda epoch: epoch.loss, ".3f")
    _add_line(loss, run, "places of boxes", lambda epoch: epoch.box_loss, ".3f")
    _add_line(scores, run, "AP50", lambda epoch: epoch.ap50, ".1%")
    _add_line(scores, run, "AP", lambda epoch: epoch.ap, ".1%")
    loss.update_yaxes(rangemode="tozero")
    scores.update_yaxes(tickformat=".0%", rangemode="tozero")
    for figure in (loss, scores):
        figure.update_layout(height=340, showlegend=True)
        epoch_axis(figure, len(run.history))
        line = {"color": GREY, "dash": "dot", "width": 1}
        figure.add_shape(type="line", x0=run.kept_epoch, x1=run.kept_epoch, y0=0, y1=1, yref="paper", line=line)
    caption = f"The dotted line is epoch {run.kept_epoch}, which best.keras is of."
    return [
        finish_chart("Loss", f"Of training views, the lower the better. {caption}", loss),
        finish_chart("Scores", f"On the validation photos, which not every epoch is measured on. {caption}", scores),
    ]


def _add_line(
    figure: go.Figure, run: DetectionRecord, name: str, read: Callable[[DetectionEpoch], float | None], form: str
) -> None:
    points = [(epoch.epoch, value) for epoch in run.history if (value := read(epoch)) is not None]
    figure.add_scatter(
        x=[epoch for epoch, _ in points],
        y=[value for _, value in points],
        mode="lines+markers",
        name=name,
        hovertemplate=f"epoch %{{x}}: %{{y:{form}}}<extra>{name}</extra>",
    )


def _answers(run: DetectionRecord) -> Section:
    heading = Section(f"<h3>What epoch {run.kept_epoch} finds on the validation photos</h3>")
    if run.answers is None:
        return joined([heading, Section("<p>It is not known: the record of that epoch is gone.</p>")])
    chart = chart_figure(_precision_curves(run.classes, run.answers))
    return joined([heading, _classes(run, run.answers), chart, worst_photos(run.classes, run.answers)])


def _classes(run: DetectionRecord, answers: DetectionAnswers) -> Section:
    headings = [
        Heading("class", "", "name"),
        Heading("trained", "boxes that it was trained on"),
        Heading("boxes", "on the validation photos"),
        Heading("AP50", "average precision of boxes that overlap by 0.5"),
        Heading("AP", "mean average precision over overlaps of 0.50 to 0.95"),
        Heading("AR", "the highest recall with 100 boxes a photo, over the same overlaps"),
        Heading("VOC AP50", "average precision as Pascal VOC computes it"),
        Heading("found", "boxes that are found, at the threshold below"),
        Heading("false", "boxes that are found and are not there"),
    ]
    rows = [
        [
            Cell(name, name),
            Cell(str(trained), trained),
            Cell(str(one.boxes), one.boxes),
            Cell(share_text(one.ap50), one.ap50, bar=one.ap50),
            Cell(share_text(one.ap), one.ap, bar=one.ap),
            Cell(share_text(one.ar), one.ar, bar=one.ar),
            Cell(share_text(one.voc_ap50), one.voc_ap50, bar=one.voc_ap50),
            Cell(str(one.found), one.found),
            Cell(str(one.false), one.false),
        ]
        for name, trained, one in zip(run.classes, run.train_boxes, answers.classes, strict=True)
    ]
    text = (
        f"A box counts as found from a score of {answers.threshold:.2f} on, which gives the highest F1 on these photos."
    )
    table = sortable_table("Table of the classes", headings, rows)
    return Section(f'<h4>Classes</h4><p class="soft">{text} Click a heading to sort by that column.</p>{table}')


def _precision_curves(classes: list[str], answers: DetectionAnswers) -> Chart:
    figure = go.Figure()
    for number, (name, one) in enumerate(zip(classes, answers.classes, strict=True)):
        if one.precision:
            figure.add_scatter(
                x=[index / (len(one.precision) - 1) for index in range(len(one.precision))],
                y=one.precision,
                mode="lines",
                name=escape_text(name),
                visible=True if number < VISIBLE_CURVES else "legendonly",
                hovertemplate=f"recall %{{x:.0%}}: precision %{{y:.0%}}<extra>{escape_text(name)}</extra>",
            )
    figure.update_xaxes(title="recall", tickformat=".0%", range=[0, 1.02])
    figure.update_yaxes(title="precision", tickformat=".0%", range=[0, 1.04])
    figure.update_layout(height=380, showlegend=True)
    caption = (
        "Of the boxes that are found with at least some score, the share that is right, over the share of all boxes "
        "that they are; at an overlap of 0.5. The area below a line is the class's AP50."
    )
    return finish_chart("Precision and recall", caption, figure)


def _photos(run: DetectionRecord) -> Section:
    if run.examined is None:
        return Section("")
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in [*run.examined.sentences, *run.examined.notes])
    return Section(
        f'<h3>The photos</h3><p class="soft">What was found before training.</p><ul class="found">{said}</ul>'
    )
