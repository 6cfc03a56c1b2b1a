"""The photos that the accuracy of one model is measured on: those of known class that it was not trained on."""

import hashlib
from dataclasses import replace
from pathlib import Path

from mobilenet_tf.contract.manifest import MANIFEST_FILE, SPLIT_FILE, Manifest, SplitRecord
from mobilenet_tf.data.digests import PhotoDigests, without_copies
from mobilenet_tf.data.split import SortedPhotos, Split
from mobilenet_tf.errors import DataError, ManifestError
from mobilenet_tf.json_records import read_text
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of
from mobilenet_tf.terminal import printable, shortened_list
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.photo_model import PhotoModel

from .class_names import class_names
from .labelled_photos import LabelledPhotos, Training, labelled_photos
from .placed_photos import placed_photos
from .settings import MeasurementSettings

__all__ = ["photos_for", "split_beside", "split_known"]

MOST_NAMED = 3  # photos that were trained on
REMARK_ON_TAGS = (
    "The outputs are tags, each with a score of its own, by a sigmoid. Measured: on how many photos the highest is "
    "that of their own class (top-1). Not measured: which tags are above 0.5, and whether other tags are true of a "
    "photo too, which these photos, with one class for each, do not say: mean average precision takes photos with tags."
)


def photos_for(
    model: ImageModel,
    settings: MeasurementSettings,
    on_progress: OnProgress = ignore_progress,
    digests: PhotoDigests | None = None,
) -> LabelledPhotos:
    """The photos of `settings.images`, by the classes of a model that is open; without those that it was trained on,
    and without copies of others: the same as an export counts.

    digests: of the photos that other models were measured on; those of this model's are added.
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
        may_be_vector=model.output_kind == "logits",
    )
    try:
        if model.cells is not None and settings.ground_truth is None:
            photos = placed_photos(settings.images, model.cells, names)
        else:
            photos = labelled_photos(settings.images, names, settings.ground_truth, settings.class_offset)
    except DataError as error:
        # Of several models, the classes of some may be those of the photos.
        raise DataError(f"{model.path}: {error}") from error
    if model.has_tags:
        photos = replace(photos, remarks=(*photos.remarks, REMARK_ON_TAGS))
    digests = digests or PhotoDigests()
    photos = _each_once(photos, digests, part_of(on_progress, 0.0, 0.5))
    split, doubt = split_known(model)
    if split is None:
        return replace(photos, doubts=(doubt,)) if doubt else photos
    training = split.sort_out(photos.paths, digests, part_of(on_progress, 0.5, 1.0))
    kept = _without_trained(photos, split.epochs, training)
    return kept if training.validation or training.trained else _none_recognized(kept, split)


def split_known(model: PhotoModel) -> tuple[Split | None, str | None]:
    """(the photos that a model was trained on and validated with, a doubt if there is a record of them that is not
    here); both are None if nothing speaks of a training. Raises DataError for a split that is not that of the export.
    """
    record = _manifest_record(model.path, model.sha256)
    if record is not None:
        path = model.path.parent / Path(record.file).name
        split = _read_split(path, record) if path.is_file() else None
    elif (record := SplitRecord.from_description(model.description, SPLIT_FILE)) is not None:
        split = _split_beside(model, record)
    else:
        return None, None
    return split, None if split else _missing_split_doubt(record)


def _split_beside(model: PhotoModel, record: SplitRecord) -> Split | None:
    """The split that a file without its manifest speaks of, if it lies beside it; that of another export does not."""
    try:
        return _read_split(model.path.with_name(record.file), record)
    except DataError:
        return None


def split_beside(path: Path, sha256: str) -> Split | None:
    """The photos that the weights in a file were trained on and validated with, by the export that it lies in; None if
    nothing says it. Raises DataError for a split that is not that of the export.
    """
    record = _manifest_record(path, sha256)
    file = None if record is None else path.with_name(Path(record.file).name)
    return None if record is None or file is None or not file.is_file() else _read_split(file, record)


def _manifest_record(model: Path, sha256: str) -> SplitRecord | None:
    """What the manifest of its export says about the photos that a model was trained on.

    None for a file that lies beside no manifest that lists it, or whose weights came without that record.
    """
    try:
        manifest = Manifest.read(model.with_name(MANIFEST_FILE))
    except ManifestError:
        return None
    # A file that was copied into the folder of another export has nothing to do with its training.
    return manifest.split if sha256 in {file.sha256 for file in manifest.files} else None


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


def _without_trained(photos: LabelledPhotos, epochs: int, training: SortedPhotos) -> LabelledPhotos:
    """`photos` without those that were trained on, if enough are left.

    epochs:   of how many epochs of this training the weights are the best.
    training: what it did with the photos.
    """
    measured = training.to_measure()
    kept = photos.only(measured.paths)
    return replace(
        kept,
        remarks=(*kept.remarks, *_trained_remark(photos.folder, training)),
        training=Training(
            left_out=measured.left_out,
            measured=measured.trained,
            chosen_by=measured.validation if epochs > 1 else 0,
            epochs=epochs,
        ),
    )


def _trained_remark(folder: Path, training: SortedPhotos) -> list[str]:
    """A sentence that names some of the photos that were trained on, if others of the folder were not."""
    if not training.trained or not (training.validation or training.others):
        return []
    names = [path.relative_to(folder) if path.is_relative_to(folder) else path for path in training.trained]
    named = shortened_list([printable(str(name)) for name in names], MOST_NAMED)
    return [f"The photos in {printable(str(folder))} that the model was trained on are {named}."]


def _each_once(photos: LabelledPhotos, digests: PhotoDigests, on_progress: OnProgress) -> LabelledPhotos:
    """`photos` without copies, which would count one photo several times; a note says how many there are."""
    paths, _ = without_copies(photos.paths, digests, on_progress)
    # A list may name a photo twice: its first class counts.
    first = dict(zip(reversed(photos.paths), reversed(photos.classes), strict=True))
    kept = {path: first[path] for path in paths}
    copies = len(photos.paths) - len(kept)
    if not copies:
        return photos
    note = f"{photos.folder}: copies of a photo are counted once: {copies} of the {photos.seen} photos are copies."
    names = replace(photos.class_names, notes=(*photos.class_names.notes, note))
    seen = photos.seen - copies
    return replace(photos, paths=[*kept], classes=[*kept.values()], class_names=names, seen=seen)


def _none_recognized(photos: LabelledPhotos, split: Split) -> LabelledPhotos:
    """`photos`, of which none has the hash of one in the training, with a sentence that says so.

    It is a doubt if they are as many as those of the training or lie in a folder of that name: they are probably the
    same ones, saved again, and most were trained on.
    """
    text = f"none of these photos is, byte for byte, one of the {len(split.train)} that the model was trained on"
    same = photos.folder.resolve().name == split.dataset or len(photos.paths) == len(split.train | split.validation)
    if not same:
        remark = f"{text[0].upper()}{text[1:]}. If some are the same pictures saved again, expect less on new ones."
        return replace(photos, remarks=(*photos.remarks, remark))
    doubt = f"{text}, but they look like its data set: if they were saved again, it was trained on most of them."
    return replace(photos, doubts=(*photos.doubts, doubt))
