"""Photos with positions -> a run -> an export -> the places that its file finds on new photos."""

import json
import zipfile

import numpy as np
import pytest
from click.testing import CliRunner

from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.contract.places import CELLS_FILE
from mobilenet_tf.errors import InputError, ManifestError, ModelError, ResultError
from mobilenet_tf.report.page import report_page
from mobilenet_tf.results.training_record import TrainingRecord
from mobilenet_tf.tasks.places import distances_km
from mobilenet_tf.tflite.classifier import Classifier
from mobilenet_tf.tflite.cli import classify
from mobilenet_tf.training.places.settings import cell_photos
from mobilenet_tf.training.state import PlaceEpoch, RunState
from tests.support.commands import run_export, run_train
from tests.support.placed_photos import COLOURS, TOWNS, save_photo, towns

pytestmark = pytest.mark.slow  # a real run of the commands

NAME = "mobilenet_v1_a0.25_r32_photos"
DISTANCES = ["1", "25", "200", "750", "2500"]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """(the run's folder, what the command printed)."""
    root = tmp_path_factory.mktemp("places")
    photos = towns(root / "photos", 10)
    save_photo(photos / "screenshot.jpg", seed=77)
    options = ("--alpha", "0.25", "--res", "32", "--epochs", "1", "--cell-photos", "4:40", "--output-dir", root)
    done = run_train(photos, "--task", "places", "--json", *options)
    assert done.exit_code == 0, done.output
    return root / NAME, done


@pytest.fixture(scope="module")
def exported(trained):
    run, _ = trained
    options = ("--quant", "int8", "--calibration", run.parent / "photos", "--output-dir", run.parent / "export")
    done = run_export("--weights", run / "best.keras", *options)
    assert done.exit_code == 0, done.output
    return run.parent / "export" / NAME


@pytest.fixture(scope="module")
def file(exported):
    return exported / f"{NAME}_int8.tflite"


@pytest.fixture(scope="module")
def new_photos(tmp_path_factory):
    """Name of a town -> a photo of its colour that nobody has trained on."""
    folder = tmp_path_factory.mktemp("new")
    for number, town in enumerate(TOWNS):
        save_photo(folder / f"{town}.jpg", colour=COLOURS[number], seed=500 + number)
    return {town: folder / f"{town}.jpg" for town in TOWNS}


def test_the_run_says_how_far_its_answers_are(trained):
    printed = json.loads(trained[1].stdout)
    assert printed["task"] == "places"
    assert [*printed["within_km"]] == DISTANCES
    assert printed["top1"] == 1.0  # the towns differ by colour
    assert printed["within_km"]["25"] == 1.0  # the photos of a town are within 0.1 degrees, which is 11 km
    assert printed["median_km"] < 11


def test_the_record_and_its_page_have_the_distances(trained):
    record = TrainingRecord.read(trained[0] / "training.json")
    assert record.places is not None
    assert [*record.places.within_km] == DISTANCES
    assert len(record.places.cells) == len(record.classes) == 3
    assert len(record.places.positions) == len(record.answers.names) == 6
    page = report_page([], [record])
    assert "Distances of the answers" in page
    assert "2,500 km" in page
    header = (trained[0] / "history.csv").read_text().splitlines()[0]
    assert header.endswith("within_1_km,within_25_km,within_200_km,within_750_km,within_2500_km,median_km")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda places: places["cells"].pop(), "places.cells: expected a cell for each of the 3 classes; got 2"),
        (lambda places: places["positions"].pop(), "places.positions: expected latitude and longitude of each"),
        (lambda places: places["within_km"].update({"1": 1.5}), "places.within_km: expected shares from 0 to 1"),
        (lambda places: places["within_km"].pop("25"), "places.within_km: expected a share for each of 1, 25, 200"),
    ],
)
def test_a_record_of_other_places_is_refused(trained, change, problem):
    content = json.loads((trained[0] / "training.json").read_text())
    change(content["places"])
    with pytest.raises(ResultError, match=problem):
        TrainingRecord.from_json(json.dumps(content))


def test_the_export_carries_the_cells(trained, exported):
    manifest = Manifest.read(exported / "manifest.json")
    cells = TrainingRecord.read(trained[0] / "training.json").places.cells
    assert manifest.cells == cells
    assert manifest.task == "classification"  # for the app, whose labels are the names of the places
    text = manifest.to_json().replace(f'"token": "{cells[0].token}"', '"token": "north"')
    with pytest.raises(ManifestError, match=r"the manifest.cells: expected the token of an S2 cell; got 'north'"):
        Manifest.from_json(text)


def test_the_file_alone_finds_the_place_of_a_new_photo(file, new_photos, tmp_path):
    alone = tmp_path / "model.tflite"
    alone.write_bytes(file.read_bytes())
    classifier = Classifier(alone)
    for town, photo in new_photos.items():
        prediction = classifier.classify(photo, top=2)
        assert len(prediction.places) == len(prediction.classes) == 2
        place = prediction.places[0]
        assert distances_km(np.array([place.latitude, place.longitude]), np.array(TOWNS[town])) < 11
        assert 0 < place.radius_km < 11
        assert f"{abs(place.latitude):.0f}"[0] == prediction.classes[0][0][0]


def test_a_float_file_can_be_exported_again_with_its_cells(trained, tmp_path):
    run, _ = trained
    first = run_export("--weights", run / "best.keras", "--quant", "float32", "--output-dir", tmp_path / "float")
    assert first.exit_code == 0, first.output
    (again,) = (tmp_path / "float").rglob("*_float32.tflite")
    done = run_export("--weights", again, "--quant", "dynamic_int8", "--output-dir", tmp_path / "again")
    assert done.exit_code == 0, done.output
    (manifest,) = (tmp_path / "again").rglob("manifest.json")
    assert Manifest.read(manifest).cells == TrainingRecord.read(run / "training.json").places.cells


def test_the_command_prints_places(file, new_photos):
    done = CliRunner().invoke(classify, [str(file), str(new_photos["Lima"]), "--top", "1"])
    assert done.exit_code == 0, done.output
    assert " S 77.0" in done.stdout
    assert " W ±" in done.stdout
    found = json.loads(CliRunner().invoke(classify, [str(file), str(new_photos["Lima"]), "--json"]).stdout)
    assert [*found[0]["classes"][0]] == ["label", "score", "latitude", "longitude", "radius_km"]


def test_a_file_whose_cells_are_damaged_is_refused(file, tmp_path):
    content = file.read_bytes()
    start = content.index(b'{"schema_version"', content.index(CELLS_FILE.encode()))
    damaged = content[:start] + content[start:].replace(b'"schema_version": 1', b'"schema_version": 7', 1)
    path = tmp_path / "damaged.tflite"
    path.write_bytes(damaged)
    with pytest.raises(ModelError, match=f"{CELLS_FILE} in damaged.tflite is damaged"):
        Classifier(path)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: text.replace('"schema_version": 1', '"schema_version": 7'), "expected version 1; got 7"),
        (lambda text: text.replace("{", "[", 1), "is not JSON"),
        (
            lambda text: "\n".join([*text.splitlines()[:2], text.splitlines()[2].rstrip(","), "]}"]),
            "; its cells.json has 2",
        ),
    ],
)
def test_a_file_whose_cells_are_not_those_of_its_classes_is_refused(file, tmp_path, change, problem):
    path = tmp_path / "other.tflite"
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
        first = min(one.header_offset for one in archive.infolist())
    path.write_bytes(file.read_bytes()[:first])
    with zipfile.ZipFile(path, "a") as archive:
        for name, text in parts.items():
            archive.writestr(name, change(text) if name == CELLS_FILE else text)
    with pytest.raises(ModelError, match=problem):
        Classifier(path)


@pytest.mark.parametrize("text", ["10", "1:10", "20:10", "a:b", "10:100:1", "-1:5", ""])
def test_bounds_that_no_cell_can_have_are_refused(text):
    with pytest.raises(InputError, match="expected --cell-photos as FEWEST:MOST, like 10:100"):
        cell_photos(text, "places", {})


def test_options_of_other_tasks_are_refused():
    with pytest.raises(InputError, match=r"^--cell-photos: only places have this"):
        cell_photos("5:50", "classification", {})
    with pytest.raises(InputError, match=r"^--ground-truth: the classes of --task places are cells of the earth"):
        cell_photos(None, "places", {"ground_truth": "list.csv"})


def test_a_saved_state_keeps_the_distances_of_its_epochs():
    epoch = PlaceEpoch(1, 0.5, 0.9, 0.8, 0.1, 50.0, within_25_km=0.75, median_km=3.0)
    state = RunState(epoch=1, history=[epoch])
    assert RunState.from_json(state.to_json()) == state
