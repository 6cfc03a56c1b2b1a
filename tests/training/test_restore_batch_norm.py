import keras
import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.contract.preprocessing import load_rgb, normalize, preprocess
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.tasks.classification import build_model, logits_model
from mobilenet_tf.training.batches import TrainingBatches
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.learner import KerasNetwork, Learner
from mobilenet_tf.training.restore_batch_norm import LEAST_DEVIATION, is_folded, restore_batch_norm
from mobilenet_tf.training.transfer import model_for
from mobilenet_tf.weights.load import load_weights, model_with
from tests.support.datasets import Pictures
from tests.support.networks import lively_model

RES = 96


@pytest.fixture(scope="module")
def images():
    return np.stack([preprocess(load_rgb(path), RES) for path in find_photos(bundled_photos()).paths[::2]])


@pytest.fixture(scope="module")
def folded():
    return model_with(load_weights("imagenet", alpha=0.25, res=RES))


@pytest.fixture(scope="module")
def restored(folded, images):
    """The same network with batch norm measured in two batches, of which the second is smaller."""
    model = copy_of(folded)
    restore_batch_norm(model, [images[:24], images[24:]])
    return model


def copy_of(model):
    copy = keras.models.clone_model(model)
    copy.set_weights(model.get_weights())
    return copy


def activations(model, images, *, training=False):
    """The outputs of all ReLU6 and the logits."""
    model = copy_of(model) if training else model  # training mode moves the statistics
    layers = [layer for layer in model.layers if isinstance(layer, keras.layers.ReLU)]
    every = keras.Model(model.inputs[0], [*(layer.output for layer in layers), model.layers[-2].output])
    return [np.asarray(x) for x in every(normalize(images), training=training)]


def test_published_weights_are_folded_and_trained_ones_are_not(folded, restored):
    assert is_folded(folded)
    assert not is_folded(restored)
    assert not is_folded(lively_model(np.random.default_rng(0)))
    assert is_folded(build_model(ModelSpec(alpha=0.25, res=32)))  # never trained


def test_the_function_is_unchanged(folded, restored, images):
    before, after = activations(folded, images), activations(restored, images)
    # What a batch norm adds is up to 20 here, so that a rounding is half of 2**-19. Each of the 27 makes four before
    # and four after (of gamma, beta, the scaled value and the sum), and passes on what came in: 108 of these ulps.
    # Measured: 52 of them in the ReLU6, 31 in the logits.
    ulps = 108 * 2**-19
    for one, other in zip(before[:-1], after[:-1], strict=True):
        np.testing.assert_allclose(other, one, atol=ulps)
    assert before[-1].max() > 5
    np.testing.assert_allclose(after[-1], before[-1], atol=ulps)
    assert (before[-1].argmax(1) == after[-1].argmax(1)).all()


def test_statistics_are_those_of_the_photos(restored, images):
    norms = [layer for layer in restored.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert len(norms) == 27
    for norm in (norms[0], norms[13], norms[26]):
        coming = np.asarray(keras.Model(restored.inputs[0], norm.input)(normalize(images)), np.float64)
        mean, deviation = coming.mean((0, 1, 2)), coming.std((0, 1, 2))
        # Each value has gone through up to 27 layers, and is off by some ulps of the largest of its kind.
        error = np.abs(np.asarray(norm.moving_mean) - mean)
        assert (error < 32 * 2**-23 * (deviation + np.abs(mean))).all()
        np.testing.assert_allclose(norm.moving_variance, deviation**2, rtol=32 * 2**-23)


def test_kernels_are_of_one_magnitude_then(folded, restored, images):
    """Every channel that lives comes with variance 1, whatever folding has made of its kernel."""
    for index, layer in enumerate(restored.layers):
        if isinstance(layer, keras.layers.BatchNormalization):
            coming = keras.Model(folded.inputs[0], folded.layers[index].input)(normalize(images))
            alive = np.asarray(coming).std((0, 1, 2)) > LEAST_DEVIATION
            assert alive.mean() > 0.5
            variance = np.asarray(layer.moving_variance)
            np.testing.assert_allclose(variance[alive], 1, rtol=32 * 2**-23)  # as above
            assert (variance <= 1 + 32 * 2**-23).all()


def test_in_training_mode_the_same_images_give_the_same_answers(folded, restored, images):
    inference, training = (activations(restored, images, training=mode)[-1] for mode in (False, True))
    # The batch's statistics are the measured ones, but sums of float32: five times the roundings above.
    np.testing.assert_allclose(training, inference, atol=500 * 2**-19)
    # Without them the network is another: this is what there is to restore.
    untouched = activations(folded, images, training=True)[-1]
    assert np.abs(untouched - inference).mean() > 1


def test_folding_it_again_gives_the_weights_back(folded, restored):
    for before, after in zip(graph_of(folded).nodes, graph_of(restored).nodes, strict=True):
        if before.kernel is not None:
            # Rounded to float32 are gamma, the variance (of which the root takes half), the kernel, and that folded.
            np.testing.assert_allclose(after.kernel, before.kernel, rtol=2 * 2**-23)
            np.testing.assert_allclose(after.bias, before.bias, atol=2**-19)  # of parts of up to 20, as above


def test_inverted_residuals_keep_their_answers_too(images):
    """MobileNet V2, whose linear bottlenecks and additions follow a batch norm without an activation."""
    few = images[:12, :64, :64]
    folded = model_with(load_weights("imagenet", arch="mobilenet_v2", alpha=1.0, res=64))
    restored = copy_of(folded)
    restore_batch_norm(restored, [few])
    assert is_folded(folded)
    assert not is_folded(restored)
    before, after, training = (
        np.asarray(keras.Model(model.inputs[0], model.layers[-2].output)(normalize(few), training=mode))
        for model, mode in ((folded, False), (restored, False), (restored, True))
    )
    # As above: 52 batch norms, each with four roundings before and four after, of values up to 64.
    assert np.abs(before).max() < 64
    np.testing.assert_allclose(after, before, atol=8 * 52 * 2**-18)
    np.testing.assert_allclose(training, before, atol=5 * 8 * 52 * 2**-18)  # and its sums are of float32
    assert (before.argmax(1) == after.argmax(1)).all()


def tiny(kernel):
    """A convolution of one pixel with `kernel` (channels,), its batch norm folded, ReLU6 and a classifier."""
    image = x = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(len(kernel), 1, use_bias=False)(x)
    x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization(name="norm")(x))
    x = keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, keras.layers.Softmax()(x))
    one = np.ones(len(kernel), np.float32)
    head = np.random.default_rng(0).normal(0, 1, (len(kernel), 2)).astype(np.float32)
    kernel = np.tile(np.float32(kernel), (1, 1, 3, 1))
    model.set_weights([kernel, one * np.float32(np.sqrt(1.001)), one * 0.1, one * 0, one, head, np.zeros(2)])
    return model


def test_a_dead_channel_is_survived():
    model = tiny([0.0, 0.5])
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (16, 8, 8, 3), dtype=np.uint8)
    x = normalize(images)
    before = np.asarray(model(x, training=False))
    restore_batch_norm(model, [images])
    gamma, beta, mean, variance = model.get_layer("norm").get_weights()
    assert (mean[0], variance[0]) == (0, 0)
    assert variance[1] > 0
    # Six roundings of values below 1.
    np.testing.assert_allclose(model(x, training=False), before, atol=6 * 2**-24)
    np.testing.assert_allclose(model(x, training=True), before, atol=1e-5)  # its variance is taken in float32
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(tf.math.log(model(x, training=True)[:, 0]))
    for gradient in tape.gradient(loss, model.trainable_variables):
        assert np.isfinite(gradient).all()
    assert beta[0] == np.float32(0.1)
    assert 0 < gamma[0] < 0.1  # sqrt(epsilon): what comes alive later is not blown up


def test_a_channel_of_one_large_value_has_no_negative_variance():
    model = tiny([1000.0, 0.5])
    images = np.full((4, 8, 8, 3), 255, np.uint8)
    restore_batch_norm(model, [images, images[:3]])
    for weight in model.get_layer("norm").get_weights():
        assert np.isfinite(weight).all()
    mean, variance = model.get_layer("norm").get_weights()[2:]
    # Divided by the least deviation, as the kernel is.
    np.testing.assert_allclose(mean, np.float32([3000, 1.5]) / LEAST_DEVIATION, rtol=2**-23)
    assert (variance >= 0).all()
    assert variance[0] < 1e-4  # sums of float64: an ulp of 3000**2, divided likewise


@pytest.mark.slow
def test_fine_tuning_in_training_mode_learns(images):
    """All of the bundled network, at a resolution of 32, on 16 photos told apart by chance."""
    photos = Pictures(list(images[:16]), (0, 1) * 8)
    keras.utils.set_random_seed(0)
    model = model_for(load_weights("imagenet", alpha=0.25, res=32), 2, keep_classifier=False)
    restore_batch_norm(model, [np.stack([preprocess(pixels, 32) for pixels in photos.pixels])])
    config = SizedConfig(transfer=True, epochs=12, freeze=0, batch_size=16)
    learner = Learner(KerasNetwork(model), config)
    batches = TrainingBatches(photos, config, 32, learner.strategy)
    losses = []
    for epoch in range(config.epochs):
        for batch, res in batches.batches_of_epoch(epoch, 0):
            losses.append(learner.step(batch, res=res, rate=0.01, decay=0.9, frozen=False)[0])
    assert np.isfinite(losses).all()
    # Sixteen photos by heart: far below the ln 2 of guessing, at about which it began.
    assert losses[0] > 0.4
    assert np.mean(losses[-3:]) < 0.3
    assert np.isfinite(np.asarray(logits_model(model)(normalize(images[:2, :32, :32]), training=False))).all()
