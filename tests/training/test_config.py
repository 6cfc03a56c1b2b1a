import json
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.training.config import (
    OPTIMIZERS,
    SizedConfig,
    TrainConfig,
    learning_rate,
    optimizer_of,
)
from mobilenet_tf.training.learner import decayed_kernels
from mobilenet_tf.training.recipes import FINE_TUNING, PAPER, RECIPES

STEPS = RECIPES[PAPER].steps
TRAINED_SHARE = RECIPES[PAPER].trained_share
SCRATCH = SizedConfig(epochs=20, freeze=0, rate=0.4, warmup=0)


def test_cosine_falls_from_the_peak_to_nothing():
    assert learning_rate(SCRATCH, 0) == 0.4
    assert learning_rate(SCRATCH, 10) == pytest.approx(0.2)
    assert learning_rate(SCRATCH, 5) == pytest.approx(0.4 * (1 + np.sqrt(0.5)) / 2)
    assert learning_rate(SCRATCH, 20) == pytest.approx(0)


def test_exponential_falls_by_6_percent_every_two_epochs():
    config = replace(SCRATCH, schedule="exponential")
    assert [learning_rate(config, epoch) for epoch in (0, 2, 4)] == pytest.approx([0.4, 0.4 * 0.94, 0.4 * 0.94**2])


@pytest.mark.parametrize("schedule", ["cosine", "exponential"])
def test_the_rate_rises_over_the_warm_up(schedule):
    config = replace(SCRATCH, schedule=schedule, warmup=2)
    plain = replace(config, warmup=0)
    assert 0 < learning_rate(config, 0) < 1e-3 * 0.4
    assert learning_rate(config, 1) == pytest.approx(learning_rate(plain, 1) / 2, rel=1e-2)
    assert learning_rate(config, 2) == learning_rate(plain, 2)
    rates = [learning_rate(config, epoch) for epoch in np.arange(0, 2, 0.1)]
    assert rates == sorted(rates)


def test_each_phase_of_a_transfer_warms_up_and_decays_by_itself():
    config = SizedConfig(transfer=True, epochs=20, freeze=5, rate=0.5 * TRAINED_SHARE, warmup=1)
    assert learning_rate(config, 4.999) < 1e-3  # the first phase ends at nothing
    assert learning_rate(config, 5) < 1e-3  # and the second begins there
    assert learning_rate(config, 2.5) == pytest.approx(0.25)
    assert learning_rate(config, 12.5) == pytest.approx(0.25 * TRAINED_SHARE)
    assert max(learning_rate(config, epoch) for epoch in np.arange(5, 20, 0.1)) < 0.5 * TRAINED_SHARE
    assert learning_rate(config, 20) == pytest.approx(0)


def test_the_default_is_the_papers_rate_and_a_fiftieth_for_trained_weights():
    scratch = SizedConfig(epochs=20, freeze=0, warmup=0)
    assert learning_rate(scratch, 0) == 0.045
    assert learning_rate(replace(scratch, transfer=True), 0) == pytest.approx(0.045 / 50)


def test_a_rate_that_is_given_is_the_one_that_trained_weights_see():
    config = SizedConfig(transfer=True, epochs=20, freeze=0, rate=0.06, warmup=0)
    assert learning_rate(config, 0) == 0.06


def test_a_run_that_is_frozen_to_its_end_decays_once():
    config = SizedConfig(transfer=True, epochs=4, freeze=4, rate=0.5, warmup=0)
    assert [learning_rate(config, epoch) for epoch in (0, 2)] == pytest.approx([0.5, 0.25])
    assert learning_rate(config, 3.99) < 1e-3


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", RECIPES)
def test_each_optimizer_has_a_rate_of_its_own(optimizer, name):
    recipe = RECIPES[name]
    config = SizedConfig(recipe=name, transfer=True, optimizer=optimizer, epochs=20, freeze=0, warmup=0)
    rate = recipe.rates[optimizer]
    assert learning_rate(config, 0) == pytest.approx(rate * recipe.trained_share)
    assert learning_rate(replace(config, freeze=2), 0) == pytest.approx(rate)
    assert learning_rate(replace(config, freeze=20), 0) == pytest.approx(rate)
    if name != FINE_TUNING:
        assert learning_rate(replace(config, transfer=False), 0) == rate


def test_the_recipe_for_fine_tuning_is_longer_and_freezes_nothing():
    steps = RECIPES[FINE_TUNING].steps
    config = TrainConfig(recipe=FINE_TUNING, transfer=True).sized(32 * steps // 20)
    assert (config.epochs, config.freeze) == (20, 0)
    assert replace(config, freeze=7).sized(1000).freeze == 7


@pytest.mark.parametrize(
    ("images", "epochs"),
    [
        (32 * STEPS, 10),  # all of them in one epoch, but no fewer than 10
        (32 * STEPS // 20, 20),
        (32 * STEPS // 20 + 31, 20),  # the last photos fill no batch
        (32 * STEPS // 20 - 1, -(-STEPS // (STEPS // 20 - 1))),  # a step less in each
        (40, 60),  # one step an epoch, but no more than 60
        (5, 60),
    ],
)
def test_a_transfer_takes_so_many_steps_or_10_to_60_epochs_half_frozen(images, epochs):
    config = TrainConfig(transfer=True).sized(images)
    assert (config.epochs, config.freeze) == (epochs, epochs // 2)
    assert config.batch_size == min(32, images)


def test_training_from_scratch_takes_60_epochs_none_frozen():
    config = TrainConfig().sized(50_000)
    assert (config.epochs, config.freeze) == (60, 0)


def test_what_is_given_is_kept_by_sizing():
    given = TrainConfig(transfer=True, epochs=3, freeze=1, batch_size=8)
    assert given.sized(100).as_json() == given.as_json()
    assert replace(given, freeze=0).sized(100).freeze == 0
    assert replace(given, freeze=None, epochs=9).sized(100).freeze == 4
    assert TrainConfig(transfer=True).sized(100).sized(100) == TrainConfig(transfer=True).sized(100)


def test_resolutions_of_an_epoch():
    assert TrainConfig().resolutions(160, 7) == (160,)
    assert TrainConfig(multi_res=(192, 128)).resolutions(160, 7) == (128, 160, 192)
    assert TrainConfig(multi_res=(160,)).resolutions(160, 7) == (160,)
    config = TrainConfig(start_res=((64, 2), (96, 1)), multi_res=(128,))
    assert [config.resolutions(160, epoch) for epoch in range(4)] == [(64,), (64,), (96,), (128, 160)]


def test_the_average_is_of_few_steps_at_first_and_where_the_resolution_changes():
    config = TrainConfig(ema=0.999, start_res=((64, 2), (96, 1)))
    for epoch in (0, 2, 3):  # the first at 64, at 96 and at the model's own
        assert [config.average_decay(epoch, step, 100) for step in (0, 90)] == [1 / 10, 91 / 100]
    assert config.average_decay(1, 90, 100) == 191 / 200
    assert config.average_decay(200, 0, 100) == 0.999


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 3, "freeze": 4}, r"--freeze <= --epochs; got 4 of 3"),
        ({"optimizer": "adam"}, r"rmsprop, sgd, adamw[\s\S]*got adam "),
        ({"recipe": FINE_TUNING}, r"--recipe fine-tuning is for trained weights"),
        ({"schedule": "linear"}, r"cosine, exponential; got rmsprop and linear"),
        ({"class_weights": "some"}, "class weights of auto or none; got some"),
        ({"multi_res": (100,)}, r"multiples of 32; got 100"),
        ({"multi_res": (0,)}, r"multiples of 32; got 0"),
        ({"start_res": ((64, 2), (90, 1))}, r"multiples of 32; got 90"),
        ({"epochs": 3, "start_res": ((64, 2), (96, 1))}, r"--start-res[\s\S]*got 3 of 3"),
    ],
)
def test_a_recipe_that_makes_no_run_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        TrainConfig(**options)


def test_more_frozen_epochs_than_the_photos_need_are_refused():
    with pytest.raises(InputError, match="got 11 of 10"):
        TrainConfig(transfer=True, freeze=11).sized(32 * 100)


def test_epochs_at_other_resolutions_that_leave_none_are_refused_when_their_number_is_known():
    config = TrainConfig(start_res=((64, 60),))
    with pytest.raises(InputError, match="got 60 of 60"):
        config.sized(1000)


def test_settings_can_be_kept_as_json():
    settings = TrainConfig(multi_res=(64,), start_res=((64, 2),)).as_json()
    assert json.loads(json.dumps(settings))["augmentation"] == {"min_crop": 0.5, "flip": True, "color": 0.1}
    assert set(settings) == set(TrainConfig.__dataclass_fields__)
    sized = TrainConfig(multi_res=(64,), start_res=((64, 2),)).sized(100).as_json()
    assert list(sized) == list(settings)  # a run folder of an earlier version has the same


@pytest.fixture(scope="module")
def model():
    return build_model(ModelSpec(alpha=0.25, res=32, classes=2))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_weight_decay_applies_to_all_kernels_except_depthwise_ones(model, name):
    """A step without a gradient: only what decays moves."""
    variables = model.trainable_variables
    for variable in variables:
        variable.assign(tf.ones_like(variable))
    optimizer = optimizer_of(TrainConfig(optimizer=name, weight_decay=0.5), variables, decayed_kernels(model))
    optimizer.learning_rate.assign(0.125)
    optimizer.apply([tf.zeros_like(variable) for variable in variables], variables)
    moved = {variable.path for variable in variables if (np.asarray(variable) != 1).any()}
    pointwise = {f"block{number}_pointwise/kernel" for number in range(1, 14)}
    assert moved == {"conv0/kernel", "classifier/kernel", *pointwise}
    for variable in variables:
        if variable.path in moved:
            assert (np.asarray(variable) == 1 - 0.5 * 0.125).all()  # exact in binary


def test_no_weight_decay_moves_nothing(model):
    variables = model.trainable_variables
    before = [np.asarray(variable) for variable in variables]
    optimizer = optimizer_of(TrainConfig(weight_decay=0), variables, decayed_kernels(model))
    optimizer.learning_rate.assign(0.125)
    optimizer.apply([tf.zeros_like(variable) for variable in variables], variables)
    for variable, expected in zip(variables, before, strict=True):
        np.testing.assert_array_equal(variable, expected)
