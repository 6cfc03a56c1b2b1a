"""A .tflite image classifier ready to be measured: what the file tells of itself, and pixels -> input -> scores."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.cost import totals
from mobilenet_tf.errors import ModelError, SpecError
from mobilenet_tf.interpreter import Session, read_model
from mobilenet_tf.labels import embedded_labels, read_labels
from mobilenet_tf.preprocessing import MEAN, STD, dequantize, to_input
from mobilenet_tf.spec import ModelSpec
from mobilenet_tf.tflite_metadata import Normalization, read_normalization

from .results import LayerError, Model

__all__ = ["LoadedModel", "layer_errors"]

INPUTS = ("float32", "uint8", "int8", "int16")
OURS = Normalization((MEAN,), (STD,))
STEP_TOLERANCE = 0.01  # how far a quantized input's step may lie from one byte and still be it: hosted files have 0.4 %

UInt8 = NDArray[np.uint8]


class LoadedModel:
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

    @property
    def record(self) -> Model:
        """What stands in a result."""
        tensor, (spec, recipe) = self.session.input, _named(self.path.stem)
        known = spec is not None and spec.res == self.res
        costs = totals(replace(spec, classes=self.classes)) if spec and known else ()
        return Model(
            arch=spec.arch if spec and known else None,
            alpha=spec.alpha if spec and known else None,
            res=self.res,
            recipe=recipe if known else None,
            classes=self.classes,
            dtype=tensor.dtype.name,
            scale=tensor.scale,
            zero_point=tensor.zero_point,
            mult_adds=costs[0] if costs else None,
            parameters=costs[1] if costs else None,
        )

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


def layer_errors(path: Path) -> list[LayerError]:
    """The layers of `path`'s recipe in the export's quantization.json beside it; none where it has none."""
    report = path.with_name("quantization.json")
    try:
        recipes = json.loads(report.read_text(encoding="utf-8"))["recipes"]
        # The longest that fits: dynamic_int8 ends as int8 does.
        recipe = max((r for r in recipes if path.stem.endswith(f"_{r['recipe']}")), key=lambda r: len(r["recipe"]))
        last = recipe["steps"][-1]
        return [
            LayerError(str(layer["name"]), float(layer["error_steps"][last]), layer["sqnr_db"])
            for layer in recipe["layers"]
        ]
    except (OSError, ValueError, LookupError, TypeError):
        return []


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


def _named(stem: str) -> tuple[ModelSpec | None, str | None]:
    try:
        return ModelSpec.parse(stem)
    except SpecError:
        return None, None


def _per_channel(found: Normalization) -> tuple[list[float], list[float]]:
    mean, std = (list(values) * (3 if len(values) == 1 else 1) for values in (found.mean, found.std))
    return mean[:3], std[:3]
