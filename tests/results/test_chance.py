import dataclasses
import math
import random

import pytest

from mobilenet_tf.results import score
from mobilenet_tf.results.chance import shown_top5, wilson_interval
from tests.support.results_sample import accuracy_of, sample


def differs_by_chance(one, other):
    return score.differs_by_chance(score.score_of_accuracy(one), score.score_of_accuracy(other))


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [
        # Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_that_of_the_literature(right, count, low, high):
    assert wilson_interval(right / count, count) == pytest.approx((low, high), abs=6e-5)


def test_its_ends_are_the_shares_from_which_the_observed_one_is_just_not_surprising():
    for share in wilson_interval(0.7, 50):
        assert abs(0.7 - share) == pytest.approx(1.959964 * math.sqrt(share * (1 - share) / 50))


@pytest.mark.parametrize(("share", "count"), [(0.0, 0), (0.3, -1), (1.0, 1), (0.0, 1), (7.5, 10), (-2.0, 10)])
def test_it_stays_within_0_and_1_whatever_a_file_says(share, count):
    low, high = wilson_interval(share, count)
    assert 0 <= low < high <= 1


def test_it_holds_the_true_share_19_times_of_20():
    draws = random.Random(0)
    shares = [sum(draws.random() < 0.88 for _ in range(240)) / 240 for _ in range(2000)]
    held = sum(low <= 0.88 <= high for low, high in (wilson_interval(share, 240) for share in shares))
    assert 0.93 < held / 2000 < 0.97


@pytest.mark.parametrize(
    ("one", "other", "images", "tie"),
    [
        (0.882, 0.882, 240, True),
        (0.882, 0.882, 10**6, True),
        (0.90, 0.86, 240, True),
        (0.90, 0.80, 240, False),
        (0.90, 0.86, 2000, False),
        (1.0, 0.0, 1, True),  # one photo: the interval begins at -0.12
        (1.0, 0.0, 2, False),
    ],
)
def test_a_tie_depends_on_the_photos_and_not_on_the_order(one, other, images, tie):
    a, b = shares_alone(one, images), shares_alone(other, images)
    assert differs_by_chance(a, b) is differs_by_chance(b, a) is tie


def shares_alone(top1, images):
    """As files of before hold it: no answers."""
    return dataclasses.replace(accuracy_of(top1, images), answers="")


def with_answers(answers):
    return dataclasses.replace(accuracy_of(answers.count("1") / len(answers), len(answers)), answers=answers)


@pytest.mark.parametrize(
    ("only_one", "only_other", "tie"),
    [
        (0, 0, True),
        (5, 0, True),  # p = 0.0625
        (6, 0, False),  # p = 0.03125
        (9, 2, True),  # p = 0.0654
        (10, 2, False),  # p = 0.0386
        (500, 440, True),  # p = 0.054
        (1100, 1000, False),  # z = 2.18
        (1100, 1030, True),  # z = 1.52
    ],
)
def test_the_answers_to_the_same_photos_tell_more_than_the_shares(only_one, only_other, tie):
    both, neither = "1" * 300 + "-" * 2, "0" * 30
    one = with_answers(both + "1" * only_one + "0" * only_other + neither)
    other = with_answers(both + "0" * only_one + "1" * only_other + neither)
    assert differs_by_chance(one, other) is differs_by_chance(other, one) is tie


def test_a_photo_that_one_could_not_read_tells_nothing():
    assert differs_by_chance(with_answers("1" * 20), with_answers("-" * 15 + "1" * 5))


def test_answers_to_another_number_of_photos_are_not_compared_one_by_one():
    assert differs_by_chance(with_answers("1" * 6 + "0" * 4), with_answers("0" * 6 + "1" * 5))


def test_newcombes_example():
    """His table II, example a: 56 of 70 and 48 of 80 differ by 0.2, of which his method 10 gives 0.0524 to 0.3339."""
    (l1, _), (_, u2) = wilson_interval(0.8, 70), wilson_interval(0.6, 80)
    assert 0.2 - math.sqrt((0.8 - l1) ** 2 + (u2 - 0.6) ** 2) == pytest.approx(0.0524, abs=6e-5)
    better, worse = shares_alone(0.8, 70), shares_alone(0.6, 80)
    assert not differs_by_chance(better, worse)
    assert differs_by_chance(dataclasses.replace(better, top1=0.8 - 0.06), worse)


def test_the_interval_is_read_in_percent():
    assert score.score_of_accuracy(accuracy_of(0.882, 240)).interval_text == "83.5% to 91.7%"
    assert score.score_of_accuracy(accuracy_of(0.5, 100)).interval == wilson_interval(0.5, 100)


@pytest.mark.parametrize(("classes", "shown"), [(1, None), (6, None), (9, None), (10, 0.8), (1000, 0.8)])
def test_top5_of_fewer_than_ten_classes_is_not_shown(classes, shown):
    result = sample()
    result = dataclasses.replace(result, model=dataclasses.replace(result.model, classes=classes))
    assert shown_top5(result) == (shown and pytest.approx(shown))
    assert shown_top5(dataclasses.replace(result, accuracy=None)) is None
