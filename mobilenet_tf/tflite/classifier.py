"""Classify photos with an exported .tflite. Labels and preprocessing come with the file."""

from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.errors import ModelError
from mobilenet_tf.tasks.classification import best_classes

from .image_model import ImageModel

__all__ = ["Classifier", "Prediction"]


@dataclass(frozen=True)
class Prediction:
    """The classes of one photo with their scores, best first, and the time of the inference without preprocessing."""

    classes: list[tuple[str, float]]
    inference_ms: float


class Classifier:
    """A .tflite image classifier with the labels that it carries.

    Raises ModelError if the file is no image classifier, or carries no labels or the wrong number of them.
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
        pixels = preprocess(read_photo(photo), self.res)
        model, session = self._model, self._model.session
        session.set(model.tensor(pixels))
        elapsed = session.time_invoke()
        return Prediction(best_classes(model.scores(session.get()), self.labels, top), elapsed)
