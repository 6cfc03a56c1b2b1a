"""Keras settings of other work (keras.json, KERAS_BACKEND) change nothing here, and stay as they are."""

import json
import os
import sys

import pytest

from tests.support.commands import ROOT, images_in, run_export, run_process

USUAL = {"floatx": "float32", "epsilon": 1e-07, "backend": "tensorflow", "image_data_format": "channels_last"}
PRINT = """
from mobilenet_tf.keras_loader import keras, tf
config, backend = keras.config, keras.backend.backend()
print(backend, config.floatx(), config.image_data_format(), config.dtype_policy().name, config.epsilon())
"""


def python(home, script, **env):
    environment = {"HOME": str(home), "PYTHONPATH": str(ROOT), "KERAS_BACKEND": "", "KERAS_HOME": ""} | env
    kept = {name: value for name, value in environment.items() if value} | {"TF_CPP_MIN_LOG_LEVEL": "3"}
    dropped = [word for name in environment if not environment[name] for word in ("-u", name)]
    return run_process("/usr/bin/env", *dropped, sys.executable, "-c", script, env=kept, cwd=home)


@pytest.fixture
def home(tmp_path):
    (tmp_path / ".keras").mkdir()
    return tmp_path


def settings_in(home, **changes):
    (home / ".keras" / "keras.json").write_text(json.dumps(USUAL | changes))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("settings", "env"),
    [
        ({"image_data_format": "channels_first", "floatx": "float16", "epsilon": 0.1}, {}),
        ({"backend": "jax", "floatx": "float64"}, {}),
        ({"backend": "theano"}, {"TF_USE_LEGACY_KERAS": "1"}),
        ({}, {"KERAS_BACKEND": "torch"}),
    ],
)
def test_keras_is_set_as_needed_and_nothing_changes_on_the_disk(home, settings, env):
    settings_in(home, **settings)
    before = (home / ".keras" / "keras.json").read_bytes()
    done = python(home, PRINT, **env)
    assert done.stdout == "tensorflow float32 channels_last float32 1e-07\n", done.stderr
    assert (home / ".keras" / "keras.json").read_bytes() == before


@pytest.mark.slow
def test_an_export_under_other_settings_is_the_usual_one(home):
    """Both kinds of setting at once, through a command: Keras builds the model, TensorFlow converts it."""
    photos = images_in(home / "photos", 10)
    words = ("--weights", "random", "--alpha", "0.25", "--res", "32", "--quant", "float32", "--calibration", photos)
    usual = run_export(*words, "--output-dir", home / "usual")  # in this process, which has the usual settings
    assert usual.exit_code == 0, usual.output
    settings_in(home, image_data_format="channels_first", floatx="float16")
    env = {"HOME": str(home), "KERAS_BACKEND": "jax"}
    other = run_process("mobilenet-export", *words, "--output-dir", home / "other", env=env)
    assert other.returncode == 0, other.stderr
    made = [next((home / name).rglob("*.tflite")).read_bytes() for name in ("usual", "other")]
    assert made[0] == made[1]


@pytest.mark.slow
@pytest.mark.parametrize("first", ["import tensorflow", "import keras.src.backend.config"])
def test_keras_on_another_backend_in_the_same_process_is_an_error(home, first):
    """TensorFlow begins to load Keras with the user's settings, which name a backend that is not even installed."""
    settings_in(home, backend="jax")
    script = f"try:\n    {first}\nexcept ImportError:\n    pass\n"
    script += "from mobilenet_tf import InputError\ntry:\n    import mobilenet_tf.networks.builder\n"
    done = python(home, script + "except InputError as error:\n    print(error)\n")
    assert "expected Keras on TensorFlow; this process has loaded Keras on jax before." in done.stdout, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (json.dumps(USUAL | {"floatx": "bfloat16"}), "Invalid `floatx` configuration"),
        (json.dumps(USUAL | {"epsilon": "small"}), "Invalid `epsilon` configuration"),
        ("[]", "'list' object has no attribute 'get'"),
    ],
)
def test_settings_that_keras_itself_refuses_are_named_with_their_file(home, text, message):
    (home / ".keras" / "keras.json").write_text(text)
    script = "from mobilenet_tf import InputError\ntry:\n    import mobilenet_tf.networks.builder\n"
    done = python(home, script + "except InputError as error:\n    print(error)\n")
    first, second = done.stdout.splitlines()
    assert first.startswith(f"Keras cannot be loaded: {message}")
    assert second == f"Its settings are in {os.path.join(home, '.keras', 'keras.json')}: correct or remove that file."
