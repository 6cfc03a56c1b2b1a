"""A .tflite image classifier in an interpreter: preprocessed pixels -> input tensor -> scores."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import read_labels
from mobilenet_tf.contract.preprocessing import MEAN, STD, dequantize, to_input
from mobilenet_tf.errors import ModelError

from .interpreter import Session, read_model
from .metadata_reader import Normalization, embedded_labels, read_normalization

__all__ = ["ImageModel"]

INPUT_DTYPES = ("float32", "uint8", "int8", "int16")
OUR_NORMALIZATION = Normalization((MEAN,), (STD,))
# An input whose step is that of one byte within this share takes bytes as they are. Hosted files differ by 0.4 %.
STEP_TOLERANCE = 0.01

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


class ImageModel:
    """One file in one interpreter session.

    path:        the file; with `content`, what messages call it.
    content:     the bytes, if they have been read or made already.
    delegate:    whether XNNPACK may take over ops.
    labels:      a file of class names, which replaces the labels that the model carries.
    min_classes: how many classes it has at least: with one output it is no classifier, unless the caller knows better.

    `notes` say what was assumed because the file does not say it.
    Raises ModelError if it is no image classifier, LabelsError for a labels file that cannot be read.
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
    ) -> None:
        content = read_model(path) if content is None else content
        self.path = path
        self.session = Session(content, backend=backend, threads=threads, delegate=delegate, name=str(path))
        self.size_bytes, self.sha256 = len(content), hashlib.sha256(content).hexdigest()
        self.notes: list[str] = []
        self.res = _checked_res(path, self.session, min_classes)
        self.classes = self.session.output.shape[-1]
        self.labels = read_labels(labels) if labels else _carried_labels(content)
        self._input_of_byte = self._byte_table(read_normalization(content))

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

    def predict(self, images: UInt8) -> Float32:
        """Preprocessed images (n, res, res, 3), one inference each -> scores as real values (n, classes)."""
        return np.stack([self.scores(self.output(image)) for image in images])

    def _byte_table(self, carried: Normalization | None) -> NDArray[Any]:
        """What each byte becomes in the input tensor: (256,), or (256, 3) if the channels differ."""
        tensor, every_byte = self.session.input, np.arange(256, dtype=np.uint8)
        if carried is None and not tensor.scale:
            self.notes.append(
                f"{self.path.name} does not say how its input is normalized; (byte - 127.5) / 127.5 is assumed."
            )
        normalization = carried or OUR_NORMALIZATION
        if len({*normalization.mean}) > 1 or len({*normalization.std}) > 1:
            columns = [self._column(mean, std) for mean, std in zip(*_per_channel(normalization), strict=True)]
            return np.stack(columns, 1)
        byte_is_step = carried is None or abs(tensor.scale * normalization.std[0] - 1) <= STEP_TOLERANCE
        if byte_is_step and tensor.dtype in (np.uint8, np.int8):
            return to_input(every_byte, tensor.dtype)  # one byte is one step: no arithmetic
        return self._column(normalization.mean[0], normalization.std[0])

    def _column(self, mean: float, std: float) -> NDArray[Any]:
        tensor = self.session.input
        real = ((np.arange(256, dtype=np.float32) - np.float32(mean)) / np.float32(std)).astype(np.float32)
        if not tensor.scale:
            return real
        limits = np.iinfo(tensor.dtype)
        return np.clip(np.rint(real / tensor.scale) + tensor.zero_point, limits.min, limits.max).astype(tensor.dtype)


def _checked_res(path: Path, session: Session, min_classes: int) -> int:
    shape, dtype = session.input.shape, session.input.dtype.name
    if len(shape) != 4 or shape[0] != 1 or shape[1] != shape[2] or shape[3] != 3 or not shape[1]:
        raise ModelError(f"expected {path} to take one RGB image, (1, res, res, 3); it takes {shape}.")
    if dtype not in INPUT_DTYPES:
        raise ModelError(f"expected {path} to take {', '.join(INPUT_DTYPES)}; it takes {dtype}.")
    out = session.output.shape
    if len(out) < 2 or int(np.prod(out)) != out[-1] or out[-1] < min_classes:
        raise ModelError(f"expected {path} to give one score a class, (1, classes); it gives {out}.")
    return shape[1]


def _carried_labels(content: bytes) -> list[str] | None:
    try:
        return embedded_labels(content)
    except ModelError:
        return None


def _per_channel(normalization: Normalization) -> tuple[list[float], list[float]]:
    """The means and the standard deviations of the three channels."""
    mean, std = (list(values) * (3 if len(values) == 1 else 1) for values in (normalization.mean, normalization.std))
    return mean[:3], std[:3]
