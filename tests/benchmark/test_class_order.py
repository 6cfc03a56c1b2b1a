"""Readings of the classes, on confusions that the tests draw: a model that is right this often, read in some order."""

import random

import numpy as np
import pytest

from mobilenet_tf.benchmark.class_order import better_reading
from mobilenet_tf.contract.labels import imagenet_labels

CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def confusion(order, *, accuracy, photos=10, neighbours=0.0, seed=0):
    """The pairs of a model of so many photos a class. order: the output of each class, by the class that was read.

    neighbours: the share of the photos that is taken for the next class.
    """
    rng = np.random.default_rng(seed)
    true = np.repeat(np.arange(len(order)), photos)
    output = np.asarray(order)[true]
    drawn = rng.random(len(true))
    guess = rng.integers(0, len(order), len(true))
    best = np.where(drawn < accuracy, output, np.where(drawn < accuracy + neighbours, (output + 1) % len(order), guess))
    pairs, counts = np.unique(np.stack([true, best], 1), axis=0, return_counts=True)
    return [[*map(int, pair), int(count)] for pair, count in zip(pairs, counts, strict=True)]


def numbers(count):
    return [f"class {index}" for index in range(count)]


@pytest.mark.parametrize("shift", [1, -1])
@pytest.mark.parametrize("accuracy", [0.2, 0.45, 0.9])
def test_classes_that_are_off_by_one_are_found(shift, accuracy):
    order = np.arange(1001) + shift
    found = better_reading(confusion(order % 1001, accuracy=accuracy, photos=2), numbers(1001))
    assert (found.order, found.shift) == ("shifted", shift)
    assert found.top1 == pytest.approx(accuracy, abs=0.06)


def test_one_photo_a_class_is_enough():
    order = (np.arange(1001) + 1) % 1001
    assert better_reading(confusion(order, accuracy=0.45, photos=1), numbers(1001)).shift == 1


def test_reversed_labels_are_found_also_of_two_classes():
    assert better_reading(confusion(range(9, -1, -1), accuracy=0.6), CIFAR10).order == "reversed"
    assert better_reading(confusion([1, 0], accuracy=0.8, photos=20), ["cat", "dog"]).order == "reversed"


def test_the_background_stays_first():
    names = ["background", *CIFAR10]
    assert better_reading(confusion([0, *range(10, 0, -1)], accuracy=0.7), names, 1).order == "reversed"


@pytest.mark.parametrize(
    ("names", "key", "order"),
    [
        (CIFAR10[5:] + CIFAR10[:5], str, "alphabetical"),
        (["Dog", "apple", "Cat", "bird"], str.casefold, "alphabetical"),
        ([str(index) for index in range(12)], str, "alphabetical"),  # Keras sorts folders 0, 1, 10, 11, 2
        (sorted(str(index) for index in range(12)), int, "numerical"),
    ],
)
def test_sorted_names_are_found(names, key, order):
    place = [sorted(names, key=key).index(name) for name in names]
    found = better_reading(confusion(place, accuracy=0.8, photos=20), names)
    assert (found.order, found.top1) == (order, pytest.approx(0.8, abs=0.1))


def test_imagenets_labels_that_someone_has_sorted_are_found():
    """Two names stand for two classes each; of these it cannot be told which is which."""
    usual = imagenet_labels()
    names = sorted(usual)
    place = [usual.index(name) for name in names]
    found = better_reading(confusion(place, accuracy=1.0, photos=1), names)
    assert (found.order, found.top1) == ("imagenet", pytest.approx(1.0, abs=0.003))


@pytest.mark.parametrize("classes", [8, 10, 20, 100])
@pytest.mark.parametrize("share", [0.4, 0.6, 0.8])
def test_a_bad_model_that_takes_each_class_mostly_for_one_other_is_no_other_order(classes, share):
    """The class that each is taken for is drawn, 60 times; by chance, some of them are those of a reading."""
    names = random.Random(0).sample(numbers(classes), classes)
    found = 0
    for seed in range(60):
        taken_for = np.random.default_rng(seed).integers(0, classes, classes)
        found += better_reading(confusion(taken_for, accuracy=share, photos=30, seed=seed), names) is not None
    assert found == 0


def test_of_few_classes_most_photos_must_be_right():
    """Of six reversed classes two or three are right, as a bad model's may be; or all of them, mostly."""
    names = CIFAR10[:6]
    assert better_reading(confusion([5, 4, 3, 0, 0, 1], accuracy=0.9, photos=30), names) is None
    assert better_reading(confusion(range(5, -1, -1), accuracy=0.55, photos=30), names).order == "reversed"


def test_classes_that_are_taken_for_others_without_photos_are_no_other_order():
    """Photos of two of ten classes are all taken for two that have no photos, such as cups for mugs."""
    order = [5, 6, 2, 3, 4]
    drawn = confusion([*order, *range(5, 10)], accuracy=0.9, photos=20)
    assert better_reading([pair for pair in drawn if pair[0] < 5], CIFAR10) is None


@pytest.mark.parametrize("accuracy", [0.0, 0.1, 0.3, 0.5, 0.9])
@pytest.mark.parametrize("classes", [2, 3, 10, 100])
@pytest.mark.parametrize("photos", [1, 3, 30])
def test_chance_is_no_other_order(accuracy, classes, photos):
    """Models that are right this often and else guess, drawn 40 times."""
    for seed in range(40):
        drawn = confusion(range(classes), accuracy=accuracy, photos=photos, seed=seed)
        assert better_reading(drawn, numbers(classes)) is None


def test_a_weak_model_that_takes_classes_for_their_neighbours_is_no_other_order():
    assert better_reading(confusion(range(1000), accuracy=0.2, neighbours=0.3), numbers(1000)) is None


@pytest.mark.parametrize("photos", [1, 10, 1000])
def test_a_model_that_always_gives_one_class_is_no_other_order(photos):
    for best in range(4):
        assert better_reading([[true, best, photos] for true in range(4)], list("abcd")) is None


def test_photos_of_one_class_that_are_all_taken_for_its_neighbour_are_no_other_order():
    assert better_reading([[281, 282, 50]], numbers(1000)) is None


def test_two_classes_of_which_one_is_taken_for_the_other_are_no_other_order():
    drawn = [[0, 1, 90], [0, 0, 10], [1, 1, 95], [1, 0, 5], *([index, index, 100] for index in range(2, 5))]
    assert better_reading(drawn, CIFAR10[:5]) is None
