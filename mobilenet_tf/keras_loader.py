"""Keras and TensorFlow, with the settings that this project needs, whatever the user's other work has chosen.

Every module takes them from here: `from mobilenet_tf.keras_loader import keras, tf`. Loading this module sets Keras in
this process: TensorFlow as its backend, channels last, float32, and the usual epsilon. KERAS_BACKEND and keras.json,
where other work may have set other values, stay as they are on the disk and in other processes.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

from .errors import InputError, reason_of

__all__ = ["keras", "tf"]

# The module in which Keras keeps its settings. TensorFlow loads it, with the user's settings, if it is imported first.
SETTINGS = "keras.src.backend.config"


def _refuse_another_backend() -> None:
    loaded = sys.modules.get(SETTINGS)
    backend = "tensorflow" if loaded is None else loaded.backend()
    if backend != "tensorflow":
        raise InputError(
            f"expected Keras on TensorFlow; this process has loaded Keras on {backend} before.\n"
            "Start Python with KERAS_BACKEND=tensorflow, or import mobilenet_tf's models before Keras and TensorFlow."
        )


def _settings_error(error: Exception) -> InputError:
    folder = os.environ.get("KERAS_HOME", os.path.join(os.path.expanduser("~"), ".keras"))
    return InputError(
        f"Keras cannot be loaded: {reason_of(error, 160)}\n"
        f"Its settings are in {os.path.join(folder, 'keras.json')}: correct or remove that file."
    )


@contextlib.contextmanager
def _nothing_written() -> Iterator[None]:
    """While Keras is loaded: it would write keras.json if there is none, and Matplotlib, which it loads, a cache."""
    if SETTINGS in sys.modules:
        yield
        return
    base = os.path.expanduser("~")
    home = os.environ.get("KERAS_HOME") or os.path.join(base if os.access(base, os.W_OK) else "/tmp", ".keras")
    names = ["MPLCONFIGDIR"]
    names += [] if os.path.exists(os.path.join(os.path.expanduser(home), "keras.json")) else ["KERAS_HOME"]
    before = {name: os.environ[name] for name in names if name in os.environ}
    with tempfile.TemporaryDirectory() as folder:
        try:
            os.environ.update(dict.fromkeys(names, folder))
            yield
        finally:
            for name in names:
                del os.environ[name]
            os.environ.update(before)
    # Where --weights keras finds what was downloaded before.
    sys.modules[SETTINGS]._KERAS_DIR = home  # type: ignore[attr-defined]


_refuse_another_backend()
os.environ["KERAS_BACKEND"] = "tensorflow"
try:
    # Keras first: TensorFlow loads it too, and hides the errors of that.
    with _nothing_written():
        import keras
except (ValueError, TypeError, AttributeError, OSError) as _error:  # for a keras.json that holds something else
    raise _settings_error(_error) from _error
import tensorflow as tf  # noqa: E402

keras.config.set_image_data_format("channels_last")
keras.config.set_floatx("float32")
keras.config.set_dtype_policy("float32")
keras.config.set_epsilon(1e-7)
