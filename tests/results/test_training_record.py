import dataclasses
import json

import pytest

from mobilenet_tf.errors import ResultError
from mobilenet_tf.results.training_record import TrainingRecord
from tests.support.training_sample import training


def test_a_record_is_read_as_it_was_written():
    record = training()
    assert TrainingRecord.from_json(record.to_json()) == record


def test_the_answers_are_summed_up():
    record = training()
    summary = record.summary
    right = sum(true == given for true, given in zip(record.answers.true, record.answers.predicted, strict=True))
    assert (summary.photos, summary.photos - summary.wrong_photos) == (60, right)
    assert [photo.confidence for photo in summary.wrong] == sorted((p.confidence for p in summary.wrong), reverse=True)
    for photo in summary.wrong:
        assert photo.true != photo.predicted
        assert photo.name.startswith(record.classes[photo.true])
        assert photo.thumbnail == record.answers.thumbnails[str(record.answers.names.index(photo.name))]
    assert dataclasses.replace(record, answers=None).summary is None


def test_a_run_is_finished_after_its_last_epoch():
    assert training().finished
    assert not training(history=training().history[:3]).finished
    assert training().kept.epoch == 3


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("kept_epoch", 5, "kept_epoch: expected one of the 4 epochs; got 5"),
        ("kept_epoch", 0, "kept_epoch"),
        ("history", [], "kept_epoch"),
        ("train_photos", [1], "train_photos: expected a number for each of the 3 classes; got 1"),
        ("schema_version", 2, "expected version 1; got 2"),
        ("classes", "daisy", "expected a list"),
    ],
)
def test_a_record_that_cannot_be_is_refused(field, value, message):
    fields = json.loads(training().to_json()) | {field: value}
    with pytest.raises(ResultError, match=message):
        TrainingRecord.from_json(json.dumps(fields))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("true", [3] * 60, "class indices from 0 to 2"),
        ("predicted", [-1] * 60, "class indices"),
        ("names", ["a"], "names, true, predicted and confidence of each photo"),
        ("confidence", [1.5] * 60, "shares from 0 to 1"),
    ],
)
def test_answers_that_cannot_be_are_refused(field, value, message):
    fields = json.loads(training().to_json())
    fields["answers"][field] = value
    with pytest.raises(ResultError, match=message):
        TrainingRecord.from_json(json.dumps(fields))


def test_a_record_of_before_photos_and_balanced_accuracy_were_kept_is_read():
    fields = json.loads(training().to_json())
    del fields["examined"]
    for epoch in fields["history"]:
        del epoch["balanced_accuracy"]
    record = TrainingRecord.from_json(json.dumps(fields))
    assert record.examined is None
    assert [epoch.balanced_accuracy for epoch in record.history] == [None] * 4


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("classes", [], "counts of each of the 3 classes"),
        ("broken", -1, "counts of 0 or more; got -1"),
        ("copies", [{"names": ["a"], "classes": ["daisy"], "sides": [0], "exact": True}], "two photos or more"),
        ("copies", [{"names": ["a", "b"], "classes": ["daisy"], "sides": [0, 0], "exact": True}], "two photos or more"),
        (
            "copies",
            [{"names": ["a", "b"], "classes": ["c", "d"], "sides": [0, 7], "exact": True}],
            "0 or 1 or 2; got '7'",
        ),
        ("copies", [{"names": ["a", "b"], "classes": ["c", "d"], "sides": [0, True], "exact": True}], "0 or 1 or 2"),
    ],
)
def test_an_examination_that_cannot_be_is_refused(field, value, message):
    fields = json.loads(training().to_json())
    fields["examined"]["found"][field] = value
    with pytest.raises(ResultError, match=message):
        TrainingRecord.from_json(json.dumps(fields))


def test_what_is_no_record_is_refused_with_its_name(tmp_path):
    (tmp_path / "training.json").write_text("{")
    with pytest.raises(ResultError, match=r"training\.json is not JSON"):
        TrainingRecord.read(tmp_path / "training.json")
