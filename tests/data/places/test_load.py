import re

import numpy as np
import pytest

from mobilenet_tf.data.places.load import load_places
from mobilenet_tf.data.split import Split, split_of
from mobilenet_tf.errors import DataError, ImagesError
from mobilenet_tf.tasks.places import distances_km
from tests.support.placed_photos import COLOURS, TOWNS, gps_tags, save_photo, towns

BOUNDS = (4, 40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return towns(tmp_path_factory.mktemp("places") / "photos", 10)


@pytest.fixture(scope="module")
def data(folder):
    return load_places(folder, photos_of_a_cell=BOUNDS)


def test_each_town_is_a_class_in_spite_of_its_folder(data):
    assert len(data.classes) == 3
    assert {name[:2] for name in data.classes} == {"48", "33", "12"}
    assert np.bincount(data.train.labels).tolist() == [8, 8, 8]
    assert np.bincount(data.validation.labels).tolist() == [2, 2, 2]
    for side in (data.train, data.validation):
        for index, label in enumerate(side.labels):
            town = side.name(index).split("/")[-2]
            assert distances_km(place_of(data.cells[label]), np.array(TOWNS[town])) < 10
            colour = COLOURS[[*TOWNS].index(town)]
            assert np.abs(side.read(index, 32).mean((0, 1)) - colour).max() < 30


def place_of(cell):
    return np.array([cell.latitude, cell.longitude])


def test_it_knows_where_the_validation_photos_were_taken(data):
    for index, place in enumerate(data.positions):
        town = data.validation.name(index).split("/")[-2]
        assert np.abs(place - TOWNS[town]).max() < 0.051  # they are within 0.05 degrees


def test_a_cells_place_is_that_of_photos_to_train_on_alone(folder, data):
    """A score on validation photos would be too good if they had moved it."""
    others = load_places(folder, photos_of_a_cell=BOUNDS, seed=1)
    assert data.classes == others.classes
    assert [cell.token for cell in data.cells] == [cell.token for cell in others.cells]
    assert all(one.latitude != other.latitude for one, other in zip(data.cells, others.cells, strict=True))


def test_photos_that_cannot_be_used_are_named(tmp_path):
    folder = towns(tmp_path / "photos", 6)
    save_photo(folder / "screenshot.jpg", seed=901)
    save_photo(folder / "scan.png", seed=902)
    save_photo(folder / "zero.jpg", gps_tags(0, 0), seed=903)
    save_photo(folder / "beyond.jpg", gps_tags(97, 2), seed=904)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    # Far from all others, but on the same face of the cube as Paris: so many there that the cell is split.
    save_photo(folder / "alone.jpg", gps_tags(60.5, 30.2), seed=905)
    found = load_places(folder, photos_of_a_cell=(3, 6))
    text = "\n".join(found.skipped)
    assert "broken.jpg: no image of a kind that is read." in text
    assert f"{folder}/beyond.jpg: its GPSLatitude is impossible: 97 degrees" in text
    assert f"{folder}/zero.jpg: its position is 0, 0, which cameras write" in text
    assert "without a GPS position in the EXIF data, 2 of 24 photos: scan.png, screenshot.jpg." in text
    assert re.search(r"where fewer than 3 photos were taken, \d of 19 photos\.", text)
    assert found.seen == 24
    assert found.left_out == 24 - found.used
    assert found.examined().broken == 1


def test_a_folder_of_its_own_validates_in_the_cells_of_the_others(folder, tmp_path, data):
    validation = towns(tmp_path / "validation", 3, seed=7)
    save_photo(validation / "delhi.jpg", gps_tags(28.61, 77.21), seed=911)
    found = load_places(folder, validation=validation, photos_of_a_cell=BOUNDS)
    assert len(found.train) == 30
    assert np.bincount(found.validation.labels).tolist() == [3, 3, 3]
    assert [cell.token for cell in found.cells] == [cell.token for cell in data.cells]
    assert f"{validation}: in no cell that is trained on, 1 of 10 photos." in found.skipped
    assert found.left_out == 1


def test_too_few_photos_of_a_place_are_an_error_that_says_what_would_do(tmp_path):
    folder = towns(tmp_path / "photos", 6)
    with pytest.raises(DataError, match="give no cell of the earth with 10 photos or more") as error:
        load_places(folder)
    fewest, most = map(int, re.search(r"--cell-photos (\d+):(\d+)", str(error.value)).groups())
    assert len(load_places(folder, photos_of_a_cell=(fewest, most)).classes) > 1


def test_photos_of_one_spot_have_no_remedy_but_others(tmp_path):
    for index in range(12):
        save_photo(tmp_path / f"{index}.jpg", gps_tags(48.8566, 2.3522), seed=index)
    with pytest.raises(DataError, match=r"give one cell of the earth with 10 photos or more.\nAdd photos of other pl"):
        load_places(tmp_path)


def test_photos_without_any_position_are_an_error(tmp_path):
    save_photo(tmp_path / "a.jpg")
    with pytest.raises(DataError, match=r"expected photos with a GPS position .* none of 1 can be used.\n.*: a.jpg."):
        load_places(tmp_path)


@pytest.mark.parametrize("name", ["cifar10", "photos.csv"])
def test_what_is_no_folder_is_refused(tmp_path, name):
    (tmp_path / "photos.csv").write_text("file,label\n")
    with pytest.raises(ImagesError, match="expected a folder of photos"):
        load_places(tmp_path / name)


def test_classes_of_near_places_have_names_of_their_own(tmp_path):
    for number, (latitude, longitude) in enumerate([(48.85661, 2.35221), (48.85961, 2.35661)]):
        for index in range(4):
            save_photo(tmp_path / f"{number}_{index}.jpg", gps_tags(latitude, longitude), seed=10 * number + index)
    found = load_places(tmp_path, photos_of_a_cell=(2, 4))
    assert sorted(found.classes) == ["48.86 N 2.35 E", "48.86 N 2.36 E"]
    finer = load_places(tmp_path, photos_of_a_cell=(2, 4), seed=3)
    assert finer.classes == found.classes


def test_the_record_of_the_photos_carries_the_cells(data):
    split = split_of(data, "photos")
    assert split.cells == data.cells
    assert Split.from_json(split.to_json()) == split
    with pytest.raises(DataError, match="cells: expected a cell for each of the 2 classes; got 3"):
        Split.from_json(split.to_json().replace(f'["{data.classes[0]}", ', "["))
    assert '"cells"' not in Split("photos", 1, frozenset(), frozenset()).to_json()
