"""Sentences on what is done to the input and to the scores of a .tflite that a person should know."""

from collections.abc import Sequence

from .graph_reader import OutputKind

__all__ = ["note_on_channels", "notes_on_scores"]


def note_on_channels(name: str, shape: Sequence[int], *, is_normalization_known: bool) -> str:
    """That photos are transposed for an input (1, 3, res, res), and how torchvision's networks are normalized."""
    note = f"{name} takes images with their channels first, ({', '.join(map(str, shape))}): photos are transposed."
    if is_normalization_known:
        return note
    return f"{note} Networks of torchvision take --mean 123.675,116.28,103.53 --std 58.395,57.12,57.375."


def notes_on_scores(name: str, kind: OutputKind, outputs: int, labels: Sequence[str] | None) -> list[str]:
    """What the end of a file's graph makes of its scores; labels: of its classes, None if there are none."""
    if outputs == 1:
        return _notes_on_one_score(name, kind, labels)
    match kind:
        case "logits":
            unless = "" if labels else " It has no labels either: if these are features, they are no classes at all."
            return [
                f"{name} does not end in a softmax, so that its scores are no probabilities: softmax is applied to "
                f"them.{unless}"
            ]
        case "sigmoid":
            return [
                f"{name} ends in a sigmoid for each class: its scores are separate, so that several classes may be "
                "true, or none, and they do not add up to 100 %."
            ]
        case "unknown":
            return [f"{name} does not show whether its scores are probabilities: they are taken as they are."]
    return []


def _notes_on_one_score(name: str, kind: OutputKind, labels: Sequence[str] | None) -> list[str]:
    first, second = labels if labels is not None and len(labels) == 2 else ("the first class", "the second")
    if kind == "softmax":
        return []
    by = {
        "sigmoid": "by a sigmoid",
        "logits": "and ends in no sigmoid, which is applied",
        "unknown": "and does not show whether it is a probability; it is taken as one",
    }[kind]
    return [f"{name} gives one score, {by}: it is that of {second}, and {first} has the rest of 100 %."]
