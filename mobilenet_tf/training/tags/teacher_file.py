"""The file of a teacher of tags: its weights, and what its tags are called. TensorFlow is loaded with it."""

from mobilenet_tf.data.tags.load import TeacherTags
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.training.options import TrainOptions
from mobilenet_tf.weights.class_names import labels_beside, labels_for
from mobilenet_tf.weights.load import Weights, load_weights

__all__ = ["read_teacher", "teacher_tags"]


def teacher_tags(options: TrainOptions) -> TeacherTags | None:
    """The tags of --teacher; None without one. Raises WeightsError for a teacher that has none."""
    if options.teacher is None:
        return None
    teacher = read_teacher(options.teacher)
    names, unnamed = labels_for(teacher, labels_beside(teacher, options.teacher))
    if unnamed:
        raise WeightsError(
            f"expected a labels.txt beside the --teacher {options.teacher}; it does not say what its tags are called."
            "\nGive the best.keras in the folder of its run."
        )
    return TeacherTags(tuple(names), alone=options.config.teacher_weight == 1)


def read_teacher(file: str) -> Weights:
    """The weights of a network of tags. Raises WeightsError for another one."""
    teacher = load_weights(file)
    if teacher.head != "sigmoid":
        raise WeightsError(
            f"expected a --teacher of tags; {file} tells {teacher.spec.classes} classes apart.\n"
            "Give the best.keras of a run of --task tags."
        )
    return teacher
