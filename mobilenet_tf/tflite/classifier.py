"""Classify photos with an exported .tflite: labels and preprocessing come with the file."""

from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.contract.preprocessing import load_rgb, preprocess
from mobilenet_tf.errors import ImagesError, ModelError

from .image_model import ImageModel
from .interpreter import time_invoke

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
        self._model = ImageModel(path, backend=backend, threads=threads)
        self.backend, self.res = self._model.session.backend, self._model.res
        labels, classes = self._model.labels, self._model.classes
        if labels is None:
            raise ModelError(f"{path} carries no labels in its metadata. Export it with mobilenet-export.")
        if len(labels) != classes:
            raise ModelError(f"{path} has {classes} classes but carries {len(labels)} labels.")
        self.labels = labels

    def classify(self, photo: str | Path, top: int = 3) -> Prediction:
        """The `top` classes of a photo with their scores, from 0 to 1. Raises ImagesError."""
        try:
            pixels = preprocess(load_rgb(photo), self.res)
        # Pillow's decoders raise what suits them on broken data.
        except Exception as error:
            raise ImagesError(f"cannot read {photo} as a picture: {error}.") from error
        self._model.session.set(self._model.tensor(pixels))
        elapsed = time_invoke(self._model.session)
        scores = self._model.scores(self._model.session.get())
        best = (-scores).argsort(kind="stable")[:top]
        return Prediction([(self.labels[index], float(scores[index])) for index in best], elapsed)
