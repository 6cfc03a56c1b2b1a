"""Train, export, measure and use small image classifiers. Importing this package loads no TensorFlow and no NumPy."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .version import __version__

if TYPE_CHECKING:
    from .networks.spec import ModelSpec
    from .tflite.classifier import Classifier, Prediction

__all__ = ["Classifier", "ModelSpec", "Prediction", "__version__"]

_HOME = {
    "Classifier": "tflite.classifier",
    "ModelSpec": "networks.spec",
    "Prediction": "tflite.classifier",
}


def __getattr__(name: str) -> Any:
    """Load a public name's module when it is first asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
