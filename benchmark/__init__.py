"""Measure and use .tflite classifiers; needs NumPy, Pillow and one interpreter, never TensorFlow."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .classifier import Classifier, Prediction

__all__ = ["Classifier", "Prediction"]


def __getattr__(name: str) -> Any:
    """Load the classifier, and with it NumPy and Pillow, only when it is asked for."""
    if name in __all__:
        from . import classifier

        return getattr(classifier, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
