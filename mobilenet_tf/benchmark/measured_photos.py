"""The photos that the accuracy of one model is measured on: those of known class that it was not trained on."""

from dataclasses import replace
from pathlib import Path

from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.data.split import SPLIT_FILE, Split
from mobilenet_tf.errors import DataError, ImagesError, ManifestError
from mobilenet_tf.json_records import read_text
from mobilenet_tf.tflite.image_model import ImageModel

from .class_names import class_names
from .labelled_photos import LabelledPhotos, Training, labelled_photos
from .settings import MeasurementSettings

__all__ = ["photos_for", "split_of_export", "without_trained"]


def photos_for(model: ImageModel, settings: MeasurementSettings) -> LabelledPhotos:
    """The photos of `settings.images`, by the classes of a model that is open; without those that it was trained on.

    Raises LabelsError, DataError and ImagesError if names or photos do not fit the model or cannot be read.
    """
    assert settings.images is not None
    names = class_names(
        model.labels,
        model.classes,
        settings.background_offset,
        model.path.name,
        by_number=settings.ground_truth is not None,
    )
    photos = labelled_photos(settings.images, names, settings.ground_truth, settings.class_offset)
    split = split_of_export(model)
    return photos if split is None else without_trained(photos, split)


def split_of_export(model: ImageModel) -> Split | None:
    """Which photos a model was trained on, by what its export's folder says.

    None for a file that lies beside no manifest that lists it, or whose weights came without that record: nothing is
    known of these. Raises DataError for a record that cannot be read.
    """
    try:
        manifest = Manifest.read(model.path.with_name("manifest.json"))
    except ManifestError:
        return None
    # A file that was copied into the folder of another export has nothing to do with its training.
    if model.sha256 not in {file.sha256 for file in manifest.files}:
        return None
    path = model.path.with_name(SPLIT_FILE)
    return Split.from_json(read_text(path, DataError), str(path)) if path.exists() else None


def without_trained(photos: LabelledPhotos, split: Split) -> LabelledPhotos:
    """`photos` without those that were trained on; all of them if all were."""
    validation, trained, others = split.sort_out(photos.paths)
    # A photo that training could not read is not among those that it names, and cannot be measured either.
    all_trained = not validation and not any(_is_readable(path) for path in others)
    kept = photos if all_trained else photos.only({*validation, *others})
    training = Training(
        left_out=len(photos.paths) - len(kept.paths),
        measured=len(trained) if all_trained else 0,
        chosen_by=len(validation) if split.epochs > 1 else 0,
        epochs=split.epochs,
    )
    return replace(kept, training=training)


def _is_readable(path: Path) -> bool:
    try:
        read_photo(path)
    except ImagesError:
        return False
    return True
