"""What only the task of embeddings has among the options."""

from typing import Any

from mobilenet_tf.errors import InputError
from mobilenet_tf.tflite.given_input import normalization_of_range

__all__ = ["EMBEDDING", "USUAL_DIMENSIONS", "check_options"]

EMBEDDING = "embedding"
USUAL_DIMENSIONS = 128  # as FaceNet has them (Schroff et al. 2015, section 5.4)
MOST_DIMENSIONS = 4096
CLASSIFICATION = "classification"
# Options that weigh a teacher's answers against labels, with the values that leave them out.
OF_LABELS_AND_TEACHER: dict[str, Any] = {"teacher_weight": 0.7, "temperature": 4.0, "class_weights": "auto"}


def check_options(options: dict[str, Any], task: str) -> None:
    """Raise InputError for options that embeddings do not have, and for theirs with another task."""
    dimensions, teacher_range = options.get("dimensions"), options.get("teacher_range")
    if task != EMBEDDING:
        hold_out = options.get("hold_out_classes") or None
        own = {"--dimensions": dimensions, "--teacher-range": teacher_range, "--hold-out-classes": hold_out}
        for name, value in own.items():
            if value is not None:
                raise InputError(f"{name}: only embeddings have this.\nLeave it out, or give --task {EMBEDDING}.")
        return
    if options.get("quantize"):
        raise InputError(f"--quantize: only classification has this.\nLeave it out, or give --task {CLASSIFICATION}.")
    others = [name for name, usual in OF_LABELS_AND_TEACHER.items() if options.get(name, usual) != usual]
    if others:
        names = ", ".join(f"--{name.replace('_', '-')}" for name in others)
        raise InputError(
            f"{names}: an embedding is learned from the vectors of a teacher alone, or from classes alone.\n"
            "Leave it out."
        )
    if options.get("hold_out_classes"):
        _check_hold_out(options)
    if teacher_range is not None and options.get("teacher") is None:
        raise InputError("--teacher-range says what a --teacher takes; there is none.\nLeave it out.")
    if teacher_range is not None:
        normalization_of_range(teacher_range, "--teacher-range")
    if dimensions is not None and options.get("teacher") is not None:
        raise InputError(
            "--dimensions: those of an embedding with a --teacher are the teacher's.\nLeave one of both out."
        )
    if dimensions is not None and not 2 <= dimensions <= MOST_DIMENSIONS:
        raise InputError(f"expected --dimensions from 2 to {MOST_DIMENSIONS}; got {dimensions}.")


def _check_hold_out(options: dict[str, Any]) -> None:
    """Raise InputError for options that --hold-out-classes contradicts."""
    for name, why in (
        ("teacher", "with a --teacher no class is trained on"),
        ("validation", "--validation has the photos to validate with, which may be of other classes"),
    ):
        if options.get(name) is not None:
            raise InputError(f"--hold-out-classes: {why}.\nLeave one of both out.")
