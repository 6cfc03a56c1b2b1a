"""Runs of the command that train tags, from photos to a file that says them."""

import json

import numpy as np
import pytest

from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.data.tags.load import load_tags
from mobilenet_tf.results.tag_record import TagRecord
from mobilenet_tf.tasks.tags import mean_average_precision, tags_above
from mobilenet_tf.tflite.classifier import Classifier
from mobilenet_tf.training.evaluation import EvaluationImages
from mobilenet_tf.weights.load import load_weights, model_with
from tests.support.commands import run_export, run_train

pytestmark = pytest.mark.slow  # real runs of the commands

SMALL = ("--alpha", "0.25", "--res", "32", "--epochs", "3", "--batch-size", "8")
COLOURS = ["red", "green", "blue"]


def succeeded(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def trained(coloured):
    """(the folder of a run, what it printed)."""
    result = run_train(coloured / "set", *SMALL, "--output-dir", coloured / "runs", "--json")
    return coloured / "runs" / "mobilenet_v1_a0.25_r32_set", result


@pytest.fixture(scope="module")
def exported(trained, coloured):
    """The folder of an export, and what it printed."""
    options = ("--calibration", coloured / "set" / "train", "--output-dir", coloured / "export", "--min-agreement", "0")
    result = run_export("--weights", trained[0], *options, "--json")
    return coloured / "export" / "mobilenet_v1_a0.25_r32_set", result


def test_tags_are_found_trained_and_said(trained):
    folder, result = trained
    printed = succeeded(result)
    assert printed["task"] == "tags"
    assert [tag["tag"] for tag in printed["tags"]] == COLOURS
    assert (folder / "labels.txt").read_text().split() == COLOURS
    record = TagRecord.read(folder / "training.json")
    assert record.kept.mean_ap == printed["mean_ap"]
    assert record.train_tags == [16, 16, 16]
    assert "<h4>Tags</h4>" in (folder / "report.html").read_text()
    assert (
        "Several tags are true of 24 photos: tags are trained. --task classification does not." in record.examined.notes
    )


def test_the_record_is_what_the_model_answers(trained, coloured):
    """The scores by Keras, and the thresholds that the file carries."""
    weights = load_weights(str(trained[0]))
    assert weights.head == "sigmoid"
    data = load_tags(coloured / "set")
    images = np.concatenate([batch for batch, _ in EvaluationImages(data.validation, 32)])
    scores = model_with(weights).predict(normalize(images), verbose=0)
    answers = TagRecord.read(trained[0] / "training.json").answers
    assert weights.thresholds == pytest.approx([one.threshold for one in answers.tags], rel=1e-5)
    # Scores are summed in another order here, which may change the order of two photos.
    assert mean_average_precision(scores, data.validation.labels) == pytest.approx(answers.mean_ap, abs=0.02)
    above = tags_above(scores, weights.thresholds)
    missed = (data.validation.labels == 1) & ~above
    assert [one.missed for one in answers.tags] == pytest.approx(missed.sum(0), abs=1)


def test_an_export_carries_the_thresholds_and_agrees_by_tag(exported, trained):
    folder, result = exported
    printed = succeeded(result)
    manifest = Manifest.read(folder / "manifest.json")
    assert (manifest.head, manifest.arch) == ("sigmoid", "mobilenet_v1")
    assert manifest.thresholds == pytest.approx(load_weights(str(trained[0])).thresholds)
    assert Manifest.from_json(manifest.to_json()) == manifest
    assert [set(file["tag_agreement"]) for file in printed] == [{*COLOURS}] * 2
    for file, one in zip(manifest.files, printed, strict=True):
        assert file.tag_agreement == [one["tag_agreement"][name] for name in COLOURS]
        assert np.mean(file.tag_agreement) == pytest.approx(file.agreement)
    assert manifest.files[0].agreement == 1


def test_the_classifier_gives_the_tags_above_their_thresholds(exported, trained, coloured):
    classifier = Classifier(exported[0] / f"{exported[0].name}_float32.tflite")
    assert classifier.thresholds == pytest.approx(load_weights(str(trained[0])).thresholds, abs=1e-6)
    images = EvaluationImages(load_tags(coloured / "set").validation, 32)
    batch = next(iter(images))[0]
    scores = model_with(load_weights(str(trained[0]))).predict(normalize(batch), verbose=0)
    found = [{label for label, _ in classifier.classify(pixels).classes} for pixels in photos_of(images)]
    expected = [
        {n for n, true in zip(COLOURS, row, strict=True) if true} for row in tags_above(scores, classifier.thresholds)
    ]
    assert sum(one == other for one, other in zip(found, expected, strict=True)) >= len(found) - 1  # see above


def photos_of(images):
    return [images.photos.read(index, 48) for index in range(len(images.photos))]


def test_a_teacher_alone_teaches_photos_without_labels(trained, coloured, capfd):
    options = (
        "--task",
        "tags",
        "--teacher",
        trained[0],
        "--teacher-weight",
        "1",
        "--output-dir",
        coloured / "students",
    )
    result = run_train(coloured / "plain", *SMALL, *options, "--json")
    printed = succeeded(result)
    assert "the teacher's answers alone are learned" in " ".join(capfd.readouterr().err.split())
    assert [tag["tag"] for tag in printed["tags"]] == COLOURS
    folder = coloured / "students" / "mobilenet_v1_a0.25_r32_plain"
    record = TagRecord.read(folder / "training.json")
    assert record.answers.by_teacher
    assert record.kept.mean_ap > 0.9  # colours are told apart by the features of ImageNet
    assert load_weights(str(folder)).thresholds is not None


def test_a_teacher_of_classes_is_refused(coloured, tmp_path):
    result = run_train(coloured / "plain", *SMALL, "--task", "tags", "--teacher", "imagenet", "--output-dir", tmp_path)
    assert result.exit_code == 2
    assert "expected a --teacher of tags; imagenet tells 1000 classes apart" in result.stderr


def test_photos_are_examined_without_training(coloured):
    result = run_train(coloured / "set", "--examine")
    assert result.exit_code == 0, result.output
    assert "to validate" in result.stdout
    examined = succeeded(run_train(coloured / "set", "--examine", "--json"))
    assert (examined["task"], examined["several"], examined["none"]) == ("tags", 24, 6)
    assert examined["photos"] == [32, 16]
