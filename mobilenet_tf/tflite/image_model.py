"""A .tflite image classifier in an interpreter: preprocessed pixels -> input tensor -> scores."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import read_labels, without_numbers
from mobilenet_tf.contract.preprocessing import dequantize
from mobilenet_tf.errors import LabelsError
from mobilenet_tf.tasks.classification import softmax

from .ends import check_input, check_output, refuse_features
from .given_input import NOTHING_GIVEN, GivenInput
from .graph_reader import output_kind
from .input_tensor import choose_normalization, input_of_byte
from .interpreter import Session
from .metadata_reader import embedded_labels, is_own_export, read_description, read_normalization
from .model_file import read_model
from .own_rescaling import normalization_by_graph

__all__ = ["ImageModel"]

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


class ImageModel:
    """One file in one interpreter session.

    path:        the file; with `content`, what messages call it.
    content:     the bytes, if they have been read or made already.
    delegate:    whether XNNPACK may take over ops.
    labels:      a file of class names, which replaces the labels that the model carries.
    min_classes: how many classes it has at least: with one output it is no classifier, unless the caller knows better.
    given:       the normalization and the resolution of its input, if the file does not say them itself.

    `description` is what the file says of itself, empty if nothing.
    `notes` say what was assumed because the file does not say it. `labels` is None if there are none, and
    `labels_problem` says why those that it carries are not used.
    Raises ModelError if it is no image classifier, LabelsError for a labels file that cannot be read, InputError for a
    given input that the file cannot have.
    """

    def __init__(
        self,
        path: Path,
        content: bytes | None = None,
        *,
        backend: str = "auto",
        threads: int = 1,
        delegate: bool = True,
        labels: Path | None = None,
        min_classes: int = 2,
        given: GivenInput = NOTHING_GIVEN,
    ) -> None:
        content = read_model(path) if content is None else content
        self.path = path
        self.session = Session(
            content, backend=backend, threads=threads, delegate=delegate, name=str(path), res=given.res
        )
        self.size_bytes, self.sha256 = len(content), hashlib.sha256(content).hexdigest()
        self.res = check_input(path, self.session, given.res)
        self.classes = check_output(path, self.session, min_classes)
        self.labels, labels_note = _labels(path, content, labels)
        self.labels_problem = labels_note if self.labels is None else None
        tensor, carried = self.session.input, read_normalization(content)
        normalization, self.notes = choose_normalization(
            path.name, tensor, carried, given.normalization, normalization_by_graph(content)
        )
        self._input_of_byte = input_of_byte(tensor, normalization)
        self.output_kind = output_kind(content)
        self.description = read_description(content)
        if self.labels is None and self.labels_problem is None:
            refuse_features(path, content, self.output_kind, self.classes)
        self.notes += [*_notes_on_scores(self), *filter(None, [labels_note])]

    @classmethod
    def from_bytes(cls, content: bytes, **options: Any) -> "ImageModel":
        """A model that lies in no file; options as for the constructor."""
        return cls(Path("model.tflite"), content, **options)

    def tensor(self, pixels: UInt8) -> NDArray[Any]:
        """Preprocessed pixels (res, res, 3) -> the input tensor (1, res, res, 3)."""
        table = self._input_of_byte
        return (table.take(pixels) if table.ndim == 1 else table[pixels, np.arange(3)])[None]

    def output(self, pixels: UInt8) -> NDArray[Any]:
        """One inference: preprocessed pixels (res, res, 3) -> the output as the file gives it, (classes,)."""
        return self.session.run(self.tensor(pixels)).reshape(-1)

    def scores(self, output: NDArray[Any]) -> Float32:
        """The output as the file gives it, of `classes` values -> real values (classes,)."""
        return dequantize(output.reshape(-1), self.session.output.scale, self.session.output.zero_point)

    def probabilities(self, output: NDArray[Any]) -> Float32:
        """The output as the file gives it -> what people read, (classes,): a softmax of logits; others as they are.

        A sigmoid for each class is a score of its own from 0 to 1; they need not add up to 1.
        """
        scores = self.scores(output)
        return softmax(scores) if self.output_kind == "logits" else scores

    def predict(self, images: UInt8) -> Float32:
        """Preprocessed images (n, res, res, 3), one inference each -> scores as real values (n, classes)."""
        return np.stack([self.scores(self.output(image)) for image in images])


def _labels(path: Path, content: bytes, file: Path | None) -> tuple[list[str] | None, str | None]:
    """(The labels in `file` if it is given, else those that the model carries; what a person should know of them)."""
    if file is not None:
        return without_numbers(read_labels(file), str(file))
    try:
        labels = embedded_labels(content, path.name)
        return (labels, None) if labels is None or is_own_export(content) else without_numbers(labels, path.name)
    except LabelsError as error:
        return None, f"the labels that {path.name} carries are not used: {str(error).splitlines()[0]}"


def _notes_on_scores(model: ImageModel) -> list[str]:
    name = model.path.name
    match model.output_kind:
        case "logits":
            unless = (
                "" if model.labels else " It has no labels either: if these are features, they are no classes at all."
            )
            return [
                f"{name} does not end in a softmax, so that its scores are no probabilities: softmax is applied to "
                f"them.{unless}"
            ]
        case "sigmoid" if model.classes > 1:
            return [
                f"{name} ends in a sigmoid for each class: its scores are separate, so that several classes may be "
                "true, or none, and they do not add up to 100 %."
            ]
        case "unknown":
            return [f"{name} does not show whether its scores are probabilities: they are taken as they are."]
    return []
