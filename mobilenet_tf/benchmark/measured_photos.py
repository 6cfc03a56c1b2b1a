"""The photos that the accuracy of one model is measured on: those of known class that it was not trained on."""

import hashlib
from dataclasses import replace
from pathlib import Path

from mobilenet_tf.contract.manifest import Manifest, SplitRecord
from mobilenet_tf.data.photos import read_photo
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import DataError, ImagesError, ManifestError
from mobilenet_tf.json_records import read_text
from mobilenet_tf.tflite.image_model import ImageModel

from .class_names import class_names
from .labelled_photos import LabelledPhotos, Training, labelled_photos
from .settings import MeasurementSettings

__all__ = ["photos_for", "without_trained"]


def photos_for(model: ImageModel, settings: MeasurementSettings) -> LabelledPhotos:
    """The photos of `settings.images`, by the classes of a model that is open; without those that it was trained on.

    Raises LabelsError, DataError and ImagesError if names, photos or the record of the training do not fit the model or
    cannot be read.
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
    record = _split_record(model)
    if record is None:
        return photos
    path = model.path.parent / Path(record.file).name
    if not path.is_file():
        return replace(photos, doubts=(_missing_split_doubt(record),))
    return without_trained(photos, _read_split(path, record))


def _split_record(model: ImageModel) -> SplitRecord | None:
    """What the manifest of its export says about the photos that a model was trained on.

    None for a file that lies beside no manifest that lists it, or whose weights came without that record: nothing is
    known of these.
    """
    try:
        manifest = Manifest.read(model.path.with_name("manifest.json"))
    except ManifestError:
        return None
    # A file that was copied into the folder of another export has nothing to do with its training.
    return manifest.split if model.sha256 in {file.sha256 for file in manifest.files} else None


def _missing_split_doubt(record: SplitRecord) -> str:
    """Why the accuracy may be on photos that were trained on."""
    return (
        f"the model was trained on {record.train} photos, but {record.file}, which names them, does not lie beside it: "
        "some of them may be among these. Copy it from the export's folder."
    )


def _read_split(path: Path, record: SplitRecord) -> Split:
    """Raises DataError if the file cannot be read or is not that of the export."""
    text = read_text(path, DataError)
    if hashlib.sha256(text.encode()).hexdigest() != record.sha256:
        raise DataError(
            f"{path} is not the file of this export: its manifest.json has another hash for it.\n"
            "It says which photos were trained on: export again, or copy the export's whole folder."
        )
    return Split.from_json(text, str(path))


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
