"""What a finished run of embeddings says of its scores, in sentences."""

from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.errors import ResultError
from mobilenet_tf.results.chance import wilson_interval
from mobilenet_tf.results.embedding_record import EmbeddingAnswers, EmbeddingRecord
from mobilenet_tf.results.run_record_file import TRAINING_FILE
from mobilenet_tf.training.kept_models import KeptEpoch
from mobilenet_tf.training.state import EmbeddedEpoch, Epoch
from mobilenet_tf.training.summary import SHOWN

__all__ = ["answers_in", "embedding_rows", "embedding_sentences", "score_text"]


def answers_in(folder: Path) -> EmbeddingAnswers | None:
    """What best.keras of the run in `folder` answers; None if it is not known."""
    try:
        return EmbeddingRecord.read(folder / TRAINING_FILE).answers
    except ResultError:
        return None


def score_text(epoch: EmbeddedEpoch) -> str:
    """`cosine 0.912 recall@1 71.3%`, without what is not known."""
    cosine = [] if epoch.cosine is None else [f"cosine {epoch.cosine:.3f}"]
    recall = [] if epoch.recall_at_1 is None else [f"recall@1 {epoch.recall_at_1:.1%}"]
    return " ".join(cosine + recall)


def embedding_rows(history: Sequence[Epoch]) -> tuple[list[str], list[list[str]]]:
    """(the header of a table of the last epochs, its rows), with the scores that are known."""
    header, rows = ["epoch", "loss"], [[str(epoch.epoch), f"{epoch.loss:.3f}"] for epoch in history[-SHOWN:]]
    for name, field, form in (("cosine", "cosine", ".3f"), ("recall@1", "recall_at_1", ".1%")):
        if getattr(history[-1], field) is None:
            continue
        header.append(name)
        for row, epoch in zip(rows, history[-SHOWN:], strict=True):
            row.append(format(getattr(epoch, field), form))
    for row, epoch in zip(rows, history[-SHOWN:], strict=True):
        row.append(f"{epoch.images_per_s:.0f}")
    return [*header, "images/s"], rows


def embedding_sentences(
    kept: KeptEpoch, epoch: Epoch, answers: EmbeddingAnswers | None, photos: int, *, averaged: bool
) -> list[str]:
    """Which epoch best.keras is of, and what its scores on the `photos` validation photos are worth.

    epoch: that one. averaged: whether its weights are the moving average.
    """
    assert isinstance(epoch, EmbeddedEpoch)
    measured = ", measured with averaged weights" if averaged else ""
    start, on = f"best.keras is of epoch {kept.epoch}", f"on {photos} validation photos{measured}."
    sentences = []
    if epoch.cosine is not None:
        sentences.append(f"{start}: the mean cosine to the teacher's vectors is {epoch.cosine:.3f} {on}")
    else:
        sentences.append(f"{start}: recall@1 {epoch.recall_at_1:.1%} {on}")
    if answers is not None and answers.agreement is not None:
        sentences.append(f"Of {answers.agreement:.1%} of them the nearest other one is the same as by the teacher.")
    if answers is not None and answers.recall_at_1 is not None:
        low, high = wilson_interval(answers.recall_at_1, answers.recall_photos)
        teacher = answers.teacher_recall_at_1
        beside = "" if teacher is None else f" The teacher finds {teacher:.1%}."
        sentences.append(
            f"The nearest other photo is of the same class for {answers.recall_at_1:.1%} of {answers.recall_photos} "
            f"photos (95% interval {low:.1%} to {high:.1%}).{beside}"
        )
    if kept.among > 1:
        sentences.append(
            f"It was chosen as the best of {kept.among} epochs on the same photos: expect less on new ones."
        )
    return sentences
