import os
from dataclasses import replace

import numpy as np
import pytest

from mobilenet_tf.contract.labels import CIFAR10_CLASSES, imagenet_labels
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import LabelsError
from mobilenet_tf.training.kept_models import save_model
from mobilenet_tf.weights.class_names import labels_beside, labels_for, run_with_classes
from mobilenet_tf.weights.load import Weights, load_weights
from tests.support.networks import lively_model


@pytest.fixture(scope="module")
def imagenet():
    return load_weights("imagenet", alpha=0.25)


def written(tmp_path, count):
    path = tmp_path / "labels.txt"
    path.write_text("".join(f"thing {i}\n" for i in range(count)))
    return path


def test_bundled_weights_have_the_names_of_their_classes(imagenet):
    assert labels_for(imagenet, None) == (imagenet_labels(), None)
    assert labels_for(load_weights("cifar10", alpha=0.25), None) == (list(CIFAR10_CLASSES), None)


@pytest.mark.parametrize(
    ("count", "hint"),
    [(1001, "begin with the background row"), (999, "put `background` first"), (10, "trained with")],
)
def test_a_file_of_the_wrong_length_says_both_numbers(imagenet, tmp_path, count, hint):
    with pytest.raises(LabelsError, match=rf"expected 1000 labels[\s\S]*has {count}[\s\S]*{hint}"):
        labels_for(imagenet, written(tmp_path, count))


def test_a_file_of_the_right_length_names_the_classes(imagenet, tmp_path):
    labels, note = labels_for(imagenet, written(tmp_path, 1000))
    assert (labels[0], labels[999], note) == ("thing 0", "thing 999", None)


def test_other_classes_without_a_file_are_numbered_and_it_is_said():
    labels, note = labels_for(load_weights("random", alpha=0.25, res=32, classes=3), None)
    assert labels == ["class 0", "class 1", "class 2"]
    assert "--labels" in note


def test_numbers_before_the_labels_are_left_out_unless_a_run_of_ours_wrote_them(tmp_path):
    weights = load_weights("random", alpha=0.25, res=32, classes=2)
    file = tmp_path / "labels.txt"
    file.write_text("1 person\n2 people\n")
    labels, note = labels_for(weights, file)
    assert labels == ["person", "people"]
    assert note.endswith("are left out of the labels: '1 person' is 'person'.")
    trained = replace(weights, split=Split("crowds", 1, frozenset(), frozenset()))
    assert labels_for(trained, file) == (["1 person", "2 people"], None)


def test_a_run_of_ours_keeps_the_labels_inside_its_weights(tmp_path):
    """best.keras that is copied without its folder still names its classes; labels.txt beside it goes first."""
    split = Split("pets", 1, frozenset(), frozenset(), classes=("a", "b"))
    save_model(lively_model(np.random.default_rng(1), res=32, classes=2), tmp_path / "best.keras", split)
    weights = load_weights(str(tmp_path / "best.keras"))
    assert labels_for(weights, None) == (["a", "b"], None)
    file = tmp_path / "labels.txt"
    file.write_text("c\nd\n")
    assert labels_for(weights, file) == (["c", "d"], None)


def test_the_background_row_comes_first(shared):
    weights = load_weights(str(shared / "weights" / "mobilenet_v1_0.25_128_quant.tflite"))
    labels, _ = labels_for(weights, None)
    assert labels == ["background", *imagenet_labels()]


def test_labels_beside_a_file_are_those_of_its_folder(imagenet, tmp_path):
    source = str(tmp_path / "best.keras")
    from_file = Weights("file", imagenet.spec, imagenet.arrays)
    assert labels_beside(from_file, source) is None
    path = written(tmp_path, 3)
    assert labels_beside(from_file, source) == path
    assert labels_beside(imagenet, source) is None  # bundled weights have no folder of their own


def test_the_run_that_was_probably_meant_is_found(tmp_path):
    for age, (run, labels) in enumerate({"new": "cat\ndog", "old": "dog\ncat", "other": "cat\nbird"}.items()):
        (tmp_path / run).mkdir()
        (tmp_path / run / "labels.txt").write_text(labels)
        (tmp_path / run / "best.keras").touch()
        os.utime(tmp_path / run / "best.keras", (1000 - age, 1000 - age))
    assert run_with_classes(tmp_path, ["Dog", "cat"]) == tmp_path / "new" / "best.keras"
    assert run_with_classes(tmp_path, ["cat"]) is None
    assert run_with_classes(tmp_path / "none", ["cat"]) is None
    (tmp_path / "new" / "labels.txt").write_bytes(b"\xff")
    assert run_with_classes(tmp_path, ["dog", "cat"]) == tmp_path / "old" / "best.keras"
