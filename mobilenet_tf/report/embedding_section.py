"""A part of the page for a training run of embeddings: what it reached, its curves, and photos with their nearest."""

from html import escape

import plotly.graph_objects as go

from mobilenet_tf.results.embedding_record import EmbeddingAnswers, EmbeddingRecord, NearPhoto, ShownPhoto

from .answers_section import share_text
from .document import Section, joined
from .run_parts import add_line, closing_sentences, examined_section, lay_out_curves, other_res, run_part
from .style import Chart, finish_chart

__all__ = ["embedding_section"]


def embedding_section(run: EmbeddingRecord, place: int, label: str | None) -> Section:
    """The part of one run; `place` is its number on the page. label: its name as a heading; None if it needs none."""
    others = [_answers(run), examined_section(run.examined)]
    return run_part(f"embedding-{place}", label, _sentences(run), _curves(run), others)


def _sentences(run: EmbeddingRecord) -> list[str]:
    """What the run reached, the most important first."""
    kept, answers = run.kept, run.answers
    on = "" if answers is None else f" on {answers.photos} validation photos"
    cosine = [] if kept.cosine is None else [f"mean cosine to the teacher's vectors {kept.cosine:.3f}"]
    recall = [] if kept.recall_at_1 is None else [f"recall@1 {share_text(kept.recall_at_1)}"]
    sentences = [f"best.keras is of epoch {kept.epoch}: {', '.join(cosine + recall)}{on}."]
    if answers is not None and answers.teacher_recall_at_1 is not None:
        sentences.append(f"The recall@1 of the teacher is {share_text(answers.teacher_recall_at_1)}.")
    if answers is not None and answers.agreement is not None:
        agreement = share_text(answers.agreement)
        sentences.append(f"Of {agreement} of the photos the nearest other one is the same as by the teacher.")
    by = "classes" if run.teacher is None else f"the vectors of {run.teacher}"
    what = f"{run.train_photos} photos, by {by}, to vectors of {run.dimensions} dimensions"
    return [*sentences, *closing_sentences(run, what)]


def _curves(run: EmbeddingRecord) -> list[Chart]:
    loss, scores = go.Figure(), go.Figure()
    add_line(loss, "training views", [(e.epoch, e.loss) for e in run.history], ".3f")
    for name, field in (("cosine to the teacher", "cosine"), ("recall@1", "recall_at_1")):
        if any(getattr(epoch, field) is not None for epoch in run.history):
            add_line(scores, name, [(epoch.epoch, getattr(epoch, field)) for epoch in run.history], ".3f")
    loss.update_yaxes(rangemode="tozero")
    caption = lay_out_curves(run, loss, scores)
    what = "Squared distance from the teacher's vectors" if run.teacher else "Cross-entropy of ArcFace"
    text = "On the validation photos. Recall@1: the share whose nearest other photo is of their class."
    return [
        finish_chart("Loss", f"{what}, the lower the better. {caption}", loss),
        finish_chart("Scores", f"{text} {caption}{other_res(run)}", scores),
    ]


def _answers(run: EmbeddingRecord) -> Section:
    heading = Section(f"<h3>Answers of epoch {run.kept_epoch} on the validation photos</h3>")
    if run.answers is None:
        return joined([heading, Section("<p>They are not known: the record of that epoch is gone.</p>")])
    return joined([heading, _shown(run.classes, run.answers)])


def _shown(classes: list[str], answers: EmbeddingAnswers) -> Section:
    """The photos with their nearest others, each on a line."""
    wrong = "nearest is of another class" if classes else "nearest is not the teacher's nearest"
    text = (
        "Each photo, as the model sees it, and after it the three that are nearest to it, with their cosines. Those "
        f"whose {wrong} stand first, marked."
    )
    items = "".join(_photo(photo, classes) for photo in answers.shown)
    return Section(f'<h4>Nearest photos</h4><p class="soft">{text}</p>{items}')


def _photo(photo: ShownPhoto, classes: list[str]) -> str:
    start = _picture(NearPhoto(photo.name, photo.thumbnail, photo.label, 1.0), classes, "<b>wrong</b>" * photo.is_wrong)
    others = "".join(_picture(near, classes, f"cosine {near.cosine:.3f}") for near in photo.nearest)
    expected = photo.expected
    if expected is not None:
        others += _picture(expected, classes, f"the teacher's nearest: {expected.cosine:.3f}")
    return f'<ul class="photos">{start}{others}</ul>'


def _picture(photo: NearPhoto, classes: list[str], text: str) -> str:
    name = escape(photo.name)
    label = "" if photo.label is None else f"<p>{escape(classes[photo.label])}</p>"
    return (
        f'<li><img alt="" src="data:image/jpeg;base64,{escape(photo.thumbnail)}">{label}<p>{text or "&nbsp;"}</p>'
        f'<p class="soft file" title="{name}">{name}</p></li>'
    )
