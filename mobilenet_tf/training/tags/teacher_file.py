"""The file of a teacher of tags: its weights, and what its tags are called. TensorFlow is loaded with it."""

from mobilenet_tf.data.tags.load import TeacherTags
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.weights.class_names import labels_beside, labels_for
from mobilenet_tf.weights.load import Weights, load_weights

__all__ = ["read_teacher", "teacher_tags"]


def teacher_tags(teacher: Weights, file: str, *, alone: bool) -> TeacherTags:
    """The tags of a teacher that was read from `file`. alone: see TeacherTags. Raises WeightsError if they have no
    names.
    """
    names, unnamed = labels_for(teacher, labels_beside(teacher, file))
    if unnamed:
        raise WeightsError(
            f"expected a labels.txt beside the --teacher {file}; it does not say what its tags are called."
            "\nGive the best.keras in the folder of its run."
        )
    return TeacherTags(tuple(names), alone=alone)


def read_teacher(file: str) -> Weights:
    """The weights of a network of tags. Raises WeightsError for another one."""
    teacher = load_weights(file)
    if teacher.head != "sigmoid":
        raise WeightsError(
            f"expected a --teacher of tags; {file} tells {teacher.spec.classes} classes apart.\n"
            "Give the best.keras of a run of --task tags."
        )
    return teacher
