"""mobilenet-benchmark of a model that gives vectors: recall@1 and verification accuracy on photos of known class."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from mobilenet_tf import Embedder
from mobilenet_tf.benchmark.android.device_result import result_from_device
from mobilenet_tf.benchmark.cli import benchmark
from mobilenet_tf.benchmark.measure import measure
from mobilenet_tf.benchmark.settings import MeasurementSettings
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.errors import DataError, InputError, LabelsError
from mobilenet_tf.progress import ignore_progress
from mobilenet_tf.report.text import markdown_report
from mobilenet_tf.results.records import Result
from mobilenet_tf.tasks.embeddings import recall_at_1, verification
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.given_input import GivenInput
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata
from tests.support.tflite_files import classifier_file, extractor_file

GIVEN = GivenInput.of(127.5, 127.5, None)
SETTINGS = {"runs": 3, "warmup": 1, "min_seconds": 0.0, "given": GIVEN}
COLOURS = {"red": (200, 40, 40), "green": (40, 200, 40), "blue": (40, 40, 200)}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "net.tflite"
    path.write_bytes(extractor_file())
    return path


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Four photos of each of three colours, in the two sides of a split, a copy of one, and a photo of no class."""
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        for number in range(4):
            place = folder / ("test" if number == 3 else "train") / name
            place.mkdir(parents=True, exist_ok=True)
            noise = rng.integers(-120, 120, (40, 40, 3))
            pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(place / f"{number}.png")
    shutil.copy(folder / "train" / "red" / "0.png", folder / "test" / "red" / "copy.png")
    Image.fromarray(rng.integers(0, 256, (40, 40, 3), np.uint8)).save(folder / "loose.png")
    return folder


def measured(model, photos, **settings):
    return measure(model, MeasurementSettings(images=photos, **SETTINGS | settings))


def test_the_figures_are_those_of_the_vectors_of_each_photo_once(model, photos):
    result = measured(model, photos)
    scores, embedder = result.embedding, Embedder(model, mean=127.5, std=127.5)
    paths = sorted(path for path in photos.rglob("[0-9].png"))
    vectors = np.stack([embedder.embed(path) for path in paths])
    classes = [[*COLOURS].index(path.parent.name) for path in paths]
    assert result.accuracy is None
    assert (scores.images, scores.classes) == (12, 3)
    assert (scores.recall_at_1, scores.recall_photos) == recall_at_1(vectors, classes)
    found = verification(vectors, classes)
    assert (scores.pairs, scores.verification) == (found.pairs, pytest.approx(found.accuracy, abs=0.1))
    assert any("1 photos are in no folder of a class" in line for line in scores.left_out)
    assert any("1 copies of other photos" in line for line in scores.left_out)
    assert result.model.classes == embedder.dimensions
    assert Result.from_json(result.to_json()) == result


def test_a_list_gives_the_classes_too(model, photos, tmp_path):
    paths = sorted(photos.rglob("[0-9].png"))
    lines = [f"{path.relative_to(photos).as_posix()},{path.parent.name}" for path in paths]
    (tmp_path / "list.csv").write_text("\n".join([*lines, "none.png,red"]))
    by_list = measured(model, photos, ground_truth=tmp_path / "list.csv").embedding
    assert (by_list.images, by_list.classes) == (12, 3)
    assert by_list.recall_at_1 == measured(model, photos).embedding.recall_at_1
    assert any("none.png: does not exist" in line for line in by_list.left_out)


def test_an_extractor_of_others_is_measured_by_its_vectors_and_that_is_said(tmp_path, photos):
    path = tmp_path / "pooled.tflite"
    path.write_bytes(extractor_file(unit_length=False))
    result = measured(path, photos)
    assert result.embedding.images == 12
    assert any("they are divided by their length" in note for note in result.notes)


def test_labels_are_refused_if_the_file_says_that_it_is_an_embedding(tmp_path):
    path, names = tmp_path / "said.tflite", tmp_path / "names.txt"
    path.write_bytes(
        pack_with_metadata(parse(extractor_file()), Metadata("x", "y", [], head="embedding", dimensions=6))
    )
    names.write_text("a\nb\nc\nd\ne\nf\n")
    with pytest.raises(InputError, match=r"--labels names classes; .* gives vectors"):
        measured(path, None, labels=names)
    settings = MeasurementSettings(labels=names)
    with pytest.raises(InputError, match=r"--labels names classes; .* gives vectors"):
        result_from_device(path, settings, "serial", "cpu", None, PhotoDigests(), ignore_progress)


def test_a_vector_that_a_layer_without_activation_makes_is_told_how_to_be_measured(tmp_path, photos):
    (tmp_path / "linear.tflite").write_bytes(classifier_file())
    message = r"carries no labels for its 4 classes\.\nGive --labels(.|\n)*If they are a vector.*--task embedding first"
    with pytest.raises(LabelsError, match=message):
        measured(tmp_path / "linear.tflite", photos)
    (tmp_path / "softmax.tflite").write_bytes(classifier_file("softmax"))
    with pytest.raises(LabelsError, match=r"of class numbers\.$"):
        measured(tmp_path / "softmax.tflite", photos)


def test_photos_of_one_each_are_refused(model, tmp_path):
    for name in COLOURS:
        (tmp_path / name).mkdir()
        Image.fromarray(np.full((40, 40, 3), COLOURS[name], np.uint8)).save(tmp_path / name / "one.png")
    with pytest.raises(DataError, match="expected classes with several photos each"):
        measured(model, tmp_path)
    with pytest.raises(InputError, match="--class-offset is for classifiers"):
        measured(model, tmp_path, ground_truth=tmp_path, class_offset=1)


def test_the_command_and_the_report_show_both(model, photos, tmp_path):
    options = ("--runs", "3", "--warmup", "1", "--min-seconds", "0", "--mean", "127.5", "--std", "127.5")
    command = [str(model), "--images", str(photos), *options, "--output-dir", str(tmp_path)]
    done = CliRunner().invoke(benchmark, command)
    assert done.exit_code == 0, done.output
    assert "recall@1" in done.stdout.splitlines()[0]
    said = done.stdout.replace("\n", " ")
    assert "on 12 of 12 photos of 3 classes" in said
    assert f"left out: {photos}: 1 photos are in no folder of a class; {photos}: 1 copies of other photos." in said
    (file,) = tmp_path.glob("*.result.json")
    result = Result.read(file)
    page = markdown_report([result])
    assert f"{result.embedding.recall_at_1:.1%}" in page
    assert "| recall@1 | verification |" in page
    again = CliRunner().invoke(benchmark, [*command, "--json"])
    assert json.loads(again.stdout)[0]["embedding"]["images"] == 12


def test_on_a_phone_only_the_latency_is_measured(model, photos):
    settings = MeasurementSettings(images=photos)
    with pytest.raises(InputError, match="whose recall@1 is measured on this computer only"):
        result_from_device(model, settings, "serial", "cpu", None, PhotoDigests(), ignore_progress)
