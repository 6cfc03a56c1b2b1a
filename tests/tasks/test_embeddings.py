import itertools

import numpy as np
import pytest

from mobilenet_tf.tasks import embeddings
from mobilenet_tf.tasks.embeddings import (
    cosine_error,
    cosine_errors,
    cosines,
    nearest,
    nearest_agreement,
    nearest_other,
    recall_at_1,
    unit,
    verification,
)

# Of one direction, of another one, and between them, a little nearer to the first.
VECTORS = np.float32([[2, 0], [0, 3], [4, 3], [5, 0]])


def clusters(classes, spread, seed=0, dimensions=8):
    random = np.random.default_rng(seed)
    centres = random.normal(size=(max(classes) + 1, dimensions))
    return centres[classes] + spread * random.normal(size=(len(classes), dimensions))


def test_unit_vectors_have_length_1_and_one_of_zeros_stays():
    found = unit(np.float32([[3, 4], [0, 0]]))
    assert found.dtype == np.float32
    assert found.tolist() == [pytest.approx([0.6, 0.8]), [0, 0]]


def test_the_cosine_does_not_depend_on_the_length():
    assert cosines(VECTORS, VECTORS[:2]) == pytest.approx(np.array([[1, 0], [0, 1], [0.8, 0.6], [1, 0]]))


def test_nearest_gives_the_best_first_and_of_equal_ones_the_first():
    indices, values = nearest(VECTORS[:1], VECTORS[1:], top=2)
    assert indices.tolist() == [[2, 1]]
    assert values == pytest.approx(np.array([[1, 0.8]]))
    indices, values = nearest(VECTORS[:1], VECTORS, top=9)
    assert indices.tolist() == [[0, 3, 2, 1]]
    assert nearest(VECTORS[:0], VECTORS)[0].shape == (0, 1)


def test_what_compares_all_photos_does_not_depend_on_the_size_of_a_block(monkeypatch):
    classes = np.arange(50) % 7
    vectors = clusters(classes, 1)
    whole = recall_at_1(vectors, classes), nearest_other(vectors)[0].tolist(), nearest(vectors, vectors)[0].tolist()
    monkeypatch.setattr(embeddings, "BLOCK_COSINES", 8 * 50)
    assert whole == (
        *(recall_at_1(vectors, classes), nearest_other(vectors)[0].tolist()),
        nearest(vectors, vectors)[0].tolist(),
    )


def test_the_nearest_other_photo_is_never_the_photo_itself():
    indices, values = nearest_other(VECTORS)
    assert indices.tolist() == [3, 2, 0, 0]
    assert values == pytest.approx(np.array([1, 0.6, 0.8, 1]))


def test_recall_at_1_counts_photos_whose_class_has_another_photo():
    # The second photo is the only one of its class; the third has the first as its nearest, and is of its class.
    assert recall_at_1(VECTORS, [7, 3, 7, 5]) == (pytest.approx(0.25), 2)
    assert recall_at_1(VECTORS, [1, 2, 3, 4]) == (None, 0)


def test_recall_at_1_of_a_network_that_gives_one_vector_for_everything_is_that_of_chance():
    share, photos = recall_at_1(np.ones((30, 4)), [0] * 10 + [1] * 10 + [2] * 10)
    assert (share, photos) == (pytest.approx(9 / 29), 30)


def test_cosine_errors_are_exact_near_0():
    angle = 1e-5
    one, other = np.array([[1.0, 0]]), np.array([[np.cos(angle), np.sin(angle)]])
    assert cosine_errors(3 * one, 5 * other)[0] == pytest.approx(angle**2 / 2, rel=1e-6)
    assert cosine_errors(one, -one)[0] == pytest.approx(2)


def test_a_vector_without_a_direction_is_as_far_as_a_right_angle():
    zero, one = np.zeros((1, 3)), np.ones((1, 3))
    assert cosine_errors(zero, one)[0] == cosine_errors(one, zero)[0] == 1
    assert cosine_errors(zero, zero)[0] == 0


def test_one_vector_for_all_photos_agrees_by_chance():
    vectors = np.random.default_rng(0).normal(size=(20, 8))
    assert nearest_agreement(np.ones((20, 8)), vectors) == pytest.approx(1 / 19)


def test_the_cosine_error_has_mean_99_percent_and_most():
    angles = np.zeros(200)
    angles[:2] = np.pi / 2  # one of a hundred photos: p99 lies between the others and these
    vectors = np.stack([np.cos(angles), np.sin(angles)], 1)
    found = cosine_error(vectors, np.tile([1.0, 0.0], (200, 1)))
    assert found == {"mean": pytest.approx(0.01), "p99": pytest.approx(1), "max": pytest.approx(1)}


def test_the_nearest_photos_agree_if_a_copy_is_taken_for_another_one():
    vectors = np.float32([[1, 0], [1, 0.1], [1, 0.1], [0, 1]])
    turned = vectors + np.float32([[0, 0], [0, 1e-7], [0, 0], [0, 0]])
    assert nearest_agreement(turned, vectors) == 1
    # Of the photos in turn: the same one; one of two that are nearest alike; another one; one of two again.
    assert nearest_agreement(vectors[[1, 0, 2, 3]], vectors) == pytest.approx((1 + 0.5 + 0 + 0.5) / 4)


def test_verification_tells_classes_apart_that_are_far_from_each_other():
    classes = np.repeat(np.arange(6), 10)
    found = verification(clusters(classes, 0.01), classes, seed=1)
    assert found.accuracy == 1
    assert found.pairs == 2 * 6 * 45  # all pairs of one class there are, and as many of two
    assert 0 < found.threshold < 1


def test_verification_of_vectors_that_say_nothing_is_that_of_chance():
    classes = np.repeat(np.arange(20), 20)
    random = np.random.default_rng(0).normal(size=(400, 16))
    # Each of 6000 pairs is right with probability 1/2: a standard deviation of 0.65 %, four of which are allowed.
    assert verification(random, classes).accuracy == pytest.approx(0.5, abs=0.026)


def test_verification_is_none_without_two_pairs_of_each_kind():
    assert verification(VECTORS, [0, 0, 0, 0]) is None
    assert verification(VECTORS, [0, 1, 2, 3]) is None
    assert verification(VECTORS[:0], []) is None
    assert verification(VECTORS, [0, 0, 1, 1]).pairs == 4


def test_pairs_are_drawn_once_each_from_all_there_are():
    classes = np.array([2, 0, 1, 0, 2, 2, 1])
    first, second, same = embeddings._draw_pairs(classes, 1000, 0)
    assert np.array_equal(classes[first] == classes[second], same)
    assert (first != second).all()
    drawn = {frozenset(pair) for pair in zip(first.tolist(), second.tolist(), strict=True)}
    assert len(drawn) == len(first)
    alike = {frozenset(pair) for pair in itertools.combinations(range(7), 2) if classes[pair[0]] == classes[pair[1]]}
    assert alike <= drawn  # there are fewer of one class, and all are taken
    assert same.sum() == len(alike) == (~same).sum()
    few = embeddings._draw_pairs(np.repeat(np.arange(50), 100), 600, 3)
    assert len(few[0]) == 600
    assert few[0].tolist() == embeddings._draw_pairs(np.repeat(np.arange(50), 100), 600, 3)[0].tolist()
