"""Top-1 no better than chance: a doubt, which says what is probably wrong."""

import dataclasses
from pathlib import Path

import pytest

from mobilenet_tf.benchmark.accuracy_notes import doubts_of
from mobilenet_tf.benchmark.class_names import ClassNames
from mobilenet_tf.benchmark.labelled_photos import LabelledPhotos
from tests.support.results_sample import accuracy_of


def doubts(confusion, classes):
    """The doubts about an accuracy with these [true class, answer, photos]."""
    images = sum(count for _, _, count in confusion)
    right = sum(count for true, answer, count in confusion if true == answer)
    accuracy = dataclasses.replace(accuracy_of(right / images, images), confusion=confusion)
    names = ClassNames([f"name {index:04d}" for index in range(classes)])
    return doubts_of(accuracy, LabelledPhotos(Path("photos"), [], [], [], names, seen=images))


def test_none_of_150_photos_right_is_no_better_than_chance():
    (doubt,) = doubts([[index, 997 * (index + 7) % 1001, 1] for index in range(150)], 1001)
    assert doubt == (
        "top-1 is 0.0%, no better than chance among 1001 classes: the labels or the photos' classes are probably in "
        "another order or of another model."
    )


def test_one_answer_to_every_photo_has_other_causes():
    (doubt,) = doubts([[index, 3, 10] for index in range(10)], 10)
    assert doubt.startswith(
        "top-1 is 10.0%, no better than chance among 10 classes: it gives nearly all photos the same"
    )


@pytest.mark.parametrize(
    "confusion",
    [
        [[0, 0, 6], [1, 0, 4]],  # too few photos to tell
        [[0, 0, 15], [0, 1, 5], [1, 1, 9], [1, 0, 11]],  # not good, yet a better model may be behind it
        [[0, 0, 80], [1, 0, 20]],
    ],
)
def test_few_photos_or_a_better_accuracy_are_no_such_doubt(confusion):
    assert doubts(confusion, 2) == []
