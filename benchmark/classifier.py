"""Classify photos with an exported .tflite: labels and preprocessing come with the file."""

import time
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.errors import ImagesError, ModelError
from mobilenet_tf.interpreter import Session
from mobilenet_tf.labels import embedded_labels
from mobilenet_tf.preprocessing import dequantize, load_rgb, preprocess, to_input

__all__ = ["Classifier", "Prediction"]


@dataclass(frozen=True)
class Prediction:
    """The classes of one photo, best first, and how long the inference took (preprocessing not counted)."""

    classes: list[tuple[str, float]]
    inference_ms: float


class Classifier:
    """A .tflite image classifier with the labels it carries.

    Raises ModelError when the file is no image classifier or carries no labels that fit.
    """

    def __init__(self, model: str | Path, *, backend: str = "auto", threads: int = 1) -> None:
        path = Path(model)
        self._session = Session(path, backend=backend, threads=threads)
        self.backend = self._session.backend
        shape = self._session.input.shape
        if len(shape) != 4 or shape[0] != 1 or shape[1] != shape[2] or shape[3] != 3:
            raise ModelError(f"expected {path} to take one RGB image, (1, res, res, 3); it takes {shape}.")
        self.res = shape[1]
        self.labels = embedded_labels(path.read_bytes())
        classes = self._session.output.shape[-1]
        if len(self.labels) != classes:
            raise ModelError(f"{path} has {classes} classes but carries {len(self.labels)} labels.")

    def classify(self, photo: str | Path, top: int = 3) -> Prediction:
        """The `top` classes of a photo with their scores, from 0 to 1. Raises ImagesError."""
        try:
            pixels = preprocess(load_rgb(photo), self.res)
        # Pillow's decoders raise what suits them on broken data.
        except Exception as error:
            raise ImagesError(f"cannot read {photo} as a picture: {error}.") from error
        tensor = to_input(pixels[None], self._session.input.dtype, self._session.input.scale)
        start = time.perf_counter()
        output = self._session.run(tensor)[0]
        elapsed = time.perf_counter() - start
        scores = dequantize(output, self._session.output.scale, self._session.output.zero_point)
        best = (-scores).argsort(kind="stable")[:top]
        return Prediction([(self.labels[index], float(scores[index])) for index in best], elapsed * 1e3)
