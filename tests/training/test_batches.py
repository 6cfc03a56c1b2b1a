from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.training.augmentation import Augmentation
from mobilenet_tf.training.batches import BATCH, Canvases, Evaluation, TrainingBatches
from mobilenet_tf.training.config import TrainConfig
from tests.support.datasets import Pictures

CONFIG = TrainConfig(epochs=3, freeze=0, batch_size=6)


@pytest.fixture(scope="module")
def tones():
    """Twenty photos of a grey each, 10, 20, ...; the label of each is its place."""
    return Pictures([np.full((40, 48, 3), 10 * (index + 1), np.uint8) for index in range(20)], tuple(range(20)))


@pytest.fixture(scope="module")
def scenes():
    """Photos of several sizes, landscape and portrait, some far larger than a canvas."""
    rng = np.random.default_rng(0)
    sizes = [(40, 48), (300, 211), (97, 150), (64, 64), (500, 333)]
    coarse = [rng.integers(0, 256, (1 + height // 8, 1 + width // 8, 3), dtype=np.uint8) for height, width in sizes]
    return Pictures([c.repeat(8, 0).repeat(8, 1)[:h, :w] for c, (h, w) in zip(coarse, sizes, strict=True)])


def epoch_of(photos, config, epoch, *, first=0, res=32):
    """What an epoch gives from a step on: [(canvases, boxes, factors, labels, resolution)]."""
    batches = TrainingBatches(photos, config, res, tf.distribute.get_strategy())
    return [(*(np.asarray(x) for x in batch), batch_res) for batch, batch_res in batches.of(epoch, first)]


def assert_same(one, other):
    assert len(one) == len(other) > 0
    for batch, expected in zip(one, other, strict=True):
        for x, y in zip(batch, expected, strict=True):
            np.testing.assert_array_equal(x, y)


def labels_of(batches):
    return np.concatenate([batch[3] for batch in batches])


def test_canvases_are_the_same_kept_or_not(scenes):
    kept, made = Canvases(scenes, 32), Canvases(scenes, 32, cache_bytes=0)
    everything = made[np.arange(5)]
    assert everything.shape == (5, 37, 37, 3)  # 8/7 of 32, rounded up
    for indices in ([3, 1], [1, 4, 3], [0, 1, 2, 3, 4]):
        np.testing.assert_array_equal(kept[np.array(indices)], everything[indices])
    for other in (1, 2, 3, 4):
        assert (everything[0] != everything[other]).any()


def test_a_canvas_shows_the_whole_centre_square():
    pixels = np.zeros((60, 100, 3), np.uint8)
    pixels[:, 20:80] = 200
    (canvas,) = Canvases(Pictures([pixels]), 32)[np.array([0])]
    assert (canvas == 200).all()
    pixels[:, 20], pixels[0, 20:80] = 0, 0
    (canvas,) = Canvases(Pictures([pixels]), 32)[np.array([0])]
    assert (canvas[0] < 200).all()
    assert (canvas[:, 0] < 200).all()
    assert (canvas[2:, 2:] == 200).all()


def test_a_canvas_is_no_larger_than_the_photos(tones, scenes):
    assert Canvases(tones, 224).side == 40
    assert Canvases(scenes, 224).side == 256
    assert Canvases(scenes, 224)[np.array([0])].shape == (1, 256, 256, 3)  # though this one has but 40


def test_the_same_seed_gives_the_same_batches(tones):
    assert_same(epoch_of(tones, CONFIG, 1), epoch_of(tones, CONFIG, 1))
    other = epoch_of(tones, replace(CONFIG, seed=1), 1)
    assert (labels_of(other) != labels_of(epoch_of(tones, CONFIG, 1))).any()


def test_another_epoch_has_another_order_and_other_cuts(tones):
    one, other = epoch_of(tones, CONFIG, 0), epoch_of(tones, CONFIG, 1)
    assert (labels_of(one) != labels_of(other)).any()
    for part in (1, 2):
        assert not np.isin(one[0][part], other[0][part]).all()


@pytest.mark.parametrize("first", [1, 2])
def test_from_a_step_on_an_epoch_gives_the_rest_of_itself(tones, first):
    config = replace(CONFIG, multi_res=(64, 96))
    assert_same(epoch_of(tones, config, 1, first=first), epoch_of(tones, config, 1)[first:])


def test_nothing_is_left_after_the_last_step(tones):
    assert epoch_of(tones, CONFIG, 0, first=3) == []


def test_no_photo_comes_twice_in_an_epoch_and_each_bears_its_label(tones):
    left_out = []
    for epoch in range(3):
        batches = epoch_of(tones, CONFIG, epoch)
        assert [len(batch[3]) for batch in batches] == [6, 6, 6]
        labels = labels_of(batches)
        assert np.unique(labels).size == 18
        canvases = np.concatenate([batch[0] for batch in batches])
        assert (canvases == 10 * (labels[:, None, None, None] + 1)).all()
        left_out.append(set(range(20)) - set(labels))
    assert left_out[0] != left_out[1] or left_out[1] != left_out[2]


def test_every_view_of_an_epoch_is_cut_in_its_own_way(tones):
    boxes = np.concatenate([batch[1] for batch in epoch_of(tones, CONFIG, 0)])
    assert np.unique(boxes, axis=0).shape == (18, 4)


def test_the_augmentation_is_the_recipes(tones):
    plain = replace(CONFIG, augmentation=Augmentation(min_crop=1, flip=False, color=0))
    for _, boxes, factors, *_ in epoch_of(tones, plain, 0):
        assert (boxes[:, 1] < boxes[:, 3]).all()
        assert (factors == 1).all()


def test_each_batch_of_several_resolutions_takes_one_at_random(tones):
    config = replace(CONFIG, batch_size=1, multi_res=(64, 96))
    batches = epoch_of(tones, config, 0)
    assert {batch[4] for batch in batches} == {32, 64, 96}  # one is missed by 20 draws once in a thousand seeds
    assert [batch[4] for batch in epoch_of(tones, config, 1)] != [batch[4] for batch in batches]


def test_canvases_serve_the_largest_resolution_of_the_run(scenes):
    config = replace(CONFIG, batch_size=2, start_res=((64, 1), (96, 1)))
    shown = [(batch[4], batch[0].shape[1]) for epoch in range(3) for batch in epoch_of(scenes, config, epoch)]
    assert shown == [(64, 110)] * 2 + [(96, 110)] * 2 + [(32, 110)] * 2


@pytest.mark.parametrize("cache_bytes", [0, 2**30])
def test_evaluation_gives_each_photo_once_by_the_rule(scenes, cache_bytes):
    many = Pictures(scenes.pixels * 21, tuple(range(105)))
    evaluation = Evaluation(many, 32, cache_bytes=cache_bytes)
    next(iter(evaluation))  # one that was not gone through to its end leaves no trace
    for _ in range(2):
        batches = list(evaluation)
        assert [len(labels) for _, labels in batches] == [BATCH, 5]
        np.testing.assert_array_equal(np.concatenate([labels for _, labels in batches]), np.arange(105))
        images = np.concatenate([images for images, _ in batches])
        expected = np.stack([preprocess(pixels, 32) for pixels in scenes.pixels])
        np.testing.assert_array_equal(images, np.tile(expected, (21, 1, 1, 1)))


def test_evaluation_reads_photos_in_full(tmp_path):
    """A reduced decoding would do for training; the rule averages the pixels themselves."""
    from PIL import Image

    from mobilenet_tf.contract.preprocessing import load_rgb
    from mobilenet_tf.data.folder import FilePhotos

    noise = np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.jpg")
    photos = FilePhotos((str(tmp_path / "noise.jpg"),), np.zeros(1, np.int64))
    ((images, _),) = Evaluation(photos, 32)
    np.testing.assert_array_equal(images[0], preprocess(load_rgb(tmp_path / "noise.jpg"), 32))
    assert (images[0] != preprocess(photos.read(0, 64), 32)).any()
