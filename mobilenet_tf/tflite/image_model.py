"""A .tflite image classifier ready to be measured: what the file tells of itself, and pixels -> input -> scores."""

import hashlib
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import embedded_labels, read_labels
from mobilenet_tf.contract.preprocessing import MEAN, STD, dequantize, to_input
from mobilenet_tf.errors import CheckError, ModelError

from .interpreter import Session, read_model
from .metadata_reader import Normalization, read_normalization

__all__ = ["ImageModel", "Runner"]

INPUTS = ("float32", "uint8", "int8", "int16")
OURS = Normalization((MEAN,), (STD,))
STEP_TOLERANCE = 0.01  # how far a quantized input's step may lie from one byte and still be it: hosted files have 0.4 %

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]


class ImageModel:
    """One file in one interpreter. `notes` tell what the file does not say and was taken for granted.

    Raises ModelError when it is no image classifier, LabelsError for a labels file that cannot be read.
    """

    def __init__(self, path: Path, *, backend: str = "auto", threads: int = 1, labels: Path | None = None) -> None:
        content = read_model(path)
        self.path, self.session = path, Session(content, backend=backend, threads=threads, name=str(path))
        self.size_bytes, self.sha256 = len(content), hashlib.sha256(content).hexdigest()
        self.notes: list[str] = []
        self.res = _checked_res(path, self.session)
        self.classes = self.session.output.shape[-1]
        self.labels = read_labels(labels) if labels else _labels_of(content)
        self._bytes = self._byte_table(read_normalization(content))

    def tensor(self, pixels: UInt8) -> NDArray[Any]:
        """Preprocessed pixels (res, res, 3) -> the input tensor (1, res, res, 3)."""
        table = self._bytes
        return (table[pixels] if table.ndim == 1 else table[pixels, np.arange(3)])[None]

    def scores(self, output: NDArray[Any]) -> NDArray[np.float32]:
        """The output (1, classes) -> real values (classes,)."""
        return dequantize(output.reshape(-1), self.session.output.scale, self.session.output.zero_point)

    def _byte_table(self, found: Normalization | None) -> NDArray[Any]:
        """What each byte becomes, (256,), or (256, 3) where the channels differ."""
        tensor, every = self.session.input, np.arange(256, dtype=np.uint8)
        if found is None and not tensor.scale:
            self.notes.append(f"{self.path.name} does not tell its normalization: (byte - 127.5) / 127.5 was taken.")
        wanted = found or OURS
        if len({*wanted.mean}) > 1 or len({*wanted.std}) > 1:
            columns = [self._column(mean, std) for mean, std in zip(*_per_channel(wanted), strict=True)]
            return np.stack(columns, 1)
        one_step = found is None or abs(tensor.scale * wanted.std[0] - 1) <= STEP_TOLERANCE
        if one_step and tensor.dtype in (np.uint8, np.int8):
            return to_input(every, tensor.dtype)  # one byte is one step: no arithmetic
        return self._column(wanted.mean[0], wanted.std[0])

    def _column(self, mean: float, std: float) -> NDArray[Any]:
        tensor = self.session.input
        real = ((np.arange(256, dtype=np.float32) - np.float32(mean)) / np.float32(std)).astype(np.float32)
        if not tensor.scale:
            return real
        limits = np.iinfo(tensor.dtype)
        return np.clip(np.rint(real / tensor.scale) + tensor.zero_point, limits.min, limits.max).astype(tensor.dtype)


def _checked_res(path: Path, session: Session) -> int:
    shape, dtype = session.input.shape, session.input.dtype.name
    if len(shape) != 4 or shape[0] != 1 or shape[1] != shape[2] or shape[3] != 3 or not shape[1]:
        raise ModelError(f"expected {path} to take one RGB image, (1, res, res, 3); it takes {shape}.")
    if dtype not in INPUTS:
        raise ModelError(f"expected {path} to take {', '.join(INPUTS)}; it takes {dtype}.")
    out = session.output.shape
    if len(out) < 2 or int(np.prod(out)) != out[-1] or out[-1] < 2:
        raise ModelError(f"expected {path} to give one score a class, (1, classes); it gives {out}.")
    return shape[1]


def _labels_of(content: bytes) -> list[str] | None:
    try:
        return embedded_labels(content)
    except ModelError:
        return None


def _per_channel(found: Normalization) -> tuple[list[float], list[float]]:
    mean, std = (list(values) * (3 if len(values) == 1 else 1) for values in (found.mean, found.std))
    return mean[:3], std[:3]


class Runner:
    """One model in ai-edge-litert, on one thread unless told otherwise, for preprocessed images."""

    def __init__(self, model: bytes, *, delegate: bool = True, threads: int = 1) -> None:
        try:
            self._session = Session(model, backend="ai-edge-litert", threads=threads, delegate=delegate)
        except ModelError as error:
            raise CheckError(
                f"{str(error).splitlines()[0][:150]}\nThese weights do not fit this recipe: try another (--quant)."
            ) from error
        self.input, self.output = self._session.input, self._session.output

    def tensor(self, image: UInt8) -> NDArray[Any]:
        """One preprocessed image (res, res, 3) -> the input tensor, (1, res, res, 3)."""
        return to_input(image[None], self.input.dtype, self.input.scale)

    def raw(self, image: UInt8) -> NDArray[Any]:
        """One preprocessed image (res, res, 3) -> the output tensor as it is, (classes,)."""
        output: NDArray[Any] = self._session.run(self.tensor(image))[0]
        return output

    def outputs(self, images: UInt8) -> Float32:
        """Preprocessed images (n, res, res, 3) -> softmax (n, classes), as real values."""
        return np.stack([dequantize(self.raw(image), self.output.scale, self.output.zero_point) for image in images])

    def time_ms(self, image: UInt8) -> float:
        """Time of one inference in ms, the copies of its input and output not counted."""
        self._session.set(self.tensor(image))
        start = time.perf_counter()
        self._session.invoke()
        return (time.perf_counter() - start) * 1e3
