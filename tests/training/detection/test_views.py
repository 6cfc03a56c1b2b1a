import numpy as np
import pytest

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.training.augmentation import Augmentation, make_views
from mobilenet_tf.training.detection.views import moved_boxes, random_view

SIDE, RES = 96, 96


def square_photo(box):
    """(SIDE, SIDE, 3): bright inside the box, dark outside."""
    top, left, bottom, right = (round(value * SIDE) for value in box)
    pixels = np.full((SIDE, SIDE, 3), 20, np.uint8)
    pixels[top:bottom, left:right] = 240
    return pixels


@pytest.mark.parametrize("seed", range(24))
def test_a_box_moves_with_the_pixels_that_it_is_around(seed):
    box = np.array([[0.25, 0.5, 0.5, 0.875]], np.float32)
    view = random_view(Augmentation(0.2, True, 0.0), 2.0, box, np.random.default_rng(seed))
    moved, seen = moved_boxes(box, view.frame)
    pixels = make_views(square_photo(box[0])[None], view.frame[None], np.ones((1, 3), np.float32), RES)[0]
    assert seen.tolist() == [0]
    rows, columns = np.nonzero(np.asarray(pixels)[..., 0] > 0.3)  # brighter than the grey ground, 0
    bright = np.array([rows.min(), columns.min(), rows.max() + 1, columns.max() + 1]) / RES
    # Each edge is blurred over a pixel of the photo, which is at most as large as the part is enlarged.
    enlarged = 1 / np.abs(view.frame[2:] - view.frame[:2]).min()
    np.testing.assert_allclose(moved[0], bright, atol=(1 + enlarged) / RES)


def test_a_frame_beyond_the_photo_is_filled_with_grey():
    frame = np.array([[-0.5, -0.5, 1.5, 1.5]], np.float32)
    pixels = make_views(np.full((1, 32, 32, 3), 255, np.uint8), frame, np.ones((1, 3), np.float32), 32)[0]
    np.testing.assert_allclose(np.asarray(pixels)[0, 0], 0, atol=1 / 127)
    np.testing.assert_allclose(np.asarray(pixels)[16, 16], 1, atol=1 / 127)


def test_boxes_whose_centre_is_outside_are_dropped_and_others_are_cut():
    boxes = np.array([[0, 0, 0.4, 0.4], [0.3, 0.3, 0.7, 0.7], [0.8, 0.8, 1, 1]], np.float32)
    moved, seen = moved_boxes(boxes, np.array([0.25, 0.25, 0.75, 0.75]))
    assert seen.tolist() == [1]
    np.testing.assert_allclose(moved, [[0.1, 0.1, 0.9, 0.9]], rtol=1e-6)
    moved, seen = moved_boxes(boxes[:1], np.array([0.1, 0.0, 0.6, 0.5]))
    np.testing.assert_allclose(moved, [[0, 0, 0.6, 0.8]], rtol=1e-6)


def test_a_mirrored_view_mirrors_its_boxes():
    boxes = np.array([[0.1, 0.0, 0.5, 0.25]], np.float32)
    moved, _ = moved_boxes(boxes, np.array([0.0, 1.0, 1.0, 0.0]))
    np.testing.assert_allclose(moved, [[0.1, 0.75, 0.5, 1.0]], rtol=1e-6)


def test_views_differ_and_a_seed_fixes_them():
    box = np.array([[0.2, 0.2, 0.8, 0.8]], np.float32)
    frames = [tuple(random_view(Augmentation(), 2.0, box, np.random.default_rng(seed)).frame) for seed in range(50)]
    again = [tuple(random_view(Augmentation(), 2.0, box, np.random.default_rng(seed)).frame) for seed in range(50)]
    assert frames == again
    assert len(set(frames)) > 35
    whole = sum(tuple(np.sort(np.array(frame)).tolist()) == (0.0, 0.0, 1.0, 1.0) for frame in frames)
    assert 1 <= whole <= 15  # a seventh of the half that is not expanded, and those for which no part was found


def test_without_boxes_any_part_is_shown():
    view = random_view(Augmentation(0.3), 1.0, np.zeros((0, 4), np.float32), np.random.default_rng(3))
    assert moved_boxes(np.zeros((0, 4), np.float32), view.frame)[0].shape == (0, 4)
    assert tf.reduce_all(np.isfinite(view.frame))
