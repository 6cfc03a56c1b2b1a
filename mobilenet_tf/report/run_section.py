"""A part of the page for a training run: what it reached, its curves, and what its best model answers."""

from html import escape

import plotly.graph_objects as go

from mobilenet_tf.results.answers import balanced_accuracy, differs_from_top1
from mobilenet_tf.results.chance import wilson_interval
from mobilenet_tf.results.training_record import TrainingRecord

from .answers_section import answers_sections, share_text
from .document import Section, joined
from .photos_section import photos_section
from .places_section import places_section
from .run_parts import add_line, closing_sentences, lay_out_curves, other_res, run_part, vertical_line
from .style import Chart, finish_chart

__all__ = ["run_section"]


def run_section(run: TrainingRecord, place: int, label: str | None) -> Section:
    """The part of one run; `place` is its number on the page. label: its name as a heading; None if it needs none."""
    photos = Section("") if run.examined is None else photos_section(run.examined)
    places = Section("") if run.places is None else places_section(run.places)
    return run_part(f"run-{place}", label, _sentences(run), _curves(run), [places, _answers(run), photos])


def _sentences(run: TrainingRecord) -> list[str]:
    """What the run reached, the most important first."""
    kept, sentences = run.kept, []
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
    photos_of_classes = f"{sum(run.train_photos)} photos of {len(run.classes)} classes"
    return [*sentences, *closing_sentences(run, photos_of_classes)]


def _curves(run: TrainingRecord) -> list[Chart]:
    names = ["training views", f"validation{', averaged weights' if run.averaged else ''}"]
    history, loss, top1 = run.history, go.Figure(), go.Figure()
    add_line(loss, names[0], [(e.epoch, e.loss) for e in history], ".3f")
    add_line(loss, names[1], [(e.epoch, e.validation_loss) for e in history], ".3f")
    add_line(top1, names[0], [(e.epoch, e.top1_train) for e in history], ".1%")
    add_line(top1, names[1], [(e.epoch, e.top1) for e in history], ".1%")
    if any(differs_from_top1(e.balanced_accuracy, e.top1) for e in history):  # visibly
        add_line(top1, "validation, balanced accuracy", [(e.epoch, e.balanced_accuracy) for e in history], ".1%")
    loss.update_yaxes(rangemode="tozero")
    top1.update_yaxes(tickformat=".0%")
    caption = lay_out_curves(run, loss, top1)
    frozen = sum(epoch.frozen for epoch in history)
    if 0 < frozen < len(history):
        for figure in (loss, top1):
            vertical_line(figure, frozen + 0.5, "dash")
        caption += f" To the left of the dashed line, up to epoch {frozen}, the classifier alone learned."
    return [
        finish_chart("Loss", f"Cross-entropy, the lower the better. {caption}", loss),
        finish_chart("Top-1", f"The share of photos that are given their class. {caption}{other_res(run)}", top1),
    ]


def _answers(run: TrainingRecord) -> Section:
    heading = Section(f"<h3>Answers of epoch {run.kept_epoch} on the validation photos</h3>")
    if run.summary is None or run.answers is None:
        text = "They are not known: an earlier version of mobilenet-train validated this epoch."
        return joined([heading, Section(f"<p>{text}</p>")])
    folder = run.answers.folder
    where = f'<p class="soft">The photos are in {escape(folder)}.</p>' if folder else ""
    return joined([heading, Section(where), answers_sections(run.summary, dict(enumerate(run.train_photos)))])
