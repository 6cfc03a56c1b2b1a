"""What only the task of embeddings has among the options."""

from typing import Any

from mobilenet_tf.errors import InputError

__all__ = ["EMBEDDING", "USUAL_DIMENSIONS", "check_options"]

EMBEDDING = "embedding"
USUAL_DIMENSIONS = 128  # as FaceNet has them (Schroff et al. 2015, section 5.4)
MOST_DIMENSIONS = 4096
CLASSIFICATION = "classification"
# Options that weigh a teacher's answers against labels, with the values that leave them out.
OF_LABELS_AND_TEACHER: dict[str, Any] = {"teacher_weight": 0.7, "temperature": 4.0}


def check_options(options: dict[str, Any], task: str) -> None:
    """Raise InputError for options that embeddings do not have, and for theirs with another task."""
    dimensions = options.get("dimensions")
    if task != EMBEDDING:
        if dimensions is not None:
            raise InputError(f"--dimensions: only embeddings have this.\nLeave it out, or give --task {EMBEDDING}.")
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
    if dimensions is not None and options.get("teacher") is not None:
        raise InputError(
            "--dimensions: those of an embedding with a --teacher are the teacher's.\nLeave one of both out."
        )
    if dimensions is not None and not 2 <= dimensions <= MOST_DIMENSIONS:
        raise InputError(f"expected --dimensions from 2 to {MOST_DIMENSIONS}; got {dimensions}.")
