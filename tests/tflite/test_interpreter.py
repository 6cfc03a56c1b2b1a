import importlib.util
import re
import sys

import keras
import numpy as np
import pytest

from mobilenet_tf.errors import MissingPackageError, ModelError
from mobilenet_tf.tflite.interpreter import BACKENDS, Session
from mobilenet_tf.tflite.model_file import read_model
from tests.support.commands import run_process
from tests.support.tflite_files import converted

SCRIPT = """
import sys
from mobilenet_tf.tflite.interpreter import Session
session = Session(open(sys.argv[1], "rb").read(), backend=sys.argv[2])
session.clear()
session.invoke()
print(session.backend, session.xnnpack, session.get().size, "tensorflow" in sys.modules, sep=", ")
"""


@pytest.mark.parametrize(
    ("backend", "found"),
    [
        ("auto", r"ai-edge-litert 2\.3\.\d+, part, 1000, False"),
        ("tflite-runtime", r"tflite-runtime 2\.14\.0, (none|part), 1000, False"),
        ("tf.lite", r"tf\.lite 2\.21\.\d+, part, 1000, True"),
    ],
)
def test_each_interpreter_runs_an_int8_export(small_files, tmp_path, backend, found):
    """In a process of its own: tflite-runtime does not load beside TensorFlow, which other tests have loaded here."""
    if backend in BACKENDS and importlib.util.find_spec(BACKENDS[backend][0].split(".")[0]) is None:
        pytest.skip(f"{backend} is not installed: it has wheels for some versions of Python only")
    (tmp_path / "model.tflite").write_bytes(small_files["int8"])
    done = run_process("python", "-c", SCRIPT, tmp_path / "model.tflite", backend)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(found, done.stdout.strip())


def test_xnnpack_takes_float_whole_and_all_of_int8_but_the_softmax(small_files):
    assert Session(small_files["float32"]).xnnpack == "whole"
    session = Session(small_files["int8"])
    assert (session.xnnpack, session.undelegated_ops) == ("part", ["SOFTMAX"])


def test_without_the_delegate_it_takes_nothing(small_files):
    session = Session(small_files["int8"], delegate=False)
    assert session.xnnpack == "none"
    assert len(session.undelegated_ops) == 1 + 2 * 13 + 3  # conv0, 13 separable blocks, mean, classifier, softmax


@pytest.mark.parametrize("keep", [0, 8, 5000])
def test_a_truncated_file_is_named(small_files, keep):
    with pytest.raises(ModelError, match=r"cannot load x\.tflite: "):
        Session(small_files["int8"][:keep], name="x.tflite")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"expected a \.tflite file; .*x\.tflite does not exist"):
        read_model(tmp_path / "x.tflite")


def test_a_tensor_that_does_not_fit_is_refused(small_files):
    with pytest.raises(ModelError, match="the inference failed"):
        Session(small_files["int8"]).run(np.zeros((1, 32, 32, 3), np.int8))


def test_an_interpreter_that_is_not_installed_is_named(small_files, monkeypatch):
    monkeypatch.setitem(sys.modules, "tflite_runtime.interpreter", None)  # as Python notes a failed import
    with pytest.raises(MissingPackageError, match=r"tflite_runtime, .*\nInstall it: .*mobilenet-tf\[tflite-runtime\]"):
        Session(small_files["int8"], backend="tflite-runtime")


def test_a_network_of_one_pixel_with_many_channels_takes_no_resolution():
    """As the classifier alone does, of which the app's expected outputs are made."""
    image = keras.Input((1, 1, 64), batch_size=1)
    content = converted(keras.Model(image, keras.layers.Conv2D(3, 1)(image)))
    assert Session(content).input.shape == (1, 1, 1, 64)
