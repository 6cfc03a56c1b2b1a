"""What all models of photos have in common: a .tflite in an interpreter, its input tensor and its labels."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import read_labels, without_numbers
from mobilenet_tf.errors import LabelsError

from .ends import check_input
from .given_input import GivenInput
from .input_tensor import choose_normalization, input_of_byte
from .interpreter import Session, has_channels_first
from .metadata_reader import embedded_labels, is_own_export, read_description, read_normalization
from .notes import note_on_channels
from .own_rescaling import normalization_by_graph

__all__ = ["NOT_FINITE", "PhotoModel", "labels_of"]

NOT_FINITE = "Its weights or its scales hold NaN or infinite values, or it overflows: train or convert it again."

UInt8 = NDArray[np.uint8]


class PhotoModel:
    """One file in one interpreter session. The classes below this one say what its outputs mean.

    path:     the file, or what messages call it.
    content:  its bytes.
    delegate: whether XNNPACK may take over ops.
    given:    the resolution of its input, if the file does not say it itself.

    `description` is what the file says of itself, empty if nothing.
    Raises ModelError if it does not take one RGB image, InputError for a given resolution that it cannot have.
    """

    def __init__(
        self, path: Path, content: bytes, *, backend: str, threads: int, delegate: bool, given: GivenInput
    ) -> None:
        self.path = path
        self.session = Session(
            content, backend=backend, threads=threads, delegate=delegate, name=str(path), res=given.res
        )
        self.size_bytes, self.sha256 = len(content), hashlib.sha256(content).hexdigest()
        self.res = check_input(path, self.session, given.res)
        self.has_channels_first = has_channels_first(self.session.input.shape)
        self.description = read_description(content)
        self.notes: list[str] = []

    def choose_input(self, content: bytes, given: GivenInput) -> bool:
        """Decide what each byte of a photo becomes in the input tensor, and note what is assumed for that.

        Returns whether anything says it: the person, the file, its first ops or a scale. Called as soon as the outputs
        are known to be of the right kind, because what is wrong with these is said first.
        Raises InputError for a given normalization that the file cannot have.
        """
        tensor, carried, by_graph = self.session.input, read_normalization(content), normalization_by_graph(content)
        normalization, notes = choose_normalization(self.path.name, tensor, carried, given.normalization, by_graph)
        self.notes += notes
        self._input_of_byte = input_of_byte(tensor, normalization)
        return any((given.normalization, carried, by_graph, tensor.scale))

    def note_channels(self, *, is_normalization_known: bool) -> None:
        """Note that photos are transposed, for a file that takes its channels first."""
        if self.has_channels_first:
            shape = self.session.input.shape
            self.notes.append(note_on_channels(self.path.name, shape, is_normalization_known=is_normalization_known))

    def tensor(self, pixels: UInt8) -> NDArray[Any]:
        """Preprocessed pixels (res, res, 3) -> the input tensor (1, res, res, 3), or (1, 3, res, res) if it has its
        channels first.
        """
        table = self._input_of_byte
        image = (table.take(pixels) if table.ndim == 1 else table[pixels, np.arange(3)])[None]
        return np.ascontiguousarray(image.transpose(0, 3, 1, 2)) if self.has_channels_first else image


def labels_of(path: Path, content: bytes, file: Path | None) -> tuple[list[str] | None, str | None]:
    """(The labels in `file` if it is given, else those that the model carries; what a person should know of them).

    Raises LabelsError if `file` cannot be read.
    """
    if file is not None:
        return without_numbers(read_labels(file), str(file))
    try:
        labels = embedded_labels(content, path.name)
        return (labels, None) if labels is None or is_own_export(content) else without_numbers(labels, path.name)
    except LabelsError as error:
        return None, f"the labels that {path.name} carries are not used: {str(error).splitlines()[0]}"
