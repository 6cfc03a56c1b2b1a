from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.training.augmentation import Augmentation
from mobilenet_tf.training.batches import CenterSquares, TrainingBatches
from mobilenet_tf.training.config import SizedConfig
from tests.support.datasets import Pictures, scenes_of_several_sizes

CONFIG = SizedConfig(epochs=3, freeze=0, batch_size=6)


@pytest.fixture(scope="module")
def tones():
    """Twenty photos of a grey each, 10, 20, ...; the label of each is its place."""
    return Pictures([np.full((40, 48, 3), 10 * (index + 1), np.uint8) for index in range(20)], tuple(range(20)))


@pytest.fixture(scope="module")
def scenes():
    return scenes_of_several_sizes()


def epoch_of(photos, config, epoch, *, first=0, res=32):
    """What an epoch gives from a step on: [(squares, boxes, factors, labels, resolution)]."""
    batches = TrainingBatches(photos, config, res, tf.distribute.get_strategy())
    return [(*(np.asarray(x) for x in batch), batch_res) for batch, batch_res in batches.batches_of_epoch(epoch, first)]


def assert_same(one, other):
    assert len(one) == len(other) > 0
    for batch, expected in zip(one, other, strict=True):
        for x, y in zip(batch, expected, strict=True):
            np.testing.assert_array_equal(x, y)


def labels_of(batches):
    return np.concatenate([batch[3] for batch in batches])


def test_squares_are_the_same_kept_or_not(scenes):
    kept, made = CenterSquares(scenes, 32), CenterSquares(scenes, 32, cache_bytes=0)
    everything = made[np.arange(5)]
    assert everything.shape == (5, 37, 37, 3)  # 8/7 of 32, rounded up
    for indices in ([3, 1], [1, 4, 3], [0, 1, 2, 3, 4]):
        np.testing.assert_array_equal(kept[np.array(indices)], everything[indices])
    for other in (1, 2, 3, 4):
        assert (everything[0] != everything[other]).any()


def test_a_square_shows_the_whole_centre_square():
    pixels = np.zeros((60, 100, 3), np.uint8)
    pixels[:, 20:80] = 200
    (square,) = CenterSquares(Pictures([pixels]), 32)[np.array([0])]
    assert (square == 200).all()
    pixels[:, 20], pixels[0, 20:80] = 0, 0
    (square,) = CenterSquares(Pictures([pixels]), 32)[np.array([0])]
    assert (square[0] < 200).all()
    assert (square[:, 0] < 200).all()
    assert (square[2:, 2:] == 200).all()


def test_a_square_is_no_larger_than_the_photos(tones, scenes):
    assert CenterSquares(tones, 224).side == 40
    assert CenterSquares(scenes, 224).side == 256
    assert CenterSquares(scenes, 224)[np.array([0])].shape == (1, 256, 256, 3)  # though this one has but 40


def test_the_same_seed_gives_the_same_batches(tones):
    assert_same(epoch_of(tones, CONFIG, 1), epoch_of(tones, CONFIG, 1))
    other = epoch_of(tones, replace(CONFIG, seed=1), 1)
    assert (labels_of(other) != labels_of(epoch_of(tones, CONFIG, 1))).any()


def test_another_epoch_has_another_order_and_other_views(tones):
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
        squares = np.concatenate([batch[0] for batch in batches])
        assert (squares == 10 * (labels[:, None, None, None] + 1)).all()
        left_out.append(set(range(20)) - set(labels))
    assert left_out[0] != left_out[1] or left_out[1] != left_out[2]


def test_every_view_of_an_epoch_is_cropped_in_its_own_way(tones):
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


def test_squares_serve_the_largest_resolution_of_the_run(scenes):
    config = replace(CONFIG, batch_size=2, start_res=((64, 1), (96, 1)))
    shown = [(batch[4], batch[0].shape[1]) for epoch in range(3) for batch in epoch_of(scenes, config, epoch)]
    assert shown == [(64, 110)] * 2 + [(96, 110)] * 2 + [(32, 110)] * 2
