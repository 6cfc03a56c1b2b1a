"""What a finished run of tags says of its scores, in sentences."""

from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.errors import ResultError
from mobilenet_tf.results.run_record_file import TRAINING_FILE
from mobilenet_tf.results.tag_record import TagAnswers, TagRecord
from mobilenet_tf.terminal import printable, table
from mobilenet_tf.training.kept_models import KeptEpoch

__all__ = ["answers_in", "tag_sentences", "tag_table", "tags_as_json"]


def answers_in(folder: Path) -> TagAnswers | None:
    """What best.keras of the run in `folder` answers; None if it is not known."""
    try:
        return TagRecord.read(folder / TRAINING_FILE).answers
    except ResultError:
        return None


def tag_table(tags: Sequence[str], answers: TagAnswers) -> str:
    """A line for each tag."""
    rows = [
        [
            *(printable(name), str(one.photos), _share(one.ap), f"{one.threshold:.2f}"),
            *(_share(one.precision), _share(one.recall)),
        ]
        for name, one in zip(tags, answers.tags, strict=True)
    ]
    return table(["tag", "photos", "AP", "threshold", "precision", "recall"], rows)


def tag_sentences(kept: KeptEpoch, answers: TagAnswers | None, photos: int, *, averaged: bool) -> list[str]:
    """Which epoch best.keras is of, and what its mean AP on the `photos` validation photos is worth.

    averaged: whether its weights are the moving average.
    """
    measured = ", measured with averaged weights" if averaged else ""
    sentences = [
        f"best.keras is of epoch {kept.epoch}: mean average precision {kept.mean_ap or 0:.1%} on {photos} validation "
        f"photos{measured}."
    ]
    if answers is not None and answers.by_teacher:
        sentences.append("These photos have no labels: what is true of them was decided by the teacher.")
    sentences.append(
        "A tag is true above its threshold, which has the highest F1 on these photos: expect less on new ones."
    )
    if kept.among > 1:
        sentences.append(f"The epoch was chosen as the best of {kept.among} on the same photos too.")
    return sentences


def tags_as_json(tags: Sequence[str], answers: TagAnswers | None) -> list[dict[str, object]]:
    """AP, threshold, precision and recall of each tag."""
    if answers is None:
        return []
    fields = ("photos", "ap", "threshold", "precision", "recall")
    return [
        {"tag": name, **{field: getattr(one, field) for field in fields}}
        for name, one in zip(tags, answers.tags, strict=True)
    ]


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
