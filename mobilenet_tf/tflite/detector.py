"""Find objects on photos with a .tflite file. Labels and preprocessing come with the file, or from whoever opens it."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.preprocessing import stretch

from .detector_model import DetectorModel
from .given_input import GivenInput
from .given_photo import Photo, pixels_of
from .model_file import model_file

__all__ = ["THRESHOLD", "DetectedObject", "DetectedPhoto", "Detector"]

THRESHOLD = 0.5  # the score from which objects are shown


@dataclass(frozen=True)
class DetectedObject:
    """One object on a photo.

    score: from 0 to 1. class_id: of its class, counted from 0 without a background.
    box:   (ymin, xmin, ymax, xmax), shares of the height and width of the upright photo, as the model gives them: they
           may reach beyond it.
    """

    label: str
    score: float
    box: tuple[float, float, float, float]
    class_id: int

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """(left, top, right, bottom) in pixels of the upright photo, without what is beyond it."""
        top, left, bottom, right = (min(max(end, 0.0), 1.0) for end in self.box)
        return round(left * width), round(top * height), round(right * width), round(bottom * height)


@dataclass(frozen=True)
class DetectedPhoto:
    """The objects on one photo, best first; its size in pixels, upright; the time of the inference alone."""

    objects: list[DetectedObject]
    width: int
    height: int
    inference_ms: float


class Detector:
    """A .tflite object detector with its labels.

    Files with TFLite's post-processing are read, whatever the order of their outputs, such as SSD, SSD FPNLite and
    EfficientDet-Lite; and exports of this project with raw outputs.

    model:      the file, or a folder with one .tflite file, such as an export of one recipe; `path` is the file.
    labels:     a text file of class names, one a line, in place of the labels that the file carries. If the first
                stands for the background, it is left out. Without labels classes are shown by their numbers.
    mean, std, res: as for Classifier.

    `notes` say what was assumed because the file does not say it.
    Raises ModelError if the file is no object detector, or has another number of labels, LabelsError for labels that
    cannot be read, and InputError for a mean, std or res that cannot be.
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
        self._model = DetectorModel(self.path, backend=backend, threads=threads, labels=file, given=given)
        self.backend, self.res, self.labels = self._model.session.backend, self._model.res, self._model.labels
        self.notes = [*notes, *self._model.notes]

    def detect(self, photo: Photo, threshold: float = THRESHOLD, most: int | None = None) -> DetectedPhoto:
        """The objects on a photo with a score of at least `threshold`, best first, at most `most`.

        photo: a path, a PIL image, or pixels: uint8 (height, width, 3), RGB. All of it is looked at.
        Raises ImagesError for a photo that cannot be read, or an array of another dtype or shape, and ModelError if a
        box or a score is no finite number.
        """
        with photo_memory():
            pixels = pixels_of(photo)
            image = stretch(pixels, self.res)
        model, session = self._model, self._model.session
        session.set(model.tensor(image))
        elapsed = session.time_invoke()
        found = model.detections(session.get_all()).above(threshold).first(most if most is not None else 1 << 30)
        objects = [
            DetectedObject(model.label(number), score, (top, left, bottom, right), number)
            for (top, left, bottom, right), score, number in zip(
                found.boxes.tolist(), found.scores.tolist(), found.classes.tolist(), strict=True
            )
        ]
        return DetectedPhoto(objects, pixels.shape[1], pixels.shape[0], elapsed)
