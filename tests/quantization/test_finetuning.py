from dataclasses import replace

import keras
import numpy as np
import pytest

from mobilenet_tf.errors import OutputError
from mobilenet_tf.quantization import finetuning
from mobilenet_tf.quantization.correction import correct
from mobilenet_tf.quantization.finetuning import finetune
from mobilenet_tf.quantization.keras_graph import graph_of
from tests.support.networks import lively


class StoppedError(Exception):
    """Raised in the middle of a run."""


@pytest.fixture(scope="module")
def graph():
    """A network of four layers with weights."""
    image = x = keras.Input((24, 24, 3))
    x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization()(keras.layers.Conv2D(8, 3, 2)(x)))
    x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization()(keras.layers.DepthwiseConv2D(3, padding="same")(x)))
    x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization()(keras.layers.Conv2D(16, 1)(x)))
    x = keras.layers.Dense(10)(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, keras.layers.Softmax()(x))
    model.set_weights(lively(model, np.random.default_rng(0)))
    return graph_of(model)


@pytest.fixture(scope="module")
def images():
    coarse = np.random.default_rng(1).integers(0, 256, (40, 6, 6, 3), dtype=np.uint8)
    return coarse.repeat(4, 1).repeat(4, 2)


@pytest.fixture(scope="module")
def damaged(graph, images):
    """A quantized network with something to learn: the classifier's biases are wrong."""
    quantized = correct(graph, images)
    last = quantized.layers[-1]
    noise = np.random.default_rng(2).normal(0, 0.3, last.bias.shape).astype(np.float32)
    return replace(quantized, layers=(*quantized.layers[:-1], replace(last, bias=last.bias + noise)))


def test_it_learns_from_the_float_network_what_was_lost(graph, damaged, images):
    tuned = finetune(damaged, graph, images, range(40), rounds=4)
    assert tuned.gained
    assert tuned.after < 0.8 * tuned.before
    assert [layer.kernel.dtype for layer in tuned.quantized.layers] == [np.int8] * 4
    assert all(
        layer.scale.shape == old.scale.shape for layer, old in zip(tuned.quantized.layers, damaged.layers, strict=True)
    )


def test_scales_are_learned(graph, images):
    """The last layer's scales are too small by 1 %: more than its levels alone can make up for."""
    start = correct(graph, images)
    last = start.layers[-1]
    wrong = replace(start, layers=(*start.layers[:-1], replace(last, scale=last.scale * np.float32(0.97))))
    tuned = finetune(wrong, graph, images, range(40), rounds=4)
    assert tuned.gained
    assert (tuned.quantized.layers[-1].scale > wrong.layers[-1].scale).mean() > 0.5


def test_it_stops_early_if_the_held_back_photos_do_not_gain(graph, images, monkeypatch):
    monkeypatch.setattr(finetuning, "RATE", 50.0)  # far too high: every state is worse than the first
    shares = []
    finetune(
        correct(graph, images), graph, images, range(40), rounds=10, on_progress=lambda _, share: shares.append(share)
    )
    assert max(shares) < 0.2


def test_a_state_that_gains_nothing_is_not_kept(graph, images, monkeypatch):
    monkeypatch.setattr(finetuning, "RATE", 50.0)  # far too high: every state is worse than the first
    start = correct(graph, images)
    tuned = finetune(start, graph, images, range(40), rounds=2)
    assert not tuned.gained
    assert tuned.quantized is start


def test_an_interrupted_run_continues_where_it_was(graph, damaged, images, tmp_path):
    def stop(_, share):
        if share > 0.7:  # after the second of three rounds
            raise StoppedError

    whole = finetune(damaged, graph, images, range(40), rounds=3)
    checkpoint = tmp_path / "deep" / "state.npz"
    with pytest.raises(StoppedError):
        finetune(damaged, graph, images, range(40), rounds=3, checkpoint=checkpoint, on_progress=stop)
    assert checkpoint.exists()
    shares = []
    resumed = finetune(
        damaged,
        graph,
        images,
        range(40),
        rounds=3,
        checkpoint=checkpoint,
        on_progress=lambda _, share: shares.append(share),
    )
    assert min(shares) == pytest.approx(2 / 3)
    assert not list(tmp_path.rglob("*.npz"))
    for a, b in zip(whole.quantized.layers, resumed.quantized.layers, strict=True):
        np.testing.assert_array_equal(a.kernel, b.kernel)
        # Sums of gradients may be taken in another order, which is an ulp or two of the bias in each step.
        np.testing.assert_allclose(a.bias, b.bias, atol=1e-4)


def test_a_checkpoint_of_other_photos_is_not_used(graph, damaged, images, tmp_path):
    def stop(_, share):
        if share > 0.5:
            raise StoppedError

    checkpoint = tmp_path / "state.npz"
    with pytest.raises(StoppedError):
        finetune(damaged, graph, images, range(40), rounds=2, checkpoint=checkpoint, on_progress=stop)
    shares = []
    finetune(
        damaged,
        graph,
        images[::-1].copy(),
        range(40),
        rounds=2,
        checkpoint=checkpoint,
        on_progress=lambda _, share: shares.append(share),
    )
    assert min(shares) == 0


def test_a_broken_checkpoint_is_named(graph, damaged, images, tmp_path):
    checkpoint = tmp_path / "state.npz"
    checkpoint.write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(OutputError, match=r"state\.npz[\s\S]*Delete it"):
        finetune(damaged, graph, images, range(40), rounds=1, checkpoint=checkpoint)


def test_views_of_one_photo_are_on_one_side():
    photos = [*range(10), *range(10)]
    assert finetuning._held_back(photos).tolist() == ([False] * 7 + [True] * 3) * 2
