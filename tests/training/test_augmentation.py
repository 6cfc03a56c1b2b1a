import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.contract.preprocessing import load_rgb, normalize, preprocess
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.training.augmentation import Augmentation, make_views, random_views
from mobilenet_tf.training.batches import CenterSquares
from tests.support.datasets import Pictures

WHOLE, MIDDLE = (np.float32([[first, first, 1 - first, 1 - first]]) for first in (0, 1 / 16))
AS_IT_IS = np.ones((1, 3), np.float32)


@pytest.fixture(scope="module")
def photos():
    return [load_rgb(path) for path in find_photos(bundled_photos()).paths[::8]]


@pytest.fixture(scope="module")
def small(photos):
    """A photo of 32 x 32 pixels, as CIFAR-10's are."""
    return preprocess(photos[0], 32)


def levels(canvas, boxes, res, factors=AS_IT_IS):
    """The training view of one canvas, in levels of 0 to 255."""
    return np.asarray(make_views(tf.constant(canvas[None]), boxes, factors, res))[0] * 127.5 + 127.5


def middle(photo, res):
    """The middle 7/8 of a photo's canvas, in levels: what evaluation shows."""
    return levels(CenterSquares(Pictures([photo]), res)[np.array([0])][0], MIDDLE, res)


def steepest(photo):
    """The largest difference of neighbours, in levels."""
    return max(np.abs(np.diff(photo.astype(int), axis=axis)).max() for axis in (0, 1))


@pytest.mark.parametrize("res", [32, 64, 160])
def test_the_middle_of_a_small_photo_is_the_evaluation_rules(small, res):
    difference = np.abs(middle(small, res) - preprocess(small, res))
    step = steepest(small)
    # The rule rounds the result to a level, half a level off, and both positions to 1/256 of a pixel: 1/512 of a step
    # in each direction. The make_views's own positions are float32, off by some ulps of 33 pixels: 1e-5 of a step.
    rounding = 0.5 + step * (2 / 512 + 2e-5) + 1e-4
    # The rule repeats the crop's edge if an enlarged sample lies outside it; a view sees the pixels beyond.
    border = int(np.ceil(res / 56 - 0.5))
    assert difference[border:-border, border:-border].max() <= rounding
    # These samples lie at most half a pixel outside, in either direction: half a step each.
    assert difference.max() <= rounding + step


@pytest.mark.parametrize("res", [64, 160])
def test_with_nothing_new_beyond_the_crop_the_borders_agree_too(small, res):
    plain = np.pad(small[2:-2, 2:-2], ((2, 2), (2, 2), (0, 0)), "edge")
    difference = np.abs(middle(plain, res) - preprocess(plain, res))
    assert difference.max() <= 0.5 + steepest(plain) * (2 / 512 + 2e-5) + 1e-4  # as above


def test_twice_the_crop_agrees_to_the_last_rounding(small):
    plain = np.pad(small[2:-2, 2:-2], ((2, 2), (2, 2), (0, 0)), "edge")
    # 28 pixels to 56: samples at odd quarters of a pixel, which both rules hold exactly.
    canvas = tf.constant(plain[None])
    seen = np.asarray(tf.image.resize(canvas[:, 2:-2, 2:-2], (56, 56)))[0]
    found = levels(plain, MIDDLE, 56)
    np.testing.assert_allclose(found, seen, atol=0.5 + 1e-3)  # rounded; float32 positions, as above
    np.testing.assert_allclose(found, np.round(found), atol=1e-3)
    otherwise = found != preprocess(plain, 56)
    # The roundings differ only if the sample is halfway between two bytes.
    np.testing.assert_allclose(seen[otherwise] % 1, 0.5, atol=1e-3)


@pytest.mark.parametrize("res", [96, 160])
def test_the_middle_of_a_photo_is_the_evaluation_rules_but_for_a_second_resampling(photos, res):
    for photo in photos:
        expected = preprocess(photo, res).astype(float)
        difference = middle(photo, res) - expected
        # A square and a view of it are two bilinear samplings; the rule has one. Each mixes two neighbours, at
        # worst half and half, so that both together blur by (1 2 1)/4 in each direction at most. Measured over these
        # photos: 2.1 levels of the 7.9 which that blur makes at 96, 4.7 of 5.5 at 160 (a canvas of 183 pixels, whose
        # middle 7/8 begins near half a pixel).
        assert np.abs(difference).mean() <= np.abs(blurred(expected) - expected).mean()
        assert abs(difference.mean()) < 0.2  # neither brighter nor darker; both rules round to nearest
        # No shift: the one that explains the difference best, to first order, in pixels. Measured: up to 0.03.
        slopes = np.stack([slope[2:-2, 2:-2].ravel() for slope in np.gradient(expected, axis=(0, 1))], 1)
        shift = np.linalg.lstsq(slopes, difference[2:-2, 2:-2].ravel(), rcond=None)[0]
        assert np.abs(shift).max() < 0.05


def blurred(image):
    for axis in (0, 1):
        padded = np.pad(image, [(1, 1) if axis == each else (0, 0) for each in range(3)], "edge")
        before, here, after = (np.take(padded, range(k, k + image.shape[axis]), axis) for k in range(3))
        image = (before + 2 * here + after) / 4
    return image


def test_the_whole_canvas_at_its_own_size_is_the_canvas_normalized(small):
    shown = np.asarray(make_views(tf.constant(small[None]), WHOLE, AS_IT_IS, 32))[0]
    # Positions are off by ulps of 33 pixels, 2**-18 each; a step of 255 levels makes 1e-3 levels of them.
    np.testing.assert_allclose(shown, normalize(small), atol=2e-3 / 127.5)


def test_an_enlarged_view_repeats_the_edge_of_the_canvas():
    plain = np.full((8, 8, 3), 200, np.uint8)
    np.testing.assert_allclose(levels(plain, WHOLE, 32), 200, atol=1e-3)  # ulps of 255 levels, 2**-16 each


def test_a_mirrored_box_gives_the_mirrored_image(small):
    box = np.float32([[0.1, 0.2, 0.7, 0.9]])
    seen, mirrored = levels(small, box, 48), levels(small, box[:, [0, 3, 2, 1]], 48)
    # The same positions, added up from the other side, so that a few fall the other way when they are rounded.
    np.testing.assert_allclose(mirrored, seen[:, ::-1], atol=1 + 1e-3)
    assert (mirrored == seen[:, ::-1]).mean() > 0.99
    assert np.abs(mirrored - seen).max() > 10


def test_factors_of_one_change_nothing_and_others_do_what_they_say():
    canvas = np.full((1, 8, 8, 3), 100, np.uint8)
    canvas[0, :4] = (40, 100, 160)
    seen = levels(canvas[0], WHOLE, 8)
    np.testing.assert_allclose(seen, canvas[0], atol=1e-3)
    # An ulp of 255 is 2**-16 levels, and a handful of operations follow each other.
    ulps = 20 * 2**-16

    def factors(**changed):
        names = ("brightness", "contrast", "saturation")
        return levels(canvas[0], WHOLE, 8, np.float32([[changed.get(name, 1) for name in names]]))

    np.testing.assert_allclose(factors(brightness=1.5), seen * 1.5, atol=ulps)
    np.testing.assert_allclose(factors(brightness=2.0)[:4, :, 2], 255)  # 320: clipped
    np.testing.assert_allclose(factors(contrast=0.5), (seen + 100) / 2, atol=ulps)  # the mean is 100
    np.testing.assert_allclose(factors(saturation=0.5)[:4], np.full((4, 8, 3), (70, 100, 130)), atol=1e-3 + ulps)
    np.testing.assert_allclose(factors(saturation=0)[4:], seen[4:], atol=ulps)  # grey has no colour to lose


def test_boxes_stay_inside_and_show_at_least_the_share_asked_for():
    views = random_views(Augmentation(min_crop=0.3), 4000, np.random.default_rng(0))
    top, left, bottom, right = views.boxes.T
    left, right = np.minimum(left, right), np.maximum(left, right)
    # Sums of two float32 below 1: an ulp of 1.
    assert min(top.min(), left.min()) >= 0
    assert max(bottom.max(), right.max()) <= 1 + 2**-23
    height, width = bottom - top, right - left
    stretch = height / width
    assert stretch.max() <= 4 / 3 + 1e-5
    assert stretch.min() >= 3 / 4 - 1e-5
    # Sides that would be longer than the canvas are cut to it, with at most sqrt(4/3) of the area lost.
    assert (height * width).min() >= 0.3 - 1e-5
    assert (height * width).max() > 0.95
    # A half of 4000 within 4 standard deviations of 32.
    assert abs((views.boxes[:, 1] > views.boxes[:, 3]).sum() - 2000) < 130


def test_an_augmentation_that_is_off_shows_the_whole_canvas():
    views = random_views(Augmentation(min_crop=1, flip=False, color=0), 100, np.random.default_rng(0))
    assert (views.factors == 1).all()
    assert (views.boxes[:, 1] < views.boxes[:, 3]).all()
    # An area of 1 stretched by up to 4/3: one side is the canvas's, the other at least sqrt(3/4) of it.
    height, width = views.boxes[:, 2] - views.boxes[:, 0], views.boxes[:, 3] - views.boxes[:, 1]
    np.testing.assert_allclose(np.maximum(height, width), 1, atol=2**-22)
    assert np.minimum(height, width).min() >= np.sqrt(3 / 4) - 1e-6


def test_factors_stay_within_the_share_asked_for():
    factors = random_views(Augmentation(color=0.2), 1000, np.random.default_rng(0)).factors
    assert 0.8 <= factors.min() < 0.81
    assert 1.19 < factors.max() <= 1.2 + 2**-23
    assert np.unique(factors).size > 2900  # each of the three is drawn by itself
