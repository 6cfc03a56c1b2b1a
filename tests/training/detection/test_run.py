"""A run of a detector, from the photos to the files that it leaves."""

import csv
import json

import numpy as np
import pytest

from mobilenet_tf.errors import InputError
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.report.page import report_page
from mobilenet_tf.results.detection_record import DetectionRecord
from mobilenet_tf.results.inputs import read_inputs
from mobilenet_tf.tasks.detection_score import detection_score
from mobilenet_tf.training.detection.batches import DetectionBatches
from mobilenet_tf.training.detection.evaluation import detections, predictor_of
from mobilenet_tf.training.detection.matching import AnchorMatcher
from mobilenet_tf.training.detection.photos import StretchedPhotos
from mobilenet_tf.training.printed import result_as_json, result_as_text
from tests.support.boxes import CLASSES
from tests.training.detection.conftest import job_of


def test_the_task_follows_from_the_boxes(trained):
    job, _ = trained
    assert job.options.task == "detection"
    assert job.spec == DetectorSpec("ssd_mobilenet_v1", 0.25, 96, 2)
    assert job.folder.name == "ssd_mobilenet_v1_a0.25_r96_shapes"
    assert any(note.startswith("The photos come with boxes (Pascal VOC XML): a detector") for note in job.notes)


def test_the_loss_falls_and_boxes_are_found(trained):
    job, history = trained[0], trained[1].history
    assert history[-1].loss < 0.5 * history[0].loss
    assert history[-1].box_loss < 0.5 * history[0].box_loss
    photos = job.data.train  # of so few photos in so few steps only these are found
    model = keras.models.load_model(job.folder / "last.keras", compile=False)
    found = detections(predictor_of(model), StretchedPhotos(photos, 96), job.spec.anchors())
    assert detection_score(found, photos.true_boxes(), 2).ap50 > 0.4 > 4 * history[0].ap50
    assert [epoch.epoch for epoch in history if epoch.ap is not None] == [1, 20, 40]


def test_the_model_that_is_kept_has_the_score_that_was_recorded(trained):
    job, result = trained
    model = keras.models.load_model(result.best, compile=False)
    photos = job.data.validation
    found = detections(predictor_of(model), StretchedPhotos(photos, 96), job.spec.anchors())
    score = detection_score(found, photos.true_boxes(), 2)
    assert score.ap == pytest.approx(result.kept.ap, abs=1e-9)
    assert score.ap50 == pytest.approx(result.kept.ap50, abs=1e-9)


def test_a_run_leaves_what_one_of_classification_leaves(trained):
    job, result = trained
    assert {path.name for path in job.folder.iterdir()} >= {
        "best.keras", "last.keras", "split.json", "state.npz", "history.csv", "curves.png", "logs", "training.json",
        "labels.txt", "run.json",
    }  # fmt: skip
    assert (job.folder / "labels.txt").read_text().split() == [*CLASSES]
    rows = list(csv.DictReader((job.folder / "history.csv").read_text().splitlines()))
    assert [*rows[0]][-4:] == ["box_loss", "ap", "ap50", "ar"]
    assert "top1" not in rows[0]
    assert [row["ap"] != "" for row in rows] == [epoch.ap is not None for epoch in result.history]


def test_the_record_and_its_page(trained):
    job, result = trained
    record = DetectionRecord.read(job.folder / "training.json")
    assert record.kept.ap == result.kept.ap
    assert record.train_boxes == job.data.train.counts(2)[1].tolist()
    assert [one.boxes for one in record.answers.classes] == job.data.validation.counts(2)[1].tolist()
    assert all(len(one.precision) == 101 for one in record.answers.classes)
    assert read_inputs([job.folder]).runs == [record]
    page = report_page([], [record])
    for text in ("Precision and recall", "AP50 of Pascal VOC", *CLASSES, "Worst photos"):
        assert text in page


def test_what_is_printed(trained):
    text = result_as_text(*trained)
    assert "AP50" in text.splitlines()[0]
    assert f"best.keras is of epoch {trained[1].kept.epoch}: AP " in text
    assert "Next: mobilenet-export --weights " in text
    content = json.loads(result_as_json(*trained))
    assert (content["task"], content["ap50"]) == ("detection", trained[1].kept.ap50)


def test_a_run_that_is_stopped_goes_on(stopped, trained):
    """The fixture stopped the run in its second epoch, and resumed it."""
    assert not stopped.finished
    assert [epoch.epoch for epoch in stopped.history] == [1]
    assert trained[1].finished
    assert trained[1].history[0] == stopped.history[0]
    assert [epoch.epoch for epoch in trained[1].history] == [*range(1, 41)]


def test_a_batch_is_the_same_whatever_came_before_it(trained):
    job = trained[0]
    settings, photos = job.config.detection, job.data.train
    matcher = AnchorMatcher(job.spec.anchors(), settings.least_overlap)

    def batch(epoch, step, replica=0, replicas=1):
        batches = DetectionBatches(photos, job.config, settings, 96, matcher, None)
        return batches.share(np.arange(len(photos)), epoch, step, replica, replicas)

    whole = batch(3, 1)
    assert [part.shape for part in whole] == [(8, 144, 144, 3), (8, 4), (8, 3), (8, 204), (8, 204, 4)]
    assert (whole[3] >= 0).any(1).sum() > 4  # views have boxes
    halves = zip(batch(3, 1, 0, 2), batch(3, 1, 1, 2), strict=True)
    for part, (first, second) in zip(whole, halves, strict=True):
        np.testing.assert_array_equal(part, np.concatenate([first, second]))
    assert not np.array_equal(whole[1], batch(4, 1)[1])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"teacher": "best.keras"}, "--teacher: only classification has this"),
        ({"quantize": True}, "--quantize: only classification has this"),
        ({"start_res": "64:3"}, "--start-res: only classification has this"),
        ({"task": "classification"}, "--expand, --validate-every: only detection has this"),
        ({"arch": "effnet"}, "expected --arch of a detector"),
    ],
)
def test_options_of_the_other_task_are_refused(shapes, tmp_path, options, expected):
    with pytest.raises(InputError, match=expected):
        job_of(shapes, tmp_path, **options)
