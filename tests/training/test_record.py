import base64
import csv
import io
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data.dataset import Dataset, Subset
from mobilenet_tf.data.examination import Side
from mobilenet_tf.data.folder import FilePhotos
from mobilenet_tf.results.run_record_file import TRAINING_FILE
from mobilenet_tf.results.training_record import TrainingRecord
from mobilenet_tf.training.evaluation import EvaluationImages, evaluate, predictor_of
from mobilenet_tf.training.record import examined_photos
from tests.support.training_runs import CONFIG, after, data_of, run

CONFIG_OF_3 = replace(CONFIG, epochs=3)


@pytest.fixture(scope="module")
def data():
    return data_of(20)


@pytest.fixture(scope="module")
def whole(data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return folder, run(folder, data, CONFIG_OF_3)


def record_of(folder):
    return TrainingRecord.read(folder / TRAINING_FILE)


def test_the_record_has_every_epoch_and_the_answers_of_the_best_model(whole, data):
    folder, result = whole
    record = record_of(folder)
    rows = list(csv.DictReader((folder / "history.csv").read_text().splitlines()))
    assert [(epoch.epoch, epoch.top1) for epoch in record.history] == [
        (int(row["epoch"]), float(row["top1"])) for row in rows
    ]
    assert [epoch.frozen for epoch in record.history] == [True, False, False]
    assert (record.kept_epoch, record.chosen_from, record.finished) == (result.kept.epoch, result.kept.among, True)
    assert (record.classes, record.train_photos) == (["dark", "bright"], [10, 10])
    best = evaluate(predictor_of(keras.models.load_model(result.best)), EvaluationImages(data.validation, 32))
    assert record.answers.predicted == best.predicted.tolist()
    np.testing.assert_allclose(record.answers.confidence, best.confidence, atol=1e-5)  # rounded to six digits
    assert record.answers.true == data.validation.labels.tolist()
    assert record.answers.names == [f"photo {index}" for index in range(8)]
    assert (record.answers.epoch, record.answers.folder) == (result.kept.epoch, "")


def test_the_wrong_photos_have_thumbnails(data, tmp_path):
    half_wrong = replace(data.validation, classes=(0,) * 4 + (1,) * 4)  # dark and bright ones in each
    run(tmp_path, Dataset(data.classes, data.train, half_wrong, ()), replace(CONFIG, epochs=1))
    answers = record_of(tmp_path).answers
    wrong = {str(index) for index in range(8) if answers.true[index] != answers.predicted[index]}
    assert answers.thumbnails.keys() == wrong != set()
    with Image.open(io.BytesIO(base64.b64decode(answers.thumbnails[min(wrong)]))) as image:
        assert image.size == (32, 32)
        seen = EvaluationImages(data.validation, 32).image(int(min(wrong)))
        assert abs(np.asarray(image).mean() - seen.mean()) < 5  # levels; JPEG is not exact


@pytest.mark.parametrize("steps", [4, 6, 8])
def test_a_resumed_run_leaves_the_record_of_one_that_was_not_interrupted(data, whole, tmp_path, steps):
    run(tmp_path, data, CONFIG_OF_3, stop=after(steps))
    stopped = record_of(tmp_path)
    assert (len(stopped.history), stopped.finished) == ((steps - 1) // 3, False)
    run(tmp_path, data, CONFIG_OF_3, resume=True)
    assert record_of(tmp_path) == replace(record_of(whole[0]), name=tmp_path.name)


def test_a_run_that_an_earlier_version_began_goes_on_without_the_answers_of_its_best_epoch(data, whole, tmp_path):
    """Or, if the best epoch comes after that, with them."""
    run(tmp_path, data, CONFIG_OF_3, stop=after(7))
    (tmp_path / TRAINING_FILE).unlink()
    run(tmp_path, data, CONFIG_OF_3, resume=True)
    record = record_of(tmp_path)
    assert len(record.history) == 3
    assert (record.answers is None) is (record.kept_epoch < 3)
    assert record.kept_epoch == record_of(whole[0]).kept_epoch


def test_the_record_has_the_balanced_accuracy_and_what_was_found_out_about_the_photos(data, tmp_path):
    first = data.train.read(0, 40)
    doubled = replace(data.train, pixels=[first, first, *data.train.pixels[2:]])
    found = examined_photos(Dataset(data.classes, doubled, data.validation, ()), Path("photos"), ["One\nnote."])
    result = run(tmp_path, data, replace(CONFIG, epochs=1), examined=found)
    record = record_of(tmp_path)
    assert record.examined == found
    assert record.examined.notes == ["One note."]
    assert [one.train for one in record.examined.found.classes] == [10, 10]
    assert [group.names for group in record.examined.found.copies] == [("photo 0", "photo 1")]
    assert [group.sides for group in record.examined.found.copies] == [(Side.TRAIN, Side.TRAIN)]
    assert record.history[0].balanced_accuracy == result.history[0].balanced_accuracy is not None


def test_names_of_copies_are_below_the_folder_of_the_photos(data, tmp_path):
    path = str(tmp_path / "photos" / "a\nb" / "x.jpg")
    photos = FilePhotos((path,) * 20, data.train.labels, np.zeros(20, np.uint64))
    found = examined_photos(Dataset(data.classes, photos, data.validation, ()), tmp_path / "photos", [])
    assert set(found.found.copies[0].names) == {"a\\nb/x.jpg"}


def test_files_are_named_below_the_folder_that_they_are_all_in(data, tmp_path):
    paths = []
    for index in range(20):
        paths.append(tmp_path / "photos" / "\udce9" / f"{index}.png")
        paths[-1].parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(data.train.read(index, 32)).save(paths[-1])
    (tmp_path / "photos" / "b").mkdir()
    paths[0] = paths[0].rename(tmp_path / "photos" / "b" / "0.png")
    photos = FilePhotos(tuple(map(str, paths)), data.train.labels, data.train.digests)
    validation = Subset(photos, np.array([0, 3, 5]))
    run(tmp_path / "run", Dataset(data.classes, photos, validation, ()), replace(CONFIG, epochs=1))
    answers = record_of(tmp_path / "run").answers
    assert (answers.folder, answers.names) == (f"{tmp_path}/photos", ["b/0.png", "\\xe9/3.png", "\\xe9/5.png"])
