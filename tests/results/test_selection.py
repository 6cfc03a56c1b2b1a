import dataclasses

import pytest

from mobilenet_tf.results.selection import by_photos, choose, pareto_front
from tests.support.results_sample import accuracy_of, grid, sample


def without_accuracy(results):
    return [dataclasses.replace(result, accuracy=None) for result in results]


def on_photos(name, top1, images, **changes):
    return sample(name, accuracy=accuracy_of(top1, images), **changes)


FAST = sample("fast", p50=1.0, top1=0.5, size=1_000_000)
MIDDLE = sample("middle", p50=2.0, top1=0.6, size=2_000_000)
BEATEN = sample("beaten", p50=2.5, top1=0.55, size=500_000)
GOOD = sample("good", p50=4.0, top1=0.7, size=4_000_000)
ALL = [GOOD, BEATEN, FAST, MIDDLE]


def test_the_front_is_what_no_other_beats_fastest_first():
    assert pareto_front(ALL) == [FAST, MIDDLE, GOOD]


def test_the_front_agrees_with_comparing_every_pair():
    def beats(a, b):
        no_worse = a.top1 >= b.top1 and a.latency_ms.p50 <= b.latency_ms.p50
        return no_worse and (a.top1 > b.top1 or a.latency_ms.p50 < b.latency_ms.p50)

    results = grid()
    expected = {b.name for b in results if not any(beats(a, b) for a in results)}
    assert {result.name for result in pareto_front(results)} == expected
    assert 0 < len(expected) < len(results)


def test_equals_are_both_on_the_front_and_one_slower_or_less_accurate_is_not():
    twin = dataclasses.replace(FAST, name="twin")
    slower = sample("slower", p50=1.5, top1=0.5)
    worse = sample("worse", p50=1.0, top1=0.4)
    assert pareto_front([worse, slower, twin, FAST]) == [twin, FAST]


def test_without_accuracy_there_is_no_front():
    assert pareto_front(without_accuracy(ALL)) == []


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, GOOD),
        ({"max_latency_ms": 3.0}, MIDDLE),
        ({"max_latency_ms": 2.0}, MIDDLE),  # the limit itself is within
        ({"max_size": 1_500_000}, BEATEN),
        ({"max_latency_ms": 3.0, "max_size": 1_500_000}, BEATEN),
        ({"min_accuracy": 0.5}, FAST),
        ({"min_accuracy": 0.55}, MIDDLE),
        ({"min_accuracy": 0.55, "max_latency_ms": 5.0}, GOOD),
        ({"min_accuracy": 0.55, "max_latency_ms": None, "max_size": None}, MIDDLE),
    ],
)
def test_the_most_accurate_within_the_limits_is_chosen(limits, expected):
    choice = choose(ALL, **limits)
    assert choice.result is expected
    assert expected.name in choice.reason


def test_of_equally_accurate_ones_the_faster_then_the_smaller():
    small, large = sample("small", p50=1.0, size=1000), sample("large", p50=1.0, size=2000)
    slow = sample("slow", p50=1.1, size=500)
    assert choose([large, slow, small]).result is small


def test_if_nothing_fits_the_reason_names_the_limits_and_the_nearest():
    choice = choose(ALL, max_latency_ms=1.9, min_accuracy=0.6)
    assert choice.result is None
    assert choice.reason == (
        "No model fits: 1.9 ms excludes 3 of 4; at least 60.0% top-1 excludes 2 of 4. The nearest is middle, with "
        "2.00 ms."
    )


def test_without_accuracy_it_takes_the_most_mult_adds_within_a_limit_and_says_so():
    results = without_accuracy(grid())
    choice = choose(results, max_latency_ms=3.0)
    fitting = [result for result in results if result.latency_ms.p50 <= 3.0]
    assert choice.result.model.mult_adds == max(result.model.mult_adds for result in fitting)
    assert f" has the most Mult-Adds of the {len(fitting)} models (out of 32) within 3 ms: " in choice.reason
    assert "No accuracy was measured" in choice.reason


def test_the_only_one_that_fits_is_not_called_the_best():
    choice = choose(ALL, max_latency_ms=1.0)
    figures = "50.0% top-1 (95% interval 45.6% to 54.4%, 500 photos), 1.00 ms, 1.00 MB."
    assert choice.reason == f"fast is the only one of 4 models within 1 ms: {figures}"
    assert choose([FAST], max_latency_ms=1.0).reason == f"fast is the only model, and within 1 ms: {figures}"
    assert choose([FAST]).reason == f"fast is the only model: {figures} No limit was given."


def test_without_accuracy_or_limit_it_takes_the_fastest():
    assert choose(without_accuracy(ALL)).result.name == "fast"


def test_networks_of_unknown_cost_are_chosen_by_speed():
    unknown = dataclasses.replace(FAST.model, mult_adds=None)
    results = [dataclasses.replace(result, model=unknown) for result in without_accuracy(ALL)]
    assert choose(results, max_latency_ms=3.0).result.name == "fast"


def test_a_minimum_accuracy_that_was_not_measured_chooses_nothing():
    choice = choose(without_accuracy(ALL), min_accuracy=0.5)
    assert choice.result is None
    assert "--images" in choice.reason


def test_those_without_accuracy_take_no_part_beside_those_with_it():
    choice = choose([FAST, *without_accuracy([GOOD])])
    assert choice.result is FAST
    assert "1 whose accuracy was not measured was left out" in choice.reason


def test_no_results_are_no_error():
    assert choose([]).result is None


def test_a_size_of_nothing_is_within_a_limit_of_nothing():
    empty = sample("empty", size=0)
    assert choose([empty, FAST], max_size=0).result is empty


def test_a_difference_within_chance_is_a_tie_that_the_faster_wins_and_the_reason_says_so():
    exact = on_photos("float32", 0.886, 240, p50=1.0, size=4_000_000)
    rounded = on_photos("int8", 0.882, 240, p50=0.5, size=1_000_000)
    choice = choose([exact, rounded])
    assert choice.result is rounded
    assert choice.reason == (
        "int8 is the fastest of 2 models: 88.2% top-1 (95% interval 83.5% to 91.7%, 240 photos), 0.50 ms, 1.00 MB. "
        "Both are equally accurate within chance: float32 has 88.6% top-1 on the same photos, and takes 1.00 ms. "
        "Only more photos can tell whether it is better. No limit was given."
    )


def test_the_same_difference_on_many_photos_is_none_of_chance():
    exact, rounded = on_photos("float32", 0.886, 50_000, p50=1.0), on_photos("int8", 0.876, 50_000, p50=0.5)
    choice = choose([exact, rounded])
    assert choice.result is exact
    assert choice.reason.startswith("float32 is the most accurate of 2 models: 88.6% top-1 (95% interval 88.3% to ")


def test_a_tie_is_one_with_the_best_and_not_with_the_next():
    """Each is within chance of its neighbour, but the third is worse than the first by more than that."""
    best, middle, third = (on_photos(f"net{n}", 0.9 - 0.01 * n, 400, p50=3.0 - n) for n in range(3))
    choice = choose([best, middle, third])
    assert choice.result is middle
    assert "net1 is the fastest of the 2 most accurate of 3 models" in choice.reason


def test_of_equally_fast_ones_within_chance_the_smaller_wins():
    large, small = on_photos("large", 0.89, 100, size=2000), on_photos("small", 0.87, 100, size=1000)
    assert choose([large, small]).result is small


def test_models_on_different_photos_are_not_compared():
    here = [on_photos("a", 0.7, 300, p50=2.0), on_photos("b", 0.8, 300, p50=1.0)]
    elsewhere = on_photos("easy", 0.99, 200, p50=0.5)
    choice = choose([*here, elsewhere])
    assert choice.result is here[1]
    assert choice.reason.startswith(
        "b is the most accurate of 2 models (1 more was measured on other photos and cannot be compared): 80.0% top-1"
    )
    assert "mobilenet-benchmark --images DIR measures all on the same photos." in choice.reason
    assert set(map(id, pareto_front([*here, elsewhere]))) == {id(here[1]), id(elsewhere)}
    assert [len(members) for members in by_photos([elsewhere, *here])] == [2, 1]


def test_of_models_that_no_other_shares_its_photos_with_none_is_chosen_but_by_an_accuracy_that_each_reaches():
    a, b = on_photos("a", 0.7, 300, p50=2.0), on_photos("b", 0.8, 200, p50=1.0)
    choice = choose([a, b])
    assert choice.result is None
    assert "was measured on other photos" in choice.reason
    assert choose([a, b], min_accuracy=0.6).result is b
    assert choose([a, b], min_accuracy=0.75).result is b
    assert choose([a, b], max_latency_ms=1.5).result is b


def test_another_preprocessing_rule_makes_other_photos_of_them():
    a, b = sample("a", p50=2.0), sample("b", preprocessing_sha256="ef" * 32)
    assert choose([a, b]).result is None


def test_a_limit_of_accuracy_alone_is_named_in_english():
    assert "of the 2 models (out of 4) with at least 60.0% top-1: " in choose(ALL, min_accuracy=0.6).reason


def test_two_trainings_of_one_folder_get_a_remedy_that_works():
    """Each was measured on what it was not trained on: measuring on the same folder again would change nothing."""
    results = []
    for name, images in (("a", 24), ("b", 25)):
        result = on_photos(name, 0.9, images)
        accuracy = dataclasses.replace(result.accuracy, seen=120, trained_left_out=120 - images)
        results.append(dataclasses.replace(result, accuracy=accuracy))
    reason = choose(results).reason
    assert "was measured on other photos of photos, those that it was not trained on" in reason
    assert "Train both with the same --seed, or give --images a folder that none was trained on." in reason
    assert "mobilenet-benchmark --images DIR" not in reason
    again = dataclasses.replace(results[0], name="c")
    assert "train them with the same --seed" in choose([*results, again]).reason
