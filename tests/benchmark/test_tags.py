import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner

from mobilenet_tf.benchmark.android.device_result import result_from_device
from mobilenet_tf.benchmark.cli import benchmark
from mobilenet_tf.benchmark.measure import measure
from mobilenet_tf.benchmark.settings import MeasurementSettings
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.errors import InputError
from mobilenet_tf.progress import ignore_progress
from mobilenet_tf.report.text import markdown_report
from mobilenet_tf.results.records import Result
from mobilenet_tf.tflite.classifier import Classifier
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata
from tests.support.commands import images_in
from tests.support.tflite_files import classifier_file

TAGS = ("vest", "mask", "glove")
SETTINGS = {"runs": 3, "warmup": 1, "min_seconds": 0.0}
PHOTOS = 12


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """A network of three tags with random weights."""
    path = tmp_path_factory.mktemp("tags") / "model.tflite"
    path.write_bytes(classifier_file("sigmoid", classes=3))
    path.with_name("labels.txt").write_text("\n".join(TAGS))
    return path


@pytest.fixture(scope="module")
def photos(tmp_path_factory, model):
    """Photos whose vest is what the model ranks highest, whose mask is the contrary, and without any glove."""
    folder = images_in(tmp_path_factory.mktemp("photos") / "people", PHOTOS)
    classifier = Classifier(model, labels=model.with_name("labels.txt"))
    paths = sorted(folder.glob("*.jpg"))
    scores = [dict(classifier.classify(path).classes) for path in paths]
    vest, mask = ([one[tag] > np.median([s[tag] for s in scores]) for one in scores] for tag in TAGS[:2])
    rows = [f"{path.name}, {int(v)}, {int(not m)}, 0" for path, v, m in zip(paths, vest, mask, strict=True)]
    (folder / "_classes.csv").write_text("\n".join(["filename, vest, mask, glove", *rows]))
    return folder


def measured(model, photos, **settings):
    labels = model.with_name("labels.txt")
    return measure(model, MeasurementSettings(images=photos, labels=labels, **SETTINGS | settings))


def test_the_mean_ap_is_that_of_the_tags_that_a_photo_has(model, photos):
    result = measured(model, photos)
    tags = result.tags
    assert result.accuracy is None
    assert tags.images == PHOTOS
    assert tags.per_tag["vest"].ap == pytest.approx(1)
    # The six photos with it come last of twelve, so that the precision at them is 1/7, 2/8, ... 6/12.
    assert tags.per_tag["mask"].ap == pytest.approx(np.mean([n / (n + 6) for n in range(1, 7)]))
    assert tags.per_tag["glove"].ap is None
    assert tags.mean_ap == pytest.approx((tags.per_tag["vest"].ap + tags.per_tag["mask"].ap) / 2)
    assert not tags.by_file
    assert {one.threshold for one in tags.per_tag.values()} == {0.5}
    assert Result.from_json(result.to_json()) == result


def test_copies_count_once_with_the_tags_of_all(model, photos, tmp_path):
    folder = tmp_path / "people"
    shutil.copytree(photos, folder)
    shutil.copy(folder / "photo_000.jpg", folder / "copy.jpg")
    with (folder / "_classes.csv").open("a") as file:
        file.write("\ncopy.jpg, 0, 0, 1")
    tags = measured(model, folder).tags
    assert tags.images == PHOTOS
    assert tags.per_tag["glove"].photos == 1
    assert any("1 copies of other photos" in line for line in tags.left_out)


def test_the_thresholds_of_the_file_count(model, photos, tmp_path):
    path = tmp_path / "with_thresholds.tflite"
    metadata = Metadata("m", "", TAGS, head="sigmoid", thresholds=(0.0, 1.0, 0.5))
    path.write_bytes(pack_with_metadata(parse(model.read_bytes()), metadata))
    tags = measure(path, MeasurementSettings(images=photos, **SETTINGS)).tags
    assert tags.by_file
    assert [one.threshold for one in tags.per_tag.values()] == pytest.approx([0.0, 1.0, 0.5])
    assert (tags.per_tag["vest"].recall, tags.per_tag["mask"].recall) == (1, 0)


def test_the_command_and_the_report_show_mean_ap(model, photos, tmp_path):
    arguments = [model, "--images", photos, "--labels", model.with_name("labels.txt"), "--runs", 3, "--warmup", 1]
    options = [str(one) for one in [*arguments, "--output-dir", tmp_path, "--min-seconds", 0]]
    result = CliRunner().invoke(benchmark, options)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "mean AP" in said
    assert f"Mean AP, the mean over 2 tags of their average precisions (vest 100.0%, mask 34.7%), on {PHOTOS}" in said
    (document,) = json.loads(CliRunner().invoke(benchmark, [*options, "--json"]).stdout)
    assert document["tags"]["per_tag"]["vest"]["ap"] == pytest.approx(1)
    header, _, row = markdown_report([measured(model, photos)]).splitlines()[4:7]
    assert dict(zip(header.split(" | "), row.split(" | "), strict=True))["mean AP"] == "67.3%"


def test_tags_are_not_measured_on_a_device(model, photos):
    settings = MeasurementSettings(images=photos, labels=model.with_name("labels.txt"), **SETTINGS)
    with pytest.raises(InputError, match="whose mean average precision is measured on this computer only"):
        result_from_device(model, settings, "", "cpu", None, PhotoDigests(), ignore_progress)
