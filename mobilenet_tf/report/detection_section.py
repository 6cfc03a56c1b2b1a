"""A part of the page for a training run of a detector: what it reached, its curves, each class, the worst photos."""

import plotly.graph_objects as go

from mobilenet_tf.results.detection_record import DetectionAnswers, DetectionRecord

from .answers_section import share_text
from .document import Section, chart_figure, joined
from .html_table import Cell, Heading, sortable_table
from .run_parts import add_line, closing_sentences, examined_section, lay_out_curves, run_part
from .style import Chart, escape_text, finish_chart
from .worst_photos import worst_photos

__all__ = ["detection_section"]

VISIBLE_CURVES = 10  # classes whose curves are drawn at first
SIZES = {"ap_small": "small", "ap_medium": "medium", "ap_large": "large"}


def detection_section(run: DetectionRecord, place: int, label: str | None) -> Section:
    """The part of one run; `place` is its number on the page. label: its name as a heading; None if it needs none."""
    others = [_answers(run), examined_section(run.examined)]
    return run_part(f"detector-{place}", label, _sentences(run), _curves(run), others)


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
    classes = "1 class" if len(run.classes) == 1 else f"{len(run.classes)} classes"
    boxes = f"{run.train_photos} photos with {sum(run.train_boxes)} boxes of {classes}"
    return [*sentences, *closing_sentences(run, boxes)]


def _curves(run: DetectionRecord) -> list[Chart]:
    loss, scores = go.Figure(), go.Figure()
    add_line(loss, "classes and places", [(e.epoch, e.loss) for e in run.history], ".3f")
    add_line(loss, "places of boxes", [(e.epoch, e.box_loss) for e in run.history], ".3f")
    add_line(scores, "AP50", [(e.epoch, e.ap50) for e in run.history if e.ap50 is not None], ".1%")
    add_line(scores, "AP", [(e.epoch, e.ap) for e in run.history if e.ap is not None], ".1%")
    loss.update_yaxes(rangemode="tozero")
    scores.update_yaxes(tickformat=".0%", rangemode="tozero")
    caption = lay_out_curves(run, loss, scores)
    return [
        finish_chart("Loss", f"Of training views, the lower the better. {caption}", loss),
        finish_chart("Scores", f"On the validation photos, which not every epoch is measured on. {caption}", scores),
    ]


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
