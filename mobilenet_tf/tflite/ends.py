"""Whether the inputs and outputs of a .tflite, looked at together, are those of an image classifier."""

from collections.abc import Sequence
from math import prod
from pathlib import Path

from mobilenet_tf.errors import InputError, LabelsError, ModelError

from .detection_op import DETECTION_OP
from .graph_reader import OutputKind, ends_in_features, ends_in_unit_length, output_kind
from .interpreter import Session, TensorInfo, has_channels_first
from .metadata_reader import embedded_labels, says_embedding

__all__ = [
    "check_input",
    "check_one_score",
    "check_output",
    "gives_vectors",
    "is_embedding",
    "refuse_classes",
    "refuse_embedding",
    "refuse_features",
]

INPUT_DTYPES = ("float32", "uint8", "int8", "int16")
SCORES = "one score a class, (1, classes)"
OUTPUT_DTYPES = ("float32", "float16", "uint8", "int8", "int16")


def check_input(path: Path, session: Session, res: int | None) -> int:
    """The input resolution in pixels.

    res: what a person gave, None for nothing. Raises ModelError unless the one input is an RGB image, with its channels
    last or first, InputError if its resolution is another than `res`.
    """
    shape, dtype = session.input.shape, session.input.dtype.name
    if len(session.inputs) > 1:
        raise ModelError(
            f"expected {path} to take one RGB image; it takes {len(session.inputs)} inputs: {_named(session.inputs)}."
        )
    image = (shape[0], *shape[2:], shape[1]) if has_channels_first(shape) else shape
    if len(image) != 4 or image[0] != 1 or image[1] != image[2] or image[3] != 3 or not image[1]:
        raise ModelError(
            f"expected {path} to take one RGB image, (1, res, res, 3) or (1, 3, res, res); it takes {shape}."
        )
    if res is not None and res != image[1]:
        raise InputError(f"{path} takes images of {image[1]}x{image[1]}; got --res {res}. Leave it out.")
    if dtype not in INPUT_DTYPES:
        raise ModelError(f"expected {path} to take {', '.join(INPUT_DTYPES)}; it takes {dtype}.")
    if dtype == "int16" and not session.input.scale:
        raise ModelError(f"{path} takes int16 values and does not say by which scale: convert it again with one.")
    return image[1]


def check_output(path: Path, session: Session, row: str = SCORES) -> int:
    """The number of scores, or of the parts of a vector. Raises ModelError unless there is one output, a row of them.

    row: what is expected, in words.
    """
    output = session.output
    if len(session.outputs) > 1:
        raise _several_outputs(path, session.outputs, row)
    count = prod(output.shape)
    if not output.shape or count != max(output.shape) or count < 1:
        raise ModelError(f"expected {path} to give {row}; it gives {output.shape}.")
    if output.dtype.name not in OUTPUT_DTYPES:
        raise ModelError(
            f"expected {path} to give numbers as {', '.join(OUTPUT_DTYPES)}; it gives {output.dtype.name}.\n"
            "If it ends in an ArgMax or a top-k, convert it again without."
        )
    return count


def check_one_score(path: Path, kind: OutputKind, labels: Sequence[str] | None) -> None:
    """Raise ModelError for a model that gives one score in all, unless it is the probability of the second of two
    classes: by a sigmoid at its end, or by two labels, which say that it has two classes.
    """
    if kind == "softmax":
        raise ModelError(
            f"{path} gives one score in all, by a softmax over one class, which is always 100 %.\n"
            "Give the network one output with a sigmoid, or two with a softmax, and train it again."
        )
    if kind != "sigmoid" and (labels is None or len(labels) != 2):
        raise ModelError(
            f"{path} gives one score in all, and its last op is no sigmoid.\nIf it tells two classes apart, name both "
            "with --labels FILE, one a line: first the class of low scores, then that of high ones."
        )


def refuse_features(path: Path, content: bytes, kind: OutputKind, outputs: int) -> None:
    """Raise ModelError for a model without labels whose outputs are features, as its last ops show, and no classes."""
    if kind == "logits" and ends_in_features(content):
        raise ModelError(
            f"expected {path} to be a classifier; it ends in a pooling, a ReLU or a norm, without a softmax, and has "
            f"no labels:\nit gives {outputs} features, as embedding extractors do, and no classes. If they are "
            "classes, name them with --labels FILE."
        )


def refuse_embedding(path: Path, content: bytes, labels: Sequence[str] | None) -> None:
    """Raise ModelError for a model of embeddings: it says so, or shows it and has no labels.

    labels: of its classes, None if there are none.
    """
    if says_embedding(content) or (labels is None and is_embedding(content)):
        raise ModelError(
            f"expected {path} to be a classifier; it gives an embedding, a vector that photos are compared by.\n"
            "Use mobilenet-classify with --similar FOLDER, or Embedder in Python."
        )


def is_embedding(content: bytes) -> bool:
    """Whether a .tflite is for embeddings: its metadata says so, or it divides a vector by its length at its end and
    carries no labels.
    """
    if says_embedding(content):
        return True
    try:
        return ends_in_unit_length(content) and embedded_labels(content) is None
    except LabelsError:
        return False


def gives_vectors(content: bytes, *, has_labels: bool = False) -> bool:
    """Whether a .tflite gives vectors and no scores: an embedding, or features, by its last ops, without labels.

    has_labels: whether labels are given beside it. Then only a file whose metadata says that it is an embedding is one.
    """
    if says_embedding(content):
        return True
    if has_labels:
        return False
    if is_embedding(content):
        return True
    return output_kind(content) == "logits" and ends_in_features(content) and not _carries_labels(content)


def refuse_classes(path: Path, content: bytes, kind: OutputKind) -> None:
    """Raise ModelError for a classifier, by its last op or by its labels, where a model of embeddings is expected."""
    has_labels = "it carries labels" if _carries_labels(content) else ""
    ends = {"softmax": "it ends in a softmax", "sigmoid": "it ends in sigmoids"}.get(kind, has_labels)
    if ends and not is_embedding(content):
        raise ModelError(
            f"expected {path} to give a vector that photos are compared by; {ends}: it is a classifier.\n"
            "Use mobilenet-classify without --similar, or Classifier in Python. mobilenet-export --weights FILE --task "
            "embedding makes a model of embeddings of it."
        )


def _carries_labels(content: bytes) -> bool:
    try:
        return embedded_labels(content) is not None
    except LabelsError:
        return True


def _several_outputs(path: Path, outputs: Sequence[TensorInfo], row: str) -> ModelError:
    listed = f"{len(outputs)} outputs: {_named(outputs)}"
    boxes = any(len(output.shape) == 3 and output.shape[-1] == 4 for output in outputs)
    if boxes or any(output.name.startswith(DETECTION_OP) for output in outputs):
        expected = "be an image classifier" if row == SCORES else f"give {row}"
        return ModelError(
            f"expected {path} to {expected}; it is an object detector, with {listed}.\n"
            "Use mobilenet-detect, or Detector in Python."
        )
    return ModelError(
        f"expected {path} to give {row} in one output; it has {listed}.\n"
        f"Convert it again with only the {'scores' if row == SCORES else 'vector'} as its output."
    )


def _named(tensors: Sequence[TensorInfo]) -> str:
    return ", ".join(f"{tensor.name} {tensor.shape}" for tensor in tensors)
