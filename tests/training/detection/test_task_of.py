import json

import pytest
from click.testing import CliRunner

from mobilenet_tf.training.cli import train
from mobilenet_tf.training.options import task_of
from tests.support.boxes import voc_set, write_photos, write_yolo


def test_the_task_follows_from_what_is_in_the_folder(tmp_path):
    boxes = voc_set(tmp_path / "boxes", 4)
    for name in ("cat", "dog"):
        write_photos(tmp_path / "classes" / name, 2)
    assert task_of(str(boxes), None) == "detection"
    assert task_of(str(tmp_path / "classes"), None) == "classification"
    assert task_of(str(boxes), tmp_path / "labels.csv") == "classification"
    assert task_of("cifar10", None) == task_of("tfds:flowers", None) == "classification"
    assert task_of(str(tmp_path / "nowhere"), None) == "classification"  # reading it says that it is not there


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """A set with a box without area, and one that reaches over the edge."""
    folder = tmp_path_factory.mktemp("broken")
    photos = write_photos(folder, 8)
    name, size, boxes = photos[0]
    photos[0] = (name, size, [*boxes, ("disc", 5, 5, 5, 30), ("disc", 40, 40, 400, 60)])
    write_yolo(folder, photos)
    (folder / "classes.txt").write_text("disc\nsquare\n")
    return folder


def test_examine_prints_the_counts_and_what_is_wrong(broken):
    result = CliRunner().invoke(train, [str(broken), "--examine"], env={"COLUMNS": "80"})
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    assert "YOLO text files: 8 photos with 9 boxes of 2 classes: disc 5, square 4." in text
    assert f"1 box(es) without area, left out: {broken}/p0.txt, line 2" in text
    assert f"1 box(es) that reach over the edge of their photo, cut there: {broken}/p0.txt, line 3" in text


def test_examine_gives_the_same_as_json(broken):
    result = CliRunner().invoke(train, [str(broken), "--examine", "--json"])
    content = json.loads(result.stdout)
    assert (content["task"], content["kind"], content["boxes"]) == ("detection", "YOLO text files", 9)
    assert [one["name"] for one in content["classes"]] == ["disc", "square"]
    assert len(content["left_out"]) == 2


def test_a_task_that_the_photos_have_no_labels_for_is_refused(tmp_path):
    write_photos(tmp_path, 4)
    result = CliRunner().invoke(train, [str(tmp_path), "--task", "detection", "--output-dir", str(tmp_path / "runs")])
    assert result.exit_code == 2
    assert "expected boxes of photos in" in result.output
