"""The verification photos whose boxes are known: on them AP of the model and of every file is measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from export.accuracy_photos import AccuracyPhotos, accuracy_photos
from export.calibration import ExportImages
from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.data.boxes.find import has_boxes
from mobilenet_tf.data.boxes.measured import annotated_images
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import DataError, LabelsError, MissingPackageError, require
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.tasks.detection_score import DetectionScore, detection_score
from mobilenet_tf.tasks.post_processing import Detections

__all__ = ["KnownBoxes", "known_boxes"]

NOT_MEASURED = "AP50 is not measured:"


@dataclass(frozen=True)
class KnownBoxes:
    """Annotated photos, and which of the verification images show them.

    counted: of each verification image the photo that it shows and that counts.
    classes: of the model.
    """

    photos: BoxedPhotos
    counted: AccuracyPhotos
    classes: int

    @property
    def boxes(self) -> int:
        """The number of boxes to find."""
        return sum(int((~self.photos.ignored[photo]).sum()) for photo in self._shown())

    @property
    def ignored(self) -> int:
        """The number of boxes that do not count."""
        return sum(int(self.photos.ignored[photo].sum()) for photo in self._shown())

    def _shown(self) -> list[int]:
        return [photo for photo in self.counted.ground_truth if photo is not None]

    def score(self, found: Sequence[Detections]) -> DetectionScore:
        """The score of what is found on each of the verification images."""
        places = [place for place, photo in enumerate(self.counted.ground_truth) if photo is not None]
        truth = self.photos.true_boxes()
        return detection_score([found[place] for place in places], [truth[one] for one in self._shown()], self.classes)


def known_boxes(
    images: ExportImages, labels: Sequence[str], split: Split | None, on_progress: OnProgress
) -> tuple[KnownBoxes | None, list[str]]:
    """(the photos that AP is measured on, None if the boxes of none are known; notes, in that case on what to do).

    labels: of the model. split: which photos its weights were trained on, of which as few as possible count.
    """
    if images.folder is None:
        trained = "" if split is None else f", such as those of {split.dataset}, which it was trained on"
        return None, [
            f"{NOT_MEASURED} the bundled photos have no boxes. Give photos with boxes (--calibration DIR){trained}."
        ]
    if not has_boxes(images.folder):
        return None, [
            f"{NOT_MEASURED} {images.folder} has no boxes of its photos. Put annotations there in a form that "
            "mobilenet-train takes, such as Pascal VOC XML beside the photos."
        ]
    verified = images.verification.photos
    try:
        require("pycocotools")
        found = annotated_images(images.folder, labels, None, None, on_progress, among=verified)
    except (DataError, LabelsError, MissingPackageError) as error:
        return None, [f"{NOT_MEASURED} {' '.join(str(error).splitlines())}"]
    row_of = {Path(path).resolve(): row for row, path in enumerate(found.photos.paths)}
    rows = {photo: row_of.get(photo.resolve()) for photo in verified}
    counted = accuracy_photos(images.verification, rows, images.training, split.epochs if split else 0)
    known = KnownBoxes(found.photos, counted, len(labels))
    if not known.boxes:
        return None, [f"{NOT_MEASURED} the {counted.count} annotated photos among the verified ones have no boxes."]
    return known, [f"{images.folder}: {line}." for line in found.left_out]
