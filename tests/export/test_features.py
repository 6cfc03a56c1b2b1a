"""Features of an image are no classes: a model without its last layer is refused with the truth."""

import keras
import pytest

from mobilenet_tf.contract.manifest import Manifest
from tests.support.commands import run_export

LAYERS = keras.layers


def refused(tmp_path, model, labels):
    model.save(tmp_path / "net.keras")
    options = ()
    if labels:
        (tmp_path / "labels.txt").write_text("".join(f"class {index}\n" for index in range(labels)))
        options = ("--labels", tmp_path / "labels.txt")
    out = tmp_path / "out"
    done = run_export("--weights", tmp_path / "net.keras", "--input-range", "-1..1", *options, "--output-dir", out)
    assert not out.exists()
    return done


@pytest.mark.parametrize("labels", [0, 3])
def test_features_are_refused_with_the_truth_if_no_labels_or_others_are_given(labels, tmp_path):
    image = keras.Input((16, 16, 3))
    x = LAYERS.GlobalAveragePooling2D()(LAYERS.ReLU(6)(LAYERS.Conv2D(8, 3)(image)))
    done = refused(tmp_path, keras.Model(image, x), labels)
    assert done.exit_code == 2
    assert "its 8 outputs are features of an image, and no scores of classes" in done.output
    assert "If they are its 8 classes, give --labels with as many names." in done.output


def test_features_of_as_many_as_the_labels_are_exported_as_classes_which_is_said(tmp_path):
    image = keras.Input((16, 16, 3))
    x = LAYERS.GlobalAveragePooling2D()(LAYERS.ReLU(6)(LAYERS.Conv2D(8, 3)(image)))
    keras.Model(image, x).save(tmp_path / "net.keras")
    (tmp_path / "labels.txt").write_text("".join(f"class {index}\n" for index in range(8)))
    options = ("--labels", tmp_path / "labels.txt", "--min-agreement", "0.5", "--output-dir", tmp_path / "out")
    done = run_export("--weights", tmp_path / "net.keras", "--input-range", "-1..1", *options)
    assert done.exit_code == 0, done.output
    said = Manifest.read(tmp_path / "out" / "net_r16" / "manifest.json").notes
    assert any(
        "It ends in MEAN, as features do too: its 8 outputs are taken for the logits of classes" in x for x in said
    )
