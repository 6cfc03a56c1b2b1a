import json

import pytest

from mobilenet_tf.errors import ResultError
from mobilenet_tf.report.page import report_page
from mobilenet_tf.results.detection_record import (
    ClassAnswers,
    DetectionAnswers,
    DetectionEpoch,
    DetectionRecord,
    DrawnBox,
    WorstPhoto,
)
from mobilenet_tf.results.run_record_file import Examined
from mobilenet_tf.results.run_records import read_run_record

CURVE = [1.0] * 50 + [0.5] * 51
BOXES = [DrawnBox([0.1, 0.2, 0.5, 0.9], 0, None, False), DrawnBox([0.2, -0.1, 0.5, 1.2], 1, 0.75, True)]


def record(**changes):
    answers = DetectionAnswers(
        epoch=2, photos=9, ap=0.4, ap50=0.75, ap75=0.3, ap_small=None, ap_medium=0.3, ap_large=0.5, ar=0.6,
        voc_ap50=0.74, threshold=0.31,
        classes=[ClassAnswers(7, 0.4, 0.75, 0.6, 0.74, CURVE, 5, 2), ClassAnswers(0, None, None, None, None, [], 0, 1)],
        worst=[WorstPhoto("<photos>/p1.jpg", "abc", 200, 100, 1, 0, BOXES)],
    )  # fmt: skip
    fields = {
        "schema_version": 1,
        "task": "detection",
        "name": "ssd_mobilenet_v1_a0.50_r300_farm",
        "dataset": "farm",
        "classes": ["hen", "<cock>"],
        "train_photos": 30,
        "train_boxes": [40, 3],
        "epochs": 4,
        "averaged": True,
        "settings": {},
        "history": [DetectionEpoch(1, False, 6.0, 4.0), DetectionEpoch(2, False, 3.0, 2.0, 0.4, 0.75, 0.6)],
        "kept_epoch": 2,
        "chosen_from": 1,
        "validation_sha256": "0" * 64,
        "answers": answers,
        "examined": Examined(["30 photos with 43 boxes."], ["A note."]),
    }
    return DetectionRecord(**fields | changes)


def test_a_record_is_read_as_it_was_written(tmp_path):
    (tmp_path / "training.json").write_text(record().to_json())
    assert read_run_record(tmp_path / "training.json") == record()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda content: content.update(kept_epoch=3), "kept_epoch: expected one of the 2 epochs; got 3"),
        (lambda content: content.update(train_boxes=[1]), "train_boxes: expected a number for each of the 2 classes"),
        (
            lambda content: content["answers"]["classes"].pop(),
            "answers.classes: expected the scores of 2 classes; got 1",
        ),
        (lambda content: content["answers"]["classes"][0]["precision"].pop(), "expected curves of 101 points"),
        (lambda content: content["answers"]["worst"][0]["boxes"][0].update(label=2), "class indices from 0 to 1"),
        (lambda content: content["answers"]["worst"][0].update(width=0), "photos of one pixel or more"),
        (lambda content: content.update(schema_version=9), "expected version 1; got 9"),
    ],
)
def test_what_cannot_be_a_record_is_refused(tmp_path, change, expected):
    content = json.loads(record().to_json())
    change(content)
    (tmp_path / "training.json").write_text(json.dumps(content))
    with pytest.raises(ResultError, match=expected):
        read_run_record(tmp_path / "training.json")


def test_the_page_shows_the_scores_the_curves_and_both_sets_of_boxes():
    page = report_page([], [record()])
    assert "best.keras is of epoch 2: AP50 75.0% and AP 40.0% on 9 validation photos." in page
    assert "AP by the size of objects in pixels of the photo: small -, medium 30.0%, large 50.0%." in page
    assert "The run is not finished: 2 of 4 epochs are done." in page
    assert "&lt;cock&gt;" in page
    assert "<cock>" not in page.partition('<script type="application/json"')[0]
    # 200 x 100 pixels are drawn 200 wide and 100 high; what reaches over the edge is cut.
    assert '<rect class="there wrong" x="40.0" y="10.0" width="140.0" height="40.0"><title>hen</title>' in page
    assert '<rect class="found right" x="0.0" y="20.0" width="200.0" height="30.0"><title>&lt;cock&gt; 75%' in page


def test_a_page_of_many_runs_names_those_that_it_leaves_out():
    runs = [record(name=f"run {number}") for number in range(9)]
    page = report_page([], runs)
    assert page.count("<h2 id=") == 8
    assert "Of 9 detectors the 8 with the highest AP are shown, not: run 8." in page


def test_several_runs_share_a_page():
    page = report_page([], [record(), record(name="another", answers=None)])
    assert page.count("<h2 id=") == 2
    assert "It is not known: the record of that epoch is gone." in page
