import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model, logits_model
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.learner import KerasNetwork, Learner, decayed_kernels
from tests.support.networks import small_model

CLASSES, COUNT = 3, 12


@pytest.fixture(scope="module")
def images():
    """Coarse noise around a colour of each image's own."""
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 196, (COUNT, 1, 1, 3)) + rng.integers(0, 60, (COUNT, 8, 8, 3))
    return coarse.astype(np.uint8).repeat(4, 1).repeat(4, 2)


@pytest.fixture(scope="module")
def labels():
    return np.arange(COUNT) % CLASSES


def batch_of(images, labels):
    """The images as they are: views of all of the canvas, in their own colours."""
    boxes = np.tile(np.float32([0, 0, 1, 1]), (len(images), 1))
    return tuple(map(tf.constant, (images, boxes, np.ones((len(images), 3), np.float32), labels)))


def learner_of(model, teacher=None, **options):
    config = SizedConfig(batch_size=COUNT, optimizer="sgd", **options)
    return Learner(KerasNetwork(model), config, teacher=teacher)


def logits(model, images, *, training=False):
    return np.asarray(logits_model(model)(normalize(images), training=training), np.float64)


def log_softmax(x):
    return x - np.log(np.exp(x).sum(1, keepdims=True))


def arrays(variables):
    return [np.array(variable) for variable in variables]


def moved(model, before):
    """The names of the weights that are not as before."""
    return {w.path for w, old in zip(model.weights, before, strict=True) if (np.asarray(w) != old).any()}


def test_logits_are_those_of_the_model_at_any_resolution(images):
    model = small_model()
    shared = logits_model(model)
    output = np.asarray(model(normalize(images), training=False))
    np.testing.assert_allclose(np.exp(log_softmax(logits(model, images))), output, atol=8 * 2**-24)
    assert shared(np.zeros((2, 64, 96, 3), np.float32)).shape == (2, CLASSES)
    model.get_layer("classifier").bias.assign_add([1.0, 0.0, 0.0])
    changed = np.asarray(shared(normalize(images), training=False))
    assert (changed.argmax(1) == np.asarray(model(normalize(images), training=False)).argmax(1)).all()


def test_a_step_returns_the_loss_and_the_share_classified_correctly(images, labels):
    model = small_model()
    x = logits(model, images, training=True)
    model = small_model()  # training mode has moved its statistics
    loss, correct = learner_of(model).step(batch_of(images, labels), res=32, rate=0.0, decay=0.5, frozen=False)
    # Float32 logits of up to 8 or so, an ulp of which is 2**-21, summed over three classes.
    assert loss == pytest.approx(-log_softmax(x)[np.arange(COUNT), labels].mean(), abs=1e-5)
    assert correct == pytest.approx((x.argmax(1) == labels).mean())


def test_a_photo_counts_in_the_loss_as_its_class_does(images, labels):
    x = logits(small_model(), images, training=True)
    weights = np.array([0.5, 1.0, 3.0], np.float32)
    learner = Learner(KerasNetwork(small_model()), SizedConfig(batch_size=COUNT), class_weights=weights)
    loss, _ = learner.step(batch_of(images, labels), res=32, rate=0.0, decay=0.5, frozen=False)
    losses = -log_softmax(x)[np.arange(COUNT), labels]
    assert loss == pytest.approx((weights[labels] * losses).mean(), abs=1e-5)  # as above
    assert loss != pytest.approx(losses.mean(), abs=1e-2)


def test_steps_lower_the_loss(images, labels):
    learner = learner_of(small_model())
    batch = batch_of(images, labels)
    losses = [learner.step(batch, res=32, rate=0.05, decay=0.5, frozen=False)[0] for _ in range(40)]
    assert losses[-1] < 0.3 * losses[0]


def test_frozen_only_the_classifier_moves(images, labels):
    model = small_model()
    before = arrays(model.weights)
    learner = learner_of(model, weight_decay=0.1)
    for _ in range(3):
        learner.step(batch_of(images, labels), res=32, rate=0.1, decay=0.5, frozen=True)
    assert moved(model, before) == {"classifier/kernel", "classifier/bias"}
    learner.step(batch_of(images, labels), res=32, rate=0.1, decay=0.5, frozen=False)
    assert moved(model, before) == {weight.path for weight in model.weights}  # statistics of batch norm included


def test_frozen_the_loss_is_that_of_inference(images, labels):
    model = small_model()
    x = logits(model, images)
    loss, _ = learner_of(model).step(batch_of(images, labels), res=32, rate=0.0, decay=0.5, frozen=True)
    assert loss == pytest.approx(-log_softmax(x)[np.arange(COUNT), labels].mean(), abs=1e-5)  # as above


def test_each_resolution_is_trained_at_its_own(images, labels):
    model = small_model()
    shapes = []
    network = KerasNetwork(model)
    learner = Learner(network, SizedConfig(batch_size=COUNT))
    inner = network.logits

    def watched(image, *, training):
        shapes.append(image.shape[1:3].as_list())
        return inner(image, training=training)

    network.logits = watched
    for res in (32, 64, 32):
        learner.step(batch_of(images, labels), res=res, rate=0.01, decay=0.5, frozen=False)
    assert shapes == [[32, 32], [64, 64]]  # each is traced once


def test_the_average_follows_the_weights(images, labels):
    model = small_model()
    learner = learner_of(model)
    expected = arrays(model.variables)
    for decay in (0.9, 0.5, 0.99):
        learner.step(batch_of(images, labels), res=32, rate=0.1, decay=decay, frozen=False)
        expected = [
            decay * average + (1 - decay) * variable
            for average, variable in zip(expected, arrays(model.variables), strict=True)
        ]
    for average, value, variable in zip(learner.average, expected, model.variables, strict=True):
        # Three roundings a step of values up to the largest.
        np.testing.assert_allclose(average, value, atol=9 * 2**-24 * np.abs(value).max())
        assert (np.asarray(average) != np.asarray(variable)).any()


def test_without_decay_the_average_is_the_weights(images, labels):
    model = small_model()
    learner = learner_of(model)
    for _ in range(2):
        learner.step(batch_of(images, labels), res=32, rate=0.1, decay=0.0, frozen=False)
    for average, variable in zip(learner.average, model.variables, strict=True):
        # a - (a - w): a rounding of the difference.
        np.testing.assert_allclose(average, variable, atol=2**-23 * np.abs(variable).max())


def test_a_model_of_the_average_holds_it(images):
    network = KerasNetwork(small_model(0))
    other = small_model(1)
    made = network.model(arrays(other.variables))
    np.testing.assert_array_equal(made(normalize(images), training=False), other(normalize(images), training=False))
    assert network.model(arrays(network.variables)) is made


def soft_loss(model, teacher, images, temperature, *, training):
    """Mean over the images of T**2 times the cross entropy of both softmaxes at temperature T, and its least value."""
    soft = np.exp(log_softmax(logits(teacher, images) / temperature))
    student = log_softmax(logits(model, images, training=training) / temperature)
    scale = temperature**2 / len(images)
    return -scale * (soft * student).sum(), -scale * (soft * np.log(soft)).sum()


@pytest.mark.parametrize("temperature", [1.0, 4.0])
def test_all_of_the_loss_is_the_teachers_if_its_weight_is_1(images, labels, temperature):
    teacher = small_model(5)
    expected, _ = soft_loss(small_model(), teacher, images, temperature, training=True)
    losses = [
        learner_of(small_model(), teacher, teacher_weight=1.0, temperature=temperature).step(
            batch_of(images, given), res=32, rate=0.0, decay=0.5, frozen=False
        )[0]
        for given in (labels, labels[::-1].copy())
    ]
    # Ulps of logits of up to 8, as above, times the square of the temperature.
    assert losses[0] == pytest.approx(expected, abs=1e-5 * temperature**2)
    assert losses[0] == losses[1]  # the labels do not count


def test_part_of_the_loss_is_the_teachers(images, labels):
    teacher = small_model(5)
    soft, _ = soft_loss(small_model(), teacher, images, 2.0, training=True)
    hard = -log_softmax(logits(small_model(), images, training=True))[np.arange(COUNT), labels].mean()
    learner = learner_of(small_model(), teacher, teacher_weight=0.25, temperature=2.0)
    loss, _ = learner.step(batch_of(images, labels), res=32, rate=0.0, decay=0.5, frozen=False)
    assert loss == pytest.approx(0.75 * hard + 0.25 * soft, abs=4e-5)


def test_the_student_learns_the_teachers_predictions(images):
    """The labels are all of one class; the teacher tells three apart."""
    teacher, model = small_model(5), small_model()
    teacher.get_layer("classifier").bias.assign_sub(logits(teacher, images).mean(0).astype(np.float32))
    before = arrays(teacher.weights)
    answers = logits(teacher, images).argmax(1)
    assert len(set(answers)) > 1
    learner = learner_of(model, teacher, teacher_weight=1.0, temperature=2.0)
    batch = batch_of(images, np.zeros(COUNT, np.int64))
    losses = [learner.step(batch, res=32, rate=0.02, decay=0.5, frozen=False)[0] for _ in range(80)]
    _, least = soft_loss(model, teacher, images, 2.0, training=True)
    assert losses[-1] - least < 0.2 * (losses[0] - least)
    assert (logits(model, images, training=True).argmax(1) == answers).mean() > 0.9
    assert not moved(teacher, before)  # its batch norm included


def test_a_teacher_sees_the_view_at_its_own_resolution(images, labels):
    teacher = small_model(5, res=64)
    learner = learner_of(small_model(), teacher, teacher_weight=1.0)
    loss, _ = learner.step(batch_of(images, labels), res=32, rate=0.0, decay=0.5, frozen=False)
    enlarged = np.asarray(tf.image.resize(normalize(images), (64, 64)))
    soft = np.exp(log_softmax(np.asarray(logits_model(teacher)(enlarged, training=False), np.float64) / 4))
    student = log_softmax(logits(small_model(), images, training=True) / 4)
    # The enlarged image is the same up to 1e-3 levels (test_augmentation.py), the rest as above.
    assert loss == pytest.approx(-16 / COUNT * (soft * student).sum(), abs=1e-3)


def test_kernels_decay_by_the_kind_of_their_layer_whatever_its_name():
    """EffNet's depthwise layers are not named after their kind."""
    model = build_model(ModelSpec("effnet", 0.25, 32, 3))
    names = [f"block{number}_{part}/kernel" for number in (1, 2, 3) for part in ("reduce", "expand")]
    assert [kernel.path for kernel in decayed_kernels(model)] == [*names, "classifier/kernel"]
    trainable = {id(variable) for variable in model.trainable_variables}
    assert {id(kernel) for kernel in decayed_kernels(model)} < trainable
