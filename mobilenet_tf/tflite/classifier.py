"""Classify photos with a .tflite file. Labels and preprocessing come with the file, or from whoever opens it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.places import PlaceCell
from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.errors import ModelError
from mobilenet_tf.tasks.classification import best_classes
from mobilenet_tf.tasks.tags import best_tags

from .given_input import GivenInput
from .given_photo import Photo, pixels_of
from .image_model import ImageModel
from .model_file import model_file

__all__ = ["Classifier", "Prediction"]


@dataclass(frozen=True)
class Prediction:
    """The classes or tags of one photo with their scores, best first, and the time of the inference alone.

    places: of the same classes, where photos of each were taken, if they are cells of the earth: latitude, longitude
            and radius_km. None of other classes.
    """

    classes: list[tuple[str, float]]
    inference_ms: float
    places: list[PlaceCell] | None = None


class Classifier:
    """A .tflite image classifier with its labels.

    A file that gives one score, by a sigmoid, has two classes: labels name first that of scores near 0, then that of
    scores near 1. A file that gives several by sigmoids has tags: several of them may be true of one photo, or none.
    `thresholds` are from which score on each is true; None for classes, and if the file does not say it.

    model:      the file, or a folder with one .tflite file, such as an export of one recipe; `path` is the file.
    labels:    a text file of class names, one a line, in place of the labels that the file carries.
    mean, std: the input is (byte - mean) / std, with one number or one each for red, green and blue; for a file that
               does not say it.
    res:       the input resolution in pixels, for a file that takes images of any height and width.

    `notes` say what was assumed because the file does not say it, and what was done to its scores.
    Raises ModelError if the file is no image classifier, or has no labels or the wrong number of them, LabelsError for
    labels that cannot be read, and InputError for a mean, std or res that cannot be.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        backend: str = "auto",
        threads: int = 1,
        labels: str | Path | None = None,
        mean: float | Iterable[float] | None = None,
        std: float | Iterable[float] | None = None,
        res: int | None = None,
    ) -> None:
        (self.path, notes), given = model_file(Path(model)), GivenInput.of(mean, std, res)
        file = None if labels is None else Path(labels)
        self._model = ImageModel(self.path, backend=backend, threads=threads, labels=file, given=given)
        self.backend, self.res = self._model.session.backend, self._model.res
        self.notes = [*notes, *self._model.notes]
        self.labels = _checked_labels(self._model, file)
        self.thresholds = self._model.thresholds

    def classify(self, photo: Photo, top: int = 3) -> Prediction:
        """The `top` classes of a photo with their scores, from 0 to 1.

        Of tags those above their own thresholds, if the file has them; else all above 0.5, and no fewer than `top`.

        photo: a path, a PIL image, or pixels: uint8 (height, width, 3), RGB.
        Raises ImagesError for a photo that cannot be read, or an array of another dtype or shape, and ModelError if a
        score is no finite number.
        """
        with photo_memory():
            pixels = preprocess(pixels_of(photo), self.res)
        model, session = self._model, self._model.session
        session.set(model.tensor(pixels))
        elapsed = session.time_invoke()
        scores = model.probabilities(session.get())
        if model.has_tags:
            return Prediction(best_tags(scores, self.labels, top, model.thresholds), elapsed)
        places = None if model.cells is None else [cell for cell, _ in best_classes(scores, model.cells, top)]
        return Prediction(best_classes(scores, self.labels, top), elapsed, places)


def _checked_labels(model: ImageModel, file: Path | None) -> list[str]:
    """The labels, one for each class. Raises ModelError if there are none, or another number."""
    labels, classes = model.labels, model.classes
    order = ": first the class of scores near 0, then that of scores near 1" if model.gives_one_score else ""
    if labels is None:
        problem = model.labels_problem or f"{model.path} carries no labels in its metadata."
        raise ModelError(f"{problem}\nGive those of its {classes} classes with --labels FILE, one a line{order}.")
    if len(labels) != classes:
        found = f"it carries {len(labels)}" if file is None else f"{file} has {len(labels)}"
        remedy = f"Give as many with --labels FILE, one a line{order}."
        if len(labels) == classes - 1 and not order:
            remedy = "If its class 0 is the background, give labels that begin with a line `background`."
        raise ModelError(f"expected {classes} labels, one for each class of {model.path}; {found}.\n{remedy}")
    return labels
