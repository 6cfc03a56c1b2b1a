"""Files that crash an interpreter, keep it busy for ever or fill the memory, in mobilenet-classify."""

import numpy as np
import pytest
from click.testing import CliRunner

from experiments.fuzz_graphs import GRAPHS
from experiments.fuzz_models import float_model, int8_model
from experiments.fuzz_tables import TABLES
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite import child_process
from mobilenet_tf.tflite.classifier import Classifier
from mobilenet_tf.tflite.cli import classify
from mobilenet_tf.tflite.flatbuffer import pack, parse

CHANGES = dict((*TABLES, *GRAPHS))
PHOTO = str(bundled_photos() / "cat.jpg")


@pytest.fixture
def hostile(tmp_path):
    """A function that writes the model with the change of this name, and four labels."""
    (tmp_path / "labels.txt").write_text("a\nb\nc\nd\n")

    def write(name, make=float_model):
        model = parse(pack(make()))
        CHANGES[name](model, np.random.default_rng(1))
        (tmp_path / "m.tflite").write_bytes(pack(model))
        return [str(tmp_path / "m.tflite"), "--labels", str(tmp_path / "labels.txt"), PHOTO]

    return write


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("IF of its own graph", "the interpreter crashed on"),
        (f"RESHAPE to {str([1] * 50)[:40]}", "the interpreter crashed on"),
        ("WHILE that never ends", "reported nothing for 3 s"),
        ("GATHER to [-5]", "the inference failed"),
        ("input of shape (1, 65536, 65536, 3)", "m.tflite"),
    ],
)
def test_a_file_that_the_interpreter_does_not_survive_is_named(hostile, monkeypatch, name, said):
    monkeypatch.setattr(child_process, "SILENCE_LIMIT_S", 3.0)
    done = CliRunner().invoke(classify, hostile(name))
    assert done.exit_code == 2
    assert isinstance(done.exception, SystemExit)
    assert said in done.stderr.replace("\n", " ")


@pytest.mark.parametrize("scale", ["nan", "inf", "-1.0"])
def test_an_impossible_scale_of_integers_is_an_error_and_that_of_floats_says_nothing(hostile, scale):
    model, _, labels, photo = hostile(f"input of scale {scale}")
    assert len(Classifier(model, labels=labels).classify(photo).classes) == 3
    model, *_ = hostile(f"input of scale {scale}", int8_model)
    with pytest.raises(ModelError):
        Classifier(model, labels=labels)


def test_an_inference_that_fails_is_an_error_of_ours(hostile):
    model, _, labels, photo = hostile("GATHER to [-5]")
    with pytest.raises(ModelError, match="the inference failed"):
        Classifier(model, labels=labels).classify(photo)
