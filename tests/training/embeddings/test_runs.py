"""Runs of the command that train embeddings, from a teacher and from classes."""

import csv
import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.data.embeddings.load import load_embedding_photos
from mobilenet_tf.progress import ignore_progress
from mobilenet_tf.results.embedding_record import EmbeddingRecord
from mobilenet_tf.tasks.embeddings import cosine_error, recall_at_1
from mobilenet_tf.training.config import TrainConfig
from mobilenet_tf.training.embeddings.first_network import make_learner
from mobilenet_tf.training.embeddings.teacher_file import read_teacher
from mobilenet_tf.training.evaluation import EvaluationImages
from mobilenet_tf.training.job import prepare_training
from mobilenet_tf.training.options import TrainOptions
from mobilenet_tf.weights.load import load_weights, model_with
from tests.support.commands import run_train

from .conftest import extractor

pytestmark = pytest.mark.slow  # real runs of the command

SMALL = ("--task", "embedding", "--alpha", "0.25", "--res", "32", "--epochs", "2", "--batch-size", "8")


def succeeded(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def vectors_in(folder, photos):
    images = np.concatenate([batch for batch, _ in EvaluationImages(photos, 32)])
    return model_with(load_weights(str(folder))).predict(normalize(images), verbose=0)


@pytest.fixture(scope="module")
def distilled(coloured):
    """(the folder of a run with a teacher on photos without classes, what it printed)."""
    options = (
        "--teacher",
        coloured / "extractor.tflite",
        "--teacher-range",
        "0..255",
        "--output-dir",
        coloured / "runs",
        "--json",
    )
    return coloured / "runs" / "mobilenet_v1_a0.25_r32_plain", run_train(coloured / "plain", *SMALL, *options)


@pytest.fixture(scope="module")
def by_classes(coloured):
    """(the folder of a run by ArcFace, what it printed)."""
    options = ("--dimensions", "5", "--output-dir", coloured / "runs", "--json")
    return coloured / "runs" / "mobilenet_v1_a0.25_r32_set", run_train(coloured / "set", *SMALL, *options)


def test_a_teacher_teaches_photos_without_labels(distilled, coloured):
    folder, result = distilled
    printed = succeeded(result)
    assert (printed["task"], printed["dimensions"], printed["recall_at_1"]) == ("embedding", 6, None)
    weights = load_weights(str(folder))
    assert (weights.head, weights.spec.classes) == ("embedding", 6)
    assert not (folder / "labels.txt").exists()
    teacher = read_teacher(str(coloured / "extractor.tflite"), "0..255")
    photos = load_embedding_photos(str(coloured / "plain"), 6, classes="unneeded").validation
    error = cosine_error(vectors_in(folder, photos), teacher.vectors(photos))
    assert 1 - error["mean"] == pytest.approx(printed["cosine"], abs=1e-4)
    assert printed["cosine"] > 0.9  # the means of colours are a linear map of features of ImageNet
    record = EmbeddingRecord.read(folder / "training.json")
    assert record.kept.cosine == printed["cosine"]
    assert record.answers.agreement == printed["nearest_agreement"]
    assert record.teacher == "extractor.tflite"
    assert json.loads((folder / "run.json").read_text())["teacher"].startswith("extractor.tflite (sha256 ")


def test_what_a_person_reads_of_it(distilled):
    folder, _ = distilled
    examined = EmbeddingRecord.read(folder / "training.json").examined
    assert examined.sentences[0] == "15 photos without classes."
    said = " ".join(examined.notes)
    assert "The classes of the photos are not known, so that recall@1 is not measured" in said
    assert "The vectors have 6 dimensions, as those of the teacher, which sees photos of 40x40." in said
    page = (folder / "report.html").read_text()
    assert "<h4>Nearest photos</h4>" in page
    assert "mean cosine to the teacher&#x27;s vectors" in page
    with (folder / "history.csv").open(newline="") as file:
        rows = [*csv.DictReader(file)]
    assert [float(row["cosine"]) for row in rows] == [epoch.cosine for epoch in history_of(folder)]
    assert (folder / "curves.png").stat().st_size > 1000


def history_of(folder):
    return EmbeddingRecord.read(folder / "training.json").history


def test_classes_teach_without_a_teacher(by_classes, coloured):
    folder, result = by_classes
    printed = succeeded(result)
    assert (printed["dimensions"], printed["cosine"], printed["recall_photos"]) == (5, None, 6)
    data = load_embedding_photos(str(coloured / "set"), 5, classes="needed")
    vectors = vectors_in(folder, data.validation)
    assert vectors.shape == (6, 5)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert recall_at_1(vectors, data.validation.labels) == (printed["recall_at_1"], 6)
    assert printed["recall_at_1"] == 1
    record = EmbeddingRecord.read(folder / "training.json")
    assert (record.classes, record.dimensions, record.teacher) == (["blue", "green", "red"], 5, None)
    assert "recall@1 100.0%" in (folder / "report.html").read_text()


@pytest.mark.parametrize(("dimensions", "is_kept"), [(5, True), (6, False)])
def test_an_embedding_of_the_same_dimensions_goes_on_with_its_own_vectors(by_classes, coloured, dimensions, is_kept):
    given = {"task": "embedding", "weights": str(by_classes[0]), "dimensions": dimensions, "overwrite": True}
    options = TrainOptions(str(coloured / "set"), TrainConfig(transfer=True), output_dir=coloured / "runs", **given)
    learner, _ = make_learner(prepare_training(options), tf.distribute.get_strategy(), ignore_progress)
    kernel = np.asarray(learner.network.classifier[0])
    before = load_weights(str(by_classes[0])).arrays[-2]
    assert kernel.shape == (256, dimensions)
    assert (kernel.shape == before.shape and np.array_equal(kernel, before)) == is_kept


@pytest.mark.parametrize(
    ("photos", "options", "message"),
    [
        ("plain", (), "Without them give a --teacher, whose vectors are learned."),
        ("set", ("--quantize",), "--quantize: only classification has this."),
        ("set", ("--dimensions", "1"), "expected --dimensions from 2 to 4096; got 1."),
        ("set", ("--teacher", "extractor.keras", "--dimensions", "8"), "are the teacher's"),
        ("set", ("--teacher", "extractor.keras", "--teacher-weight", "1"), "--teacher-weight: an embedding is learned"),
        ("set", ("--class-weights", "none"), "--class-weights: an embedding is learned"),
        ("set", ("--validation-share", "0.1"), "Give --hold-out-classes, a higher --validation-share, such as 0.5"),
        ("set", ("--hold-out-classes",), "found 3. Leave it out, or give photos of more classes."),
        ("set", ("--teacher-range", "0..1"), "--teacher-range says what a --teacher takes; there is none."),
        ("set", ("--teacher", "extractor.keras", "--teacher-range", "1"), "expected --teacher-range as two numbers"),
        ("set", ("--teacher", "imagenet"), "expected --teacher to be a file; imagenet does not exist"),
    ],
)
def test_bad_input_is_named(coloured, tmp_path, photos, options, message):
    options = [coloured / value if value == "extractor.keras" else value for value in options]
    result = run_train(coloured / photos, *SMALL, *options, "--output-dir", tmp_path)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.stderr.split())
    assert not list(tmp_path.iterdir())


def test_held_out_classes_of_a_split_are_refused_with_what_to_do(coloured, tmp_path):
    for side in ("train", "val"):
        (tmp_path / side).symlink_to(coloured / "set")
    result = run_train(tmp_path, *SMALL, "--hold-out-classes", "--examine")
    assert result.exit_code == 2, result.output
    assert "Leave it out, or give the folder of the classes alone, without sides" in " ".join(result.stderr.split())


@pytest.mark.parametrize("examined", [(), ("--examine",)])
def test_dimensions_are_refused_for_other_tasks(coloured, examined):
    result = run_train(coloured / "set", "--dimensions", "8", *examined)
    assert result.exit_code == 2, result.output
    assert "--dimensions: only embeddings have this." in result.stderr


def test_a_class_with_one_photo_is_named(coloured, tmp_path):
    for source in (coloured / "set").rglob("*.png"):
        (tmp_path / "set" / source.parent.name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / source.parent.name / source.name).symlink_to(source)
    (tmp_path / "set" / "alone").mkdir()
    (tmp_path / "set" / "alone" / "one.png").symlink_to(next((coloured / "plain").iterdir()))
    result = run_train(tmp_path / "set", *SMALL, "--output-dir", tmp_path / "runs")
    assert result.exit_code == 2
    assert "too few in alone (1)" in " ".join(result.stderr.split())


def test_photos_are_examined_without_training(coloured):
    options = ("--task", "embedding", "--examine", "--teacher", coloured / "extractor.keras")
    result = run_train(coloured / "plain", *options)
    assert result.exit_code == 0, result.output
    assert "15 photos without classes" in result.stdout or "all photos" in result.stdout
    examined = succeeded(run_train(coloured / "set", *options, "--json"))
    assert (examined["task"], examined["photos"]) == ("embedding", 30)


def test_a_teacher_that_probably_gives_logits_is_told(coloured, tmp_path):
    extractor(dimensions=3).save(tmp_path / "three.keras")  # pooled behind an activation: features
    image = keras.Input((40, 40, 3))
    x = keras.layers.Rescaling(1 / 127.5, -1)(image)
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(8, 3, 2, activation="relu")(x))
    keras.Model(image, keras.layers.Dense(3, name="top")(x)).save(tmp_path / "logits.keras")
    for name, is_told in (("three", False), ("logits", True)):
        given = {"task": "embedding", "teacher": str(tmp_path / f"{name}.keras"), "output_dir": tmp_path}
        said = " ".join(prepare_training(TrainOptions(str(coloured / "set"), TrainConfig(), **given)).notes)
        assert ("3 numbers without an activation, as many as the photos have classes" in said) == is_told
        assert ("save keras.Model(model.input, model.get_layer('top').input) and give that" in said) == is_told


def test_whole_classes_are_held_out_of_a_run(coloured, tmp_path):
    """A fourth colour, so that two can be held out; centres are of those alone that are trained on."""
    for source in (coloured / "set").rglob("*.png"):
        for folder, flip in ((source.parent.name, False), (f"dark {source.parent.name}", True)):
            (tmp_path / "set" / folder).mkdir(parents=True, exist_ok=True)
            with Image.open(source) as photo:
                (photo.point(lambda value: value // 3) if flip else photo).save(tmp_path / "set" / folder / source.name)
    options = ("--hold-out-classes", "--dimensions", "5", "--output-dir", tmp_path, "--validation-share", "0.5")
    result = run_train(tmp_path / "set", *SMALL, *options, "--json")
    printed = succeeded(result)
    data = load_embedding_photos(str(tmp_path / "set"), 5, classes="held out", validation_share=0.5)
    assert (data.trained_classes, printed["recall_photos"]) == (3, 30)
    folder = tmp_path / "mobilenet_v1_a0.25_r32_set"
    assert recall_at_1(vectors_in(folder, data.validation), data.validation.labels) == (printed["recall_at_1"], 30)
    said = " ".join(EmbeddingRecord.read(folder / "training.json").examined.notes)
    assert "Recall@1 is measured among 3 classes that are not trained on." in said
    resumed = run_train(tmp_path / "set", *SMALL, *options[1:], "--resume")
    assert resumed.exit_code == 2
    assert "cannot resume the run" in resumed.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--task", "classification"), "--hold-out-classes: only embeddings have this."),
        (("--task", "embedding", "--teacher", "x.keras"), "with a --teacher no class is trained on"),
        (("--task", "embedding", "--validation", "x"), "--validation has the photos to validate with"),
    ],
)
@pytest.mark.parametrize("examined", [(), ("--examine",)])
def test_what_contradicts_held_out_classes_is_refused(coloured, options, message, examined):
    result = run_train(coloured / "set", "--hold-out-classes", *options, *examined)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
