import pytest

from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.time_left import WHOLE_NETWORK, TimeLeft


def run(time_left, epochs, steps, seconds, validation, start=0.0):
    """Report epochs of so many steps, of so many seconds each after a slow first one; what is left after each."""
    now, left = start, []
    for number in epochs:
        for step in range(steps):
            now += seconds + 50 * (step == 0)  # it is compiled
            time_left.step((number - 1 + (step + 1) / steps) / 4, now)
        now += validation
        left.append(time_left.epoch(number, now))
    return left


def test_the_rest_takes_as_long_as_the_epochs_so_far_without_what_was_compiled():
    config = SizedConfig(epochs=4, freeze=0, batch_size=8)
    # 10 steps of 2 seconds and 5 of validation: 25 seconds an epoch.
    assert run(TimeLeft(config, 96), range(1, 5), 10, 2.0, 5.0) == pytest.approx([75, 50, 25, 0])


def test_epochs_that_cost_more_are_counted_as_such():
    frozen = SizedConfig(epochs=4, freeze=2, batch_size=8)
    left = run(TimeLeft(frozen, 96), [1, 2, 3], 10, 2.0, 0.0)
    assert left == pytest.approx([20 + 40 * WHOLE_NETWORK, 40 * WHOLE_NETWORK, 20])
    smaller = SizedConfig(epochs=4, freeze=0, batch_size=8, start_res=((32, 3),))
    assert run(TimeLeft(smaller, 64), [3], 10, 2.0, 1.0) == pytest.approx([4 * 20 + 1])


def test_a_run_that_was_resumed_in_an_epoch_counts_the_steps_that_it_sees():
    time_left = TimeLeft(SizedConfig(epochs=4, freeze=0, batch_size=8), 96)
    for step in (8, 9, 10):
        time_left.step(step / 40, 2.0 * step)
    assert time_left.epoch(1, 25.0) == pytest.approx(3 * 25)


def test_of_a_single_step_nothing_is_known():
    time_left = TimeLeft(SizedConfig(epochs=4, freeze=0, batch_size=8), 96)
    time_left.step(0.25, 1.0)
    assert time_left.epoch(1, 2.0) is None
    time_left.step(0.25, 1.0)
    time_left.step(0.25, 2.0)  # the same again
    assert time_left.epoch(2, 3.0) is None
