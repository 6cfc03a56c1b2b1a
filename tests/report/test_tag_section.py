"""The part of the page for a run of tags, and the record that it is made from."""

import json
from dataclasses import replace

import pytest

from mobilenet_tf.errors import ResultError
from mobilenet_tf.report.page import report_page
from mobilenet_tf.results.run_record_file import Examined
from mobilenet_tf.results.run_records import read_run_record
from mobilenet_tf.results.tag_record import TagAnswer, TagAnswers, TagEpoch, TagRecord, WrongTags

ANSWERS = TagAnswers(
    epoch=2,
    photos=40,
    by_teacher=False,
    mean_ap=0.75,
    tags=[
        TagAnswer(20, 0.9, 0.41, 0.8, 0.95, 1, 5),
        TagAnswer(0, None, 0.5, None, None, 0, 0),
        TagAnswer(4, 0.6, 0.222, 0.5, 0.25, 3, 1),
    ],
    worst=[WrongTags("a<b>.jpg", "aGk=", [0, 2], []), WrongTags("c.jpg", "aGk=", [], [2])],
)
RECORD = TagRecord(
    schema_version=1,
    task="tags",
    name="mobilenet_v1_a0.25_r128_ppe",
    dataset="ppe",
    classes=["helmet", "boots", "v<est"],
    train_photos=100,
    train_tags=[50, 3, 9],
    epochs=3,
    averaged=True,
    settings={},
    history=[TagEpoch(1, 96, False, 0.6, 0.5, 0.7), TagEpoch(2, 128, False, 0.4, 0.75, None)],
    kept_epoch=2,
    chosen_from=2,
    validation_sha256="0" * 64,
    answers=ANSWERS,
    examined=Examined(["140 photos with 3 tags."], ["a note <i>"]),
)


def test_the_record_is_read_as_it_was_written(tmp_path):
    (tmp_path / "training.json").write_text(RECORD.to_json())
    assert read_run_record(tmp_path / "training.json") == RECORD


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("kept_epoch", 3, "kept_epoch: expected one of the 2 epochs"),
        ("train_tags", [1], "train_tags: expected a number for each of the 3 tags"),
        ("answers", {"tags": []}, "answers.tags: expected the scores of 3 tags"),
        ("answers", {"worst": [{"name": "a", "thumbnail": "", "missed": [3], "false": []}]}, "indices of tags"),
    ],
)
def test_a_record_that_cannot_be_is_refused(field, value, message):
    content = json.loads(RECORD.to_json())
    content[field] = content[field] | value if isinstance(value, dict) else value
    with pytest.raises(ResultError, match=message):
        TagRecord.from_json(json.dumps(content))


def test_the_page_shows_each_tag_and_the_photos_with_wrong_ones():
    page = report_page([], [RECORD])
    assert "best.keras is of epoch 2: mean average precision 75.0% on 40 validation photos." in page
    assert "The run is not finished: 2 of 3 epochs are done." in page
    assert "Epochs at 96 pixels were validated at that resolution" in page
    for part in ("90.0%", "0.41", "0.22", "v&lt;est", "missed: <b>helmet, v&lt;est</b>", "false: <b>nothing</b>"):
        assert part in page
    assert "a note &lt;i&gt;" in page
    assert "a&lt;b&gt;.jpg" in page


def test_of_photos_without_labels_the_page_says_who_decided():
    page = report_page([], [replace(RECORD, answers=replace(ANSWERS, by_teacher=True))])
    assert "what is true of them was decided by the teacher" in page


def test_several_runs_have_headings_of_their_own():
    page = report_page([], [RECORD, replace(RECORD, name="another")])
    assert 'id="tags-0"' in page
    assert 'id="tags-1"' in page
