import json

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from mobilenet_tf.data.photos import bundled_photos, read_photo
from mobilenet_tf.tflite.detect_cli import detect
from mobilenet_tf.tflite.detector import DetectedObject
from mobilenet_tf.tflite.drawing import colour_of, drawn
from mobilenet_tf.tflite.flatbuffer import pack
from tests.tflite.test_detector import BOXES, model_of_boxes

CAT = bundled_photos() / "cat.jpg"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("detector") / "detector.tflite"
    path.write_bytes(pack(model_of_boxes()))
    return path


def run(*arguments):
    return CliRunner().invoke(detect, [str(argument) for argument in arguments])


def test_objects_are_printed_with_their_pixels(model, tmp_path):
    (tmp_path / "labels.txt").write_text("dog\nrose\nball\n")
    result = run(model, CAT, "--labels", tmp_path / "labels.txt", "--threshold", 0.75)
    assert result.exit_code == 0
    height, width, _ = read_photo(CAT).shape
    first = f"{round(0.2 * width)},{round(0.1 * height)} {round(0.7 * width)},{round(0.6 * height)}"
    dog, rose = (line.split() for line in result.stdout.splitlines()[3:])
    assert dog[0] == "cat.jpg"
    assert dog[3:] == ["dog", "90%", *first.split()]
    assert rose[:2] == ["rose", "80%"]


def test_json_and_photos_that_cannot_be_read(model, tmp_path):
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    result = run(model, CAT, tmp_path / "broken.jpg", "--json")
    assert result.exit_code == 1
    cat, broken = json.loads(result.stdout)
    np.testing.assert_allclose([one["box"] for one in cat["objects"]], BOXES, atol=1e-6)
    assert [one["class_id"] for one in cat["objects"]] == [0, 1, 2]
    assert "error" in broken
    assert "Done with 1 of 2 photos." in result.stderr


def test_a_photo_without_objects_says_so(model):
    assert "nothing" in run(model, CAT, "--threshold", 1).stdout


def test_boxes_are_drawn_and_nothing_is_overwritten(model, tmp_path):
    out = tmp_path / "out"
    assert run(model, CAT, "--draw", out).exit_code == 0
    before = (out / "cat.jpg").read_bytes()
    assert read_photo(out / "cat.jpg").shape == read_photo(CAT).shape
    refused = run(model, CAT, "--draw", out)
    assert refused.exit_code == 2
    assert "exists already" in refused.stderr
    assert run(model, CAT, "--draw", out, "--overwrite", "--threshold", 1).exit_code == 0
    assert (out / "cat.jpg").read_bytes() != before


def test_a_folder_that_cannot_be_written_is_one_sentence(model, tmp_path):
    (tmp_path / "file").write_text("")
    result = run(model, CAT, "--draw", tmp_path / "file" / "out")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


def test_a_box_is_drawn_in_the_colour_of_its_class():
    found = DetectedObject("dog", 0.9, (0.25, 0.5, 0.75, 2.0), 4)
    image = np.asarray(drawn(Image.new("RGB", (200, 100)), [found]))
    row = image[60]
    assert (row[100] == colour_of(4)).all()
    assert (row[199] == colour_of(4)).all()  # what is beyond the photo ends at its edge
    assert (row[120] == 0).all()
    assert (image[74, 150] == colour_of(4)).all()


def test_neighbouring_classes_have_different_colours():
    colours = np.array([colour_of(number) for number in range(12)], int)
    distances = np.abs(colours[:, None] - colours).sum(-1) + 999 * np.eye(12, dtype=int)
    assert distances.min() > 60
