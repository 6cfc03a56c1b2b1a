"""Accuracy of a file whose classes are cells of the earth, on photos with GPS positions."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from mobilenet_tf.benchmark.accuracy import evaluate
from mobilenet_tf.benchmark.class_names import class_names
from mobilenet_tf.benchmark.measured_photos import photos_for
from mobilenet_tf.benchmark.placed_photos import distances_of, placed_photos
from mobilenet_tf.benchmark.settings import MeasurementSettings
from mobilenet_tf.contract.places import PlaceCell
from mobilenet_tf.errors import DataError
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata
from tests.support.placed_photos import TOWNS, gps_tags, save_photo, towns
from tests.support.tflite_files import classifier_file

# The faces of S2's cube that the towns are on, and one without a town.
CELLS = [PlaceCell(token, *place, 5.0) for token, place in zip("579", TOWNS.values(), strict=True)]
CELLS.append(PlaceCell("b", -80.0, 0.0, 100.0))
LABELS = ["Paris", "Sydney", "Lima", "the south pole"]
NAMES = class_names(LABELS, 4, None, "model.tflite", by_number=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = towns(tmp_path_factory.mktemp("photos"), 3)
    save_photo(folder / "screenshot.jpg", seed=801)
    save_photo(folder / "beyond.jpg", gps_tags(91, 0), seed=802)
    save_photo(folder / "delhi.jpg", gps_tags(28.61, 77.21), seed=803)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    return folder


def test_each_photo_is_of_the_cell_that_it_was_taken_in(folder):
    photos = placed_photos(folder, CELLS, NAMES)
    assert {(path.parent.name, LABELS[number]) for path, number in zip(photos.paths, photos.classes, strict=True)} == {
        (town, town) for town in TOWNS
    }
    assert len(photos.paths) == 9
    assert photos.seen == 13
    assert sorted(photos.skipped) == sorted(
        [
            f"{folder}/beyond.jpg: its GPSLatitude is impossible: 91 degrees, 0 minutes, 0 seconds",
            f"cannot read {folder}/broken.jpg: no image of a kind that is read",
            f"{folder}/delhi.jpg: it was taken in no cell that the model knows",
            f"{folder}/screenshot.jpg: without a GPS position in its EXIF data",
        ]
    )


def test_photos_of_other_parts_of_the_earth_are_an_error(folder):
    with pytest.raises(DataError, match=r"taken in the model's cells of the earth; none of 13 was\.\n"):
        placed_photos(folder, CELLS[3:], NAMES)


def test_distances_are_those_of_the_answers(folder):
    photos = placed_photos(folder, CELLS, NAMES)
    right = distances_of(photos, photos.paths, np.array(photos.classes))
    assert right.within_km["25"] == 1.0
    assert right.median_km < 8
    wrong = distances_of(photos, photos.paths, np.full(9, 3))  # all at the south pole
    assert wrong.within_km == {"1": 0.0, "25": 0.0, "200": 0.0, "750": 0.0, "2500": 0.0}
    some = distances_of(photos, photos.paths[:1], np.array(photos.classes[:1]))
    assert some.within_km["25"] == 1.0


def test_the_accuracy_of_a_file_has_the_distances_beside_top1(folder, tmp_path):
    path = tmp_path / "places.tflite"
    path.write_bytes(pack_with_metadata(parse(classifier_file("softmax")), Metadata("a", "b", LABELS, cells=CELLS)))
    model = ImageModel(path)
    assert model.cells == CELLS
    photos = photos_for(model, MeasurementSettings(images=folder))
    accuracy = evaluate([model], photos)
    # The towns are thousands of km apart: an answer is near if, and only if, it is right.
    assert accuracy.distances.within_km["25"] == accuracy.top1
    assert [*asdict(accuracy.distances)] == ["within_km", "median_km"]
    assert accuracy.remarks[-1].startswith("Distance of the answers from where the photos were taken: within 1 km ")
    assert len(accuracy.left_out) == 4
    assert Path(accuracy.folder) == folder
