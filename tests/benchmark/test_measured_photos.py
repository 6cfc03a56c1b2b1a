"""Exports whose split says that some of the photos were trained on: these are not measured."""

import dataclasses
import hashlib
import shutil

import pytest
from PIL import Image

from mobilenet_tf.benchmark.accuracy import evaluate
from mobilenet_tf.benchmark.accuracy_notes import left_out_error, notes_on
from mobilenet_tf.benchmark.measured_photos import photos_for
from mobilenet_tf.benchmark.settings import MeasurementSettings
from mobilenet_tf.contract.manifest import SPLIT_FILE, Manifest, SplitRecord
from mobilenet_tf.data.digests import photo_digest
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import DataError
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata
from tests.support.commands import images_in
from tests.support.tflite_files import classifier_file

LABELS = ("tench, Tinca tinca", "goldfish, Carassius auratus")
NAME = "mobilenet_v1_a0.25_r96_int8.tflite"


@pytest.fixture
def export(exported, tmp_path):
    """(a copy of the model beside its manifest, a folder of ten photos of two classes)."""
    folder = tmp_path / "export"
    folder.mkdir()
    for name in (NAME, "manifest.json"):
        shutil.copy(exported[0] / name, folder)
    for number, name in enumerate(LABELS):
        images_in(tmp_path / "photos" / name, 5, seed=number)
    return folder / NAME, tmp_path / "photos"


def split_into(folder, model, *, trained, epochs):
    """Write the split of a run that trained on so many of the photos and validated on the next two."""
    digests = [photo_digest(path.read_bytes()) for path in sorted(folder.rglob("*.jpg"))]
    assert len({*digests}) == len(digests)
    split = Split("photos", epochs, frozenset(digests[:trained]), frozenset(digests[trained : trained + 2]))
    text = split.to_json()
    model.with_name(SPLIT_FILE).write_text(text)
    record = SplitRecord(
        file=SPLIT_FILE,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        dataset=split.dataset,
        epochs=epochs,
        train=len(split.train),
        validation=len(split.validation),
    )
    manifest = dataclasses.replace(Manifest.read(model.with_name("manifest.json")), split=record)
    model.with_name("manifest.json").write_text(manifest.to_json())


def measured(model, folder):
    opened = ImageModel(model)
    return evaluate([opened], photos_for(opened, MeasurementSettings(images=folder)))


def test_photos_that_were_trained_on_are_not_measured_and_counted(export):
    model, folder = export
    split_into(folder, model, trained=5, epochs=1)
    found = measured(model, folder)
    assert (found.images, found.seen, found.trained_left_out, found.trained_measured) == (5, 10, 5, 0)
    assert found.doubts == []
    assert found.per_class.keys() == {"tench, Tinca tinca"}
    where = f"accuracy is measured on 5 of the 10 photos in {folder}"
    assert notes_on(found) == [f"{where}, none of which the model was trained on (5 were left out for that)."]
    (remark,) = found.remarks
    assert remark.startswith(f"The photos in {folder} that the model was trained on are goldfish")
    assert remark.endswith(" and 2 more.")


def test_if_fewer_than_five_are_new_all_are_measured_with_a_doubt(export):
    model, folder = export
    split_into(folder, model, trained=6, epochs=1)
    found = measured(model, folder)
    assert (found.images, found.trained_left_out, found.trained_measured) == (10, 0, 6)
    (doubt,) = found.doubts
    assert doubt.startswith("the model was trained on 6 of these photos")


def test_a_photo_is_counted_once_however_many_copies_there_are(export):
    model, folder = export
    split_into(folder, model, trained=5, epochs=1)
    before = measured(model, folder)
    for path in sorted(folder.rglob("*.jpg")):
        for number in range(3):
            shutil.copy(path, path.with_name(f"z{number}_{path.name}"))
    after = measured(model, folder)
    assert dataclasses.replace(after, images_per_s=before.images_per_s) == before
    opened = ImageModel(model)
    notes = photos_for(opened, MeasurementSettings(images=folder)).class_names.notes
    assert notes[-1] == f"{folder}: copies of a photo are counted once: 30 of the 40 photos are copies."


def test_a_photo_that_a_list_names_twice_is_counted_once(export, tmp_path):
    model, folder = export
    (tmp_path / "list.csv").write_text("".join(f"{path},1\n" for path in [*folder.rglob("*.jpg")] * 2))
    settings = MeasurementSettings(images=folder, ground_truth=tmp_path / "list.csv")
    photos = photos_for(ImageModel(model), settings)
    assert (len(photos.paths), len(photos.classes), photos.seen) == (10, 10, 10)


def test_if_all_were_trained_on_all_are_measured_with_a_doubt(export):
    model, folder = export
    split_into(folder, model, trained=10, epochs=5)
    found = measured(model, folder)
    assert (found.images, found.trained_left_out, found.trained_measured) == (10, 0, 10)
    (doubt,) = found.doubts
    assert doubt.startswith("the model was trained on all of these photos: on new ones it is less accurate.")


def test_a_broken_photo_is_none_that_was_not_trained_on(export):
    model, folder = export
    split_into(folder, model, trained=10, epochs=1)
    (folder / "tench, Tinca tinca" / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    found = measured(model, folder)
    assert (found.images, found.seen, len(found.left_out), found.trained_measured) == (10, 11, 1, 10)
    assert len(found.doubts) == 1


def test_photos_by_which_the_best_of_several_epochs_was_chosen_are_a_remark_and_no_doubt(export):
    model, folder = export
    split_into(folder, model, trained=5, epochs=12)
    found = measured(model, folder)
    assert found.doubts == []
    assert found.remarks[1:] == [
        "The weights were chosen as the best of 12 epochs on 2 of these photos: expect a little less on new ones."
    ]


@pytest.mark.parametrize(("broken", "error"), [(1, False), (2, True)])
def test_more_than_a_tenth_of_all_photos_may_not_be_left_out_those_trained_on_not_counted_against_it(
    export, broken, error
):
    """One broken photo of ten is a tenth, although it is more of those that the model was not trained on."""
    model, folder = export
    photos = sorted(folder.rglob("*.jpg"))
    for number, path in enumerate(photos[-broken:]):
        path.write_bytes(b"\xff\xd8 no photo %d" % number)
    split_into(folder, model, trained=3, epochs=1)
    found = measured(model, folder)
    assert (found.images, found.seen, found.trained_left_out) == (7 - broken, 10, 3)
    assert (left_out_error(found) is not None) == error


def test_copies_under_other_names_are_recognized(export, tmp_path):
    model, folder = export
    split_into(folder, model, trained=5, epochs=1)
    renamed = tmp_path / "renamed" / "tench, Tinca tinca"
    renamed.mkdir(parents=True)
    for number, path in enumerate(sorted(folder.rglob("*.jpg"))):
        shutil.copy(path, renamed / f"{number}.jpg")
    assert measured(model, tmp_path / "renamed").images == 5


def test_results_on_other_photos_have_other_hashes(export):
    model, folder = export
    hashes = {measured(model, folder).images_sha256}
    for trained in (5, 4):
        split_into(folder, model, trained=trained, epochs=1)
        hashes.add(measured(model, folder).images_sha256)
    assert len(hashes) == 3


def test_nothing_is_known_of_a_file_without_its_manifest_or_split(export, tmp_path):
    model, folder = export
    assert measured(model, folder).trained_measured is None
    split_into(folder, model, trained=7, epochs=1)
    other = tmp_path / "other"
    other.mkdir()
    for path in (model, model.with_name(SPLIT_FILE)):
        shutil.copy(path, other)
    assert measured(other / NAME, folder).trained_measured is None
    foreign = model.with_name("foreign.tflite")
    foreign.write_bytes(model.read_bytes() + b"\0")
    assert measured(foreign, folder).trained_measured is None


def described_alone(model, folder, place, **split):
    """The model in a folder of its own, its metadata saying what the manifest of split_into says."""
    split_into(folder, model, **split)
    record = Manifest.read(model.with_name("manifest.json")).split
    place.mkdir()
    content = pack_with_metadata(parse(classifier_file(classes=2)), Metadata("x", record.describe(), LABELS))
    (place / "alone.tflite").write_bytes(content)
    return place / "alone.tflite"


def test_a_lone_file_that_was_trained_with_a_split_says_so_and_uses_a_split_beside_it(export, tmp_path):
    model, folder = export
    alone = described_alone(model, folder, tmp_path / "alone", trained=5, epochs=1)
    (doubt,) = measured(alone, folder).doubts
    assert doubt.startswith("the model was trained on 5 photos, but split.json, which names them, does not lie beside")
    beside = alone.with_name(SPLIT_FILE)
    beside.write_text(Split("others", 1, frozenset(), frozenset()).to_json())
    assert measured(alone, folder).doubts == [doubt]
    shutil.copy(model.with_name(SPLIT_FILE), beside)
    found = measured(alone, folder)
    assert (found.images, found.trained_left_out, found.doubts) == (5, 5, [])


@pytest.mark.parametrize(("kept", "name", "sure"), [(10, "new", False), (9, "photos", True), (9, "new", True)])
def test_photos_that_were_saved_again_are_not_recognized_which_is_said(export, tmp_path, kept, name, sure):
    """As many as the data set's, here nine, or in a folder of its name, they are probably the same ones."""
    model, folder = export
    split_into(folder, model, trained=7, epochs=1)
    again = tmp_path / "again" / name
    for path in sorted(folder.rglob("*.jpg"))[:kept]:
        target = again / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.open(path).save(target, quality=70)
    found = measured(model, again)
    said = found.doubts if sure else found.remarks
    assert found.images == kept
    assert len(found.doubts) + len(found.remarks) == 1
    assert "byte for byte, one of the 7 that the model was trained on" in said[0]


def test_a_record_that_is_missing_is_a_doubt(export):
    model, folder = export
    split_into(folder, model, trained=7, epochs=1)
    model.with_name(SPLIT_FILE).unlink()
    found = measured(model, folder)
    assert (found.images, found.trained_measured) == (10, None)
    (doubt,) = found.doubts
    assert doubt.startswith(
        "the model was trained on 7 photos, but split.json, which names them, does not lie beside it"
    )


def test_a_record_of_another_export_is_refused(export):
    model, folder = export
    split_into(folder, model, trained=7, epochs=1)
    path = model.with_name(SPLIT_FILE)
    path.write_text(path.read_text().replace('"photos"', '"others"'))
    with pytest.raises(DataError, match="is not the file of this export"):
        measured(model, folder)


@pytest.mark.parametrize(
    ("classes", "activation", "remarks"), [(3, "sigmoid", 1), (3, "softmax", 0), (1, "sigmoid", 0)]
)
def test_what_top1_means_for_tags_is_said(tmp_path, classes, activation, remarks):
    (tmp_path / "model.tflite").write_bytes(classifier_file(activation, classes=classes))
    names = ["cat", "dog", "truck"][: max(2, classes)]
    (tmp_path / "labels.txt").write_text("".join(f"{name}\n" for name in names))
    for seed, name in enumerate(names):
        images_in(tmp_path / "photos" / name, 2, seed=seed)
    model = ImageModel(tmp_path / "model.tflite", labels=tmp_path / "labels.txt")
    accuracy = evaluate([model], photos_for(model, MeasurementSettings(images=tmp_path / "photos")))
    assert accuracy.images == 2 * len(names)
    assert len(accuracy.remarks) == remarks
    said = [remark for remark in accuracy.remarks if "Measured: on how many photos the highest is that of" in remark]
    assert len(said) == remarks
    assert all("Not measured: which tags are above 0.5" in remark for remark in said)
