from dataclasses import replace

import keras
import numpy as np
import pytest

from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.contract.preprocessing import preprocess
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.evaluation import EvaluationImages, top1_of_model
from mobilenet_tf.training.restore_batch_norm import is_folded
from mobilenet_tf.training.transfer import (
    SAMPLE_PHOTOS,
    has_same_classes,
    model_for,
    restore_folded_batch_norm,
    sample_photos,
    set_batch_norm_momentum,
    start_classifier,
)
from mobilenet_tf.weights.load import Weights, load_weights
from tests.support.datasets import Pictures
from tests.support.networks import small_model


@pytest.fixture(scope="module")
def imagenet():
    return load_weights("imagenet", alpha=0.25, res=32)


@pytest.fixture(scope="module")
def pets(imagenet):
    """Weights as of a file of this project's that tells three classes apart."""
    spec = replace(imagenet.spec, classes=3)
    rows = [imagenet.arrays[-2][:, :3], imagenet.arrays[-1][:3]]
    return Weights("file", spec, [*imagenet.arrays[:-2], *rows])


def test_the_classifier_is_kept_for_the_same_classes(pets):
    model = model_for(pets, 3, keep_classifier=True)
    for weight, expected in zip(model.get_weights(), pets.arrays, strict=True):
        np.testing.assert_array_equal(weight, expected)


@pytest.mark.parametrize("classes", [3, 5])
def test_the_classifier_is_new_for_other_classes(pets, classes):
    model = model_for(pets, classes, keep_classifier=False)
    assert model.output_shape == (None, classes)
    *trunk, kernel, bias = model.get_weights()
    for weight, expected in zip(trunk, pets.arrays[:-2], strict=True):
        np.testing.assert_array_equal(weight, expected)
    assert (bias == 0).all()
    assert np.unique(kernel).size > kernel.size / 2
    assert not np.isin(kernel, pets.arrays[-2]).any()


def test_labels_beside_the_file_say_whether_the_classes_are_the_same(pets, tmp_path):
    file = str(tmp_path / "best.keras")
    assert not has_same_classes(pets, file, ("cat", "dog", "emu"))  # nothing says so
    (tmp_path / "labels.txt").write_text("cat\ndog\nemu\n")
    assert has_same_classes(pets, file, ("cat", "dog", "emu"))
    assert not has_same_classes(pets, file, ("dog", "cat", "emu"))
    assert not has_same_classes(pets, file, ("cat", "dog"))
    for listed in ("0 cat\n1 dog\n2 emu\n", "1: cat\n2: dog\n3: emu\n"):  # as other programs number them
        (tmp_path / "labels.txt").write_text(listed)
        assert has_same_classes(pets, file, ("cat", "dog", "emu"))
        assert has_same_classes(pets, file, tuple(listed.splitlines()))
        assert not has_same_classes(pets, file, ("dog", "cat", "emu"))


def test_imagenets_weights_are_kept_for_imagenets_classes(imagenet, tmp_path, monkeypatch):
    classes = tuple(imagenet_labels())
    assert has_same_classes(imagenet, "imagenet", classes)
    assert not has_same_classes(imagenet, "imagenet", classes[::-1])
    assert not has_same_classes(replace(imagenet, background=True), "imagenet", classes)
    monkeypatch.chdir(tmp_path)  # a file that happens to lie where the command runs is not the weights'
    (tmp_path / "labels.txt").write_text("cat\ndog\n")
    assert not has_same_classes(imagenet, "imagenet", ("cat", "dog"))


@pytest.mark.parametrize(
    ("epochs", "momentum"),
    [(1, 0.8), (5, 0.8), (10, 0.9), (50, 0.98), (1000, 0.99)],  # of ten steps each
)
def test_moving_statistics_span_a_tenth_of_the_run_but_5_to_100_steps(epochs, momentum):
    model = small_model()
    set_batch_norm_momentum(model, SizedConfig(epochs=epochs, freeze=0, batch_size=4), 43)
    norms = [layer for layer in model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert [norm.momentum for norm in norms] == pytest.approx([momentum] * 2)


def test_folded_batch_norm_is_measured_on_photos_of_the_whole_set():
    """More photos than are measured: dark ones first, then bright ones."""
    half = SAMPLE_PHOTOS
    tones = [np.full((8, 8, 3), value, np.uint8) for value in (0, 255)]
    photos = Pictures([tones[0]] * half + [tones[1]] * half)
    model = small_model()
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.set_weights([*layer.get_weights()[:2], *(np.full(layer.gamma.shape, v) for v in (0, 1))])
    assert is_folded(model)
    restore_folded_batch_norm(model, EvaluationImages(sample_photos(photos), 32))
    assert not is_folded(model)
    norm, kernel = model.get_layer("conv0_bn"), np.asarray(model.get_layer("conv0").kernel)
    # Pixels are -1 and 1 in equal parts: the mean is 0, the variance the square of the kernel's sum.
    sums = kernel.sum((0, 1, 2))
    np.testing.assert_allclose(norm.moving_mean, 0, atol=1e-5)
    np.testing.assert_allclose(norm.moving_variance, sums**2, rtol=1e-5)


def test_batch_norm_that_is_there_is_left_alone():
    model = small_model()
    before = model.get_weights()
    photos = Pictures([preprocess(np.zeros((9, 9, 3), np.uint8), 32)])
    restore_folded_batch_norm(model, EvaluationImages(sample_photos(photos), 32))
    for weight, expected in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(weight, expected)


def test_a_network_to_train_has_the_resolution_of_its_spec(imagenet):
    assert model_for(imagenet, 2, keep_classifier=False).input_shape == (None, 32, 32, 3)
    assert imagenet.spec == ModelSpec(alpha=0.25, res=32)


def test_the_classifier_starts_as_a_linear_probe_on_the_features_of_the_network():
    """Dark photos and bright ones, which features of random kernels tell apart."""
    rng = np.random.default_rng(0)
    tones = [np.full((32, 32, 3), 60 + 120 * (index % 2), np.uint8) for index in range(20)]
    photos = Pictures([tone + rng.integers(0, 20, tone.shape, np.uint8) for tone in tones], (0, 1) * 10)
    model = small_model(classes=2)
    before = model.get_weights()[:-2]
    tasks = []
    probe = start_classifier(
        model, EvaluationImages(sample_photos(photos), 32), 0, on_progress=lambda task, _: tasks.append(task)
    )
    assert (probe.right, probe.held_out) == (4, 4)  # a fifth of each class
    for weight, expected in zip(model.get_weights()[:-2], before, strict=True):
        np.testing.assert_array_equal(weight, expected)
    for weight, expected in zip(model.get_weights()[-2:], (probe.kernel, probe.bias), strict=True):
        np.testing.assert_array_equal(weight, expected)
    assert top1_of_model(model, EvaluationImages(sample_photos(photos), 32)) == 1
    assert "computing features: 20 of 20 photos" in tasks


def test_what_judges_the_linear_probe_has_no_copy_in_what_it_is_fitted_to():
    """Ten pictures in two copies each, whose classes nothing tells: only a copy on the other side would say them."""
    rng = np.random.default_rng(1)
    tones = rng.integers(0, 200, (10, 32, 32, 3))
    copies = [np.clip(tone + rng.integers(0, 2, tone.shape), 0, 255).astype(np.uint8) for tone in tones for _ in "ab"]
    photos = Pictures(copies, tuple(np.repeat([0, 1, 1, 0, 1, 0, 0, 1, 0, 1], 2).tolist()))
    images, groups = EvaluationImages(photos, 32), np.repeat(np.arange(10), 2)
    rights = {}
    for name, known in {"apart": None, "together": groups}.items():
        probes = [start_classifier(small_model(classes=2), images, seed, groups=known) for seed in range(4)]
        rights[name] = sum(probe.right for probe in probes)
        assert {probe.held_out for probe in probes} == {4}
    assert rights["apart"] > rights["together"]


def test_the_linear_probe_counts_photos_as_the_loss_does():
    """One picture is nine times in one class and once in the other: weights that make up for it make both even."""
    images = EvaluationImages(Pictures([np.full((32, 32, 3), 90, np.uint8)] * 10, (0,) * 9 + (1,)), 32)
    for weights, odds in ((None, 9), (np.array([10 / 18, 5], np.float32), 1)):
        probe = start_classifier(small_model(classes=2), images, 0, class_weights=weights)
        # 200 steps bring the bias, which is not regularized, to its minimum but for a thousandth.
        assert np.exp(probe.bias[0] - probe.bias[1]) == pytest.approx(odds, rel=0.02)
