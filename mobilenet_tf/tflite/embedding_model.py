"""A .tflite that gives one vector for a photo in an interpreter: preprocessed pixels -> input tensor -> vector."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import dequantize
from mobilenet_tf.errors import InputError, ModelError
from mobilenet_tf.tasks.embeddings import unit

from .ends import check_output, is_embedding, refuse_classes
from .given_input import NOTHING_GIVEN, GivenInput
from .graph_reader import ends_in_features, ends_in_unit_length, output_kind
from .model_file import read_model
from .photo_model import NOT_FINITE, PhotoModel
from .suspected_classes import suspected_classes

__all__ = ["EmbeddingModel"]

VECTOR = "one vector, (1, dimensions)"

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


class EmbeddingModel(PhotoModel):
    """One file in one interpreter session. Its vectors get a length of 1 if the file does not divide by it.

    path:    the file; with `content`, what messages call it.
    labels:  for the options that all models are opened with: an embedding has none.
    given:   the normalization and the resolution of its input, if the file does not say them itself.

    `dimensions` is how many numbers a vector has. `notes` say what was assumed because the file does not say it.
    Raises ModelError if it gives no vector, or is a classifier, and InputError for a given input that the file cannot
    have, or for labels.
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
        given: GivenInput = NOTHING_GIVEN,
    ) -> None:
        content = read_model(path) if content is None else content
        super().__init__(path, content, backend=backend, threads=threads, delegate=delegate, given=given)
        self.dimensions = check_output(path, self.session, VECTOR)
        refuse_classes(path, content, output_kind(content))
        if self.dimensions == 1:
            raise ModelError(
                f"expected {path} to give {VECTOR}; it gives one number, by which photos cannot be compared."
            )
        if labels is not None:
            raise InputError(f"--labels names classes; {path} gives vectors, whose parts have no names. Leave it out.")
        self.note_channels(is_normalization_known=self.choose_input(content, given))
        self.notes += _notes(path.name, content, self.dimensions, self.session.output.name)

    @property
    def classes(self) -> int:
        """The size of the output, as records of measurements call it: the dimensions."""
        return self.dimensions

    def vector(self, output: NDArray[Any]) -> Float32:
        """The output as the file gives it -> its real values with a length of 1, float32 (dimensions,).

        A vector of zeros stays one. Raises ModelError if a value is no finite number.
        """
        values = dequantize(output.reshape(-1), self.session.output.scale, self.session.output.zero_point)
        if not np.isfinite(values).all():
            wrong = int(np.flatnonzero(~np.isfinite(values))[0])
            raise ModelError(
                f"expected finite numbers of {self.path}; number {wrong} of a vector is {values[wrong]}.\n{NOT_FINITE}"
            )
        return unit(values)


def _notes(name: str, content: bytes, dimensions: int, output: str) -> list[str]:
    """What is done to the outputs of a file, and what they are taken for. output: the name of their tensor."""
    if is_embedding(content) or ends_in_unit_length(content):
        return []
    if ends_in_features(content):
        return [f"{name} does not give its vectors a length of 1: they are divided by their length."]
    reason = suspected_classes(dimensions, (output,))
    start = (
        f"{name} does not show whether its {dimensions} outputs are a vector or scores of classes"
        if reason is None
        else f"{name} gives {dimensions} numbers without an activation, {reason}: they are probably scores of classes"
    )
    return [
        f"{start}. They are taken for a vector, and divided by their length. If they are scores, mobilenet-export "
        "--weights FILE --labels NAMES --task embedding makes a model of the features before them."
    ]
