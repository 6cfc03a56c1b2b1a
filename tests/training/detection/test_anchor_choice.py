from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mobilenet_tf.data.boxes.boxed_photos import BoxedPhotos
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.networks.detectors import DetectorSpec, detector_named
from mobilenet_tf.training.detection.anchor_choice import SIDES, fitted_anchors, mean_best_overlap
from mobilenet_tf.training.job import run
from tests.support.boxes import write_photos, write_voc
from tests.training.detection.conftest import job_of

SPEC = DetectorSpec("ssd_mobilenet_v1", 0.25, 300, 2)


def photos_of(sides, ignored=()):
    """Photos with a square of each side, somewhere in each."""
    rng, boxes = np.random.default_rng(0), []
    for side in sides:
        top, left = rng.uniform(0, 1 - side, 2)
        boxes.append(np.float32([[top, left, top + side, left + side]]))
    count = len(boxes)
    return BoxedPhotos(
        paths=tuple(Path(f"{number}.jpg") for number in range(count)),
        boxes=tuple(boxes),
        classes=(np.zeros(1, np.int64),) * count,
        ignored=tuple(np.array([number in ignored]) for number in range(count)),
        sizes=np.full((count, 2), 300),
        digests=np.arange(count, dtype=np.uint64),
    )


def test_of_large_boxes_the_anchors_are_the_usual_ones():
    assert fitted_anchors(SPEC, photos_of(np.linspace(0.15, 0.9, 100))) == (SPEC, ())


def test_of_small_boxes_the_anchors_overlap_more_than_the_usual_ones():
    photos = photos_of(np.linspace(0.03, 0.1, 100))
    spec, (note,) = fitted_anchors(SPEC, photos)
    assert spec == replace(SPEC, smallest_anchor=spec.smallest_anchor)
    assert spec.smallest_anchor < 0.08
    boxes = np.concatenate(photos.boxes)
    mean, usual = mean_best_overlap(spec, boxes), mean_best_overlap(SPEC, boxes)
    assert mean > 1.1 * usual
    others = [mean_best_overlap(replace(SPEC, smallest_anchor=side), boxes) for side in SIDES]
    assert mean == max(others)
    assert f"{spec.smallest_anchor:.0%} of the photo's side instead of 10%" in note
    assert f"overlap by {mean:.0%} in the mean, not by {usual:.0%}" in note


def test_the_overlap_is_that_with_the_nearest_anchor():
    cell = SPEC.anchors()[0]
    box = np.float32([[cell[0] - 0.05, cell[1] - 0.05, cell[0] + 0.05, cell[1] + 0.05]])
    assert mean_best_overlap(SPEC, box) == pytest.approx(1, abs=1e-5)
    half = box * np.float32([1, 1, 1, 0]) + np.float32([0, 0, 0, cell[1]])  # its left half
    assert mean_best_overlap(SPEC, np.concatenate([box, half])) == pytest.approx(0.75, abs=1e-5)


def test_boxes_that_do_not_count_choose_nothing():
    photos = photos_of([0.03] * 50 + [0.5] * 50, ignored=range(50))
    assert fitted_anchors(SPEC, photos) == (SPEC, ())
    assert fitted_anchors(SPEC, photos_of([0.01], ignored=[0])) == (SPEC, ())


@pytest.fixture(scope="module")
def small_shapes(tmp_path_factory):
    """Photos of one small square each."""
    folder = tmp_path_factory.mktemp("small")
    photos = write_photos(folder, 8)
    write_voc(folder, [(name, size, [("square", 6, 6, 10, 10)]) for name, size, _ in photos])
    return folder


def test_a_run_keeps_its_anchors_and_one_that_goes_on_from_it_has_them_too(small_shapes, tmp_path):
    job = job_of(small_shapes, tmp_path, epochs=1, validate_every=1)
    side = job.spec.smallest_anchor
    assert side < 0.1
    assert any(f"the smallest anchors have {side:.0%} of the photo's side" in note for note in job.notes)
    run(job)
    model = keras.models.load_model(job.folder / "best.keras", compile=False)
    assert detector_named(model.name, 1) == job.spec
    again = {"weights": str(job.folder / "best.keras"), "alpha": None, "res": None}
    assert job_of(small_shapes, tmp_path / "again", **again).spec == job.spec
    asked = job_of(small_shapes, tmp_path / "asked", **again, smallest_anchor=0.09)
    assert asked.spec.smallest_anchor == 0.09
    assert not any("smallest anchors" in note for note in asked.notes)
