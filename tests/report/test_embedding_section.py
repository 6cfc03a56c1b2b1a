"""The part of the page for a run of embeddings, and the record that it is made from."""

import json
from dataclasses import replace

import pytest

from mobilenet_tf.errors import ResultError
from mobilenet_tf.report.page import report_page
from mobilenet_tf.results.embedding_record import (
    EmbeddingAnswers,
    EmbeddingEpoch,
    EmbeddingRecord,
    NearPhoto,
    ShownPhoto,
)
from mobilenet_tf.results.run_record_file import Examined
from mobilenet_tf.results.run_records import read_run_record

NEAR = NearPhoto("n<ear>.jpg", "aGk=", 1, 0.875)
WRONG = ShownPhoto("a.jpg", "aGk=", 0, True, [NEAR, replace(NEAR, label=0, cosine=0.5)], None)
RECORD = EmbeddingRecord(
    schema_version=1,
    task="embedding",
    name="mobilenet_v1_a0.25_r128_faces",
    dataset="faces",
    classes=["ann", "b<ob"],
    dimensions=128,
    teacher="facenet.tflite",
    train_photos=100,
    epochs=3,
    averaged=True,
    settings={},
    history=[EmbeddingEpoch(1, 96, False, 0.6, 0.5, 0.25), EmbeddingEpoch(2, 128, False, 0.4, 0.75, 0.5)],
    kept_epoch=2,
    chosen_from=2,
    validation_sha256="0" * 64,
    answers=EmbeddingAnswers(2, 40, 0.75, 0.5, 38, 0.625, 0.9, [WRONG]),
    examined=Examined(["140 photos of 2 classes."], ["a note <i>"]),
)


def test_the_record_is_read_as_it_was_written(tmp_path):
    (tmp_path / "training.json").write_text(RECORD.to_json())
    assert read_run_record(tmp_path / "training.json") == RECORD


def test_a_record_that_cannot_be_is_refused(tmp_path):
    content = json.loads(RECORD.to_json())
    content["answers"]["shown"][0]["nearest"][0]["label"] = 2
    (tmp_path / "training.json").write_text(json.dumps(content))
    with pytest.raises(ResultError, match=r"answers.shown: expected indices of the 2 classes"):
        read_run_record(tmp_path / "training.json")


def test_the_page_says_what_was_reached_and_shows_wrong_photos_with_their_nearest():
    page = report_page([], [RECORD])
    assert "best.keras is of epoch 2: mean cosine to the teacher&#x27;s vectors 0.750, recall@1 50.0%" in page
    assert "The recall@1 of the teacher is 90.0%." in page
    assert "Of 62.5% of the photos the nearest other one is the same as by the teacher." in page
    assert "by the vectors of facenet.tflite, to vectors of 128 dimensions (faces)" in page
    assert "Epochs at 96 pixels were validated at that resolution" in page
    assert "<b>wrong</b>" in page
    assert "<p>b&lt;ob</p><p>cosine 0.875</p>" in page
    assert "n&lt;ear&gt;.jpg" in page
    assert "a note &lt;i&gt;" in page


def test_a_run_without_classes_shows_the_teachers_nearest():
    shown = replace(WRONG, label=None, nearest=[replace(NEAR, label=None)], expected=replace(NEAR, label=None))
    answers = replace(RECORD.answers, recall_at_1=None, teacher_recall_at_1=None, shown=[shown])
    history = [replace(epoch, recall_at_1=None) for epoch in RECORD.history]
    page = report_page([], [replace(RECORD, classes=[], history=history, answers=answers)])
    assert "the teacher's nearest: 0.875" in page
    assert "Those whose nearest is not the teacher's nearest stand first" in page
    assert "recall@1 50.0%" not in page


def test_a_run_by_classes_has_no_teacher_and_many_runs_are_on_one_page():
    history = [replace(epoch, cosine=None) for epoch in RECORD.history]
    answers = replace(RECORD.answers, cosine=None, agreement=None, teacher_recall_at_1=None)
    alone = replace(RECORD, teacher=None, history=history, answers=answers)
    page = report_page([], [alone])
    assert "Cross-entropy of ArcFace" in page
    assert "the teacher" not in page
    assert report_page([], [RECORD, alone]).count("<h4>Nearest photos</h4>") == 2
    assert "They are not known" in report_page([], [replace(RECORD, answers=None)])
