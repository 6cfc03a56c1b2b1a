"""A part of the page for a training run of tags: what it reached, its curves, each tag, the photos with wrong tags."""

from html import escape

import plotly.graph_objects as go

from mobilenet_tf.results.tag_record import TagAnswers, TagRecord, WrongTags

from .answers_section import share_text
from .document import Section, joined
from .html_table import Cell, Heading, sortable_table
from .run_parts import add_line, closing_sentences, examined_section, lay_out_curves, other_res, run_part
from .style import Chart, finish_chart

__all__ = ["tag_section"]


def tag_section(run: TagRecord, place: int, label: str | None) -> Section:
    """The part of one run; `place` is its number on the page. label: its name as a heading; None if it needs none."""
    others = [_answers(run), examined_section(run.examined)]
    return run_part(f"tags-{place}", label, _sentences(run), _curves(run), others)


def _sentences(run: TagRecord) -> list[str]:
    """What the run reached, the most important first."""
    kept, answers = run.kept, run.answers
    on = "" if answers is None else f" on {answers.photos} validation photos"
    sentences = [f"best.keras is of epoch {kept.epoch}: mean average precision {share_text(kept.mean_ap)}{on}."]
    if answers is not None and answers.by_teacher:
        sentences.append("These photos have no labels: what is true of them was decided by the teacher.")
    return [*sentences, *closing_sentences(run, f"{run.train_photos} photos with {len(run.classes)} tags")]


def _curves(run: TagRecord) -> list[Chart]:
    loss, scores = go.Figure(), go.Figure()
    add_line(loss, "training views", [(e.epoch, e.loss) for e in run.history], ".3f")
    known = [(e.epoch, e.validation_loss) for e in run.history if e.validation_loss is not None]
    add_line(loss, "validation", known, ".3f")
    add_line(scores, "mean AP", [(e.epoch, e.mean_ap) for e in run.history], ".1%")
    loss.update_yaxes(rangemode="tozero")
    scores.update_yaxes(tickformat=".0%")
    caption = lay_out_curves(run, loss, scores)
    text = "The mean over the tags of their average precisions, on the validation photos."
    return [
        finish_chart("Loss", f"Binary cross-entropy, the lower the better. {caption}", loss),
        finish_chart("Mean AP", f"{text} {caption}{other_res(run)}", scores),
    ]


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
