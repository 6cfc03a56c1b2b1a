"""Teachers that end in a layer without an activation: what suggests that they give logits, and what to do is right."""

import re

import keras
import numpy as np
import pytest

from mobilenet_tf.training.embeddings.teacher_end import linear_end
from mobilenet_tf.training.embeddings.teacher_file import read_teacher
from tests.support.commands import run_export
from tests.support.tflite_files import classifier, converted, features

LAYERS = keras.layers
IMAGES = np.random.default_rng(2).uniform(-1, 1, (3, 32, 32, 3)).astype(np.float32)


def ending_in(*layers):
    image = x = keras.Input((32, 32, 3))
    for layer in (LAYERS.Conv2D(6, 3, 2, activation="relu", name="trunk"), *layers):
        x = layer(x)
    return keras.Model(image, x)


POOL = LAYERS.GlobalAveragePooling2D


@pytest.mark.parametrize(
    ("layers", "classes", "reason"),
    [
        ((POOL(), LAYERS.Dense(1000)), 0, "1000 numbers without an activation, as many as ImageNet has classes:"),
        ((POOL(), LAYERS.Dense(7, name="predictions")), 0, 'of a layer called "predictions":'),
        # As MobileNet V1 of Keras Applications ends with classifier_activation=None.
        (
            (
                POOL(keepdims=True),
                LAYERS.Conv2D(7, 1, name="conv_preds"),
                LAYERS.Reshape((7,), name="reshape_2"),
                LAYERS.Activation("linear", name="act"),
            ),
            0,
            'of a layer called "conv_preds":',
        ),
        ((POOL(), LAYERS.Dense(7)), 7, "as many as the photos have classes:"),
        ((POOL(), LAYERS.Dense(7)), 5, None),
        ((POOL(), LAYERS.Dense(128, name="embedding")), 5, None),
        ((POOL(), LAYERS.Dense(7, name="logits"), LAYERS.BatchNormalization()), 7, None),
        ((POOL(), LAYERS.Dense(7, activation="tanh", name="logits")), 7, None),
        ((LAYERS.Conv2D(1000, 1), LAYERS.ReLU(), POOL(name="logits")), 0, None),
    ],
)
def test_logits_are_suspected_by_their_number_or_by_a_name(tmp_path, layers, classes, reason):
    model = ending_in(*layers)
    end = linear_end(model, tmp_path / "net.keras")
    note = end and end.note(model.output_shape[-1], classes)
    assert (note is not None) == (reason is not None)
    assert reason is None or reason in note


def test_names_of_classes_beside_the_file_tell(tmp_path):
    (tmp_path / "labels.txt").write_text("ant\nbee\ncat\ndog\n")
    classifier().save(tmp_path / "net.keras")
    teacher = read_teacher(str(tmp_path / "net.keras"))
    assert "as many as labels.txt beside it has lines" in teacher.linear_end.note(4, 0)


def test_what_a_keras_teacher_is_told_gives_its_features(tmp_path):
    image = keras.Input((32, 32, 3))
    x = features(image)
    model = keras.Model(image, LAYERS.Dense(5, name="logits")(x))
    model.save(tmp_path / "net.keras")
    note = read_teacher(str(tmp_path / "net.keras")).linear_end.note(5, 0)
    (cut,) = re.findall(r"save (keras\.Model\(.*\)) and give that", note)
    made = eval(cut, {"keras": keras, "model": model})
    np.testing.assert_array_equal(made(IMAGES), keras.Model(image, x)(IMAGES))


@pytest.mark.slow  # a real export
def test_what_a_tflite_teacher_is_told_gives_its_features(tmp_path):
    model = classifier()
    (tmp_path / "net.tflite").write_bytes(converted(model))
    (tmp_path / "names.txt").write_text("a\nb\nc\nd\n")
    teacher = read_teacher(str(tmp_path / "net.tflite"), "-1..1")
    (command,) = re.findall("mobilenet-export (--weights .* --task embedding)", teacher.linear_end.note(4, 4))
    given = command.replace("NAMES", str(tmp_path / "names.txt")).split()
    done = run_export(*given, "--input-range", "-1..1", "--quant", "float32", "--output-dir", tmp_path)
    assert done.exit_code == 0, done.output
    (file,) = tmp_path.glob("*/*float32.tflite")
    better = read_teacher(str(file))
    assert (better.dimensions, better.linear_end) == (6, None)
