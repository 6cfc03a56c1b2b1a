"""Define and train small image classifiers. Importing this package loads no TensorFlow."""

from .spec import ModelSpec

__all__ = ["ModelSpec", "__version__"]

__version__ = "0.1.0"
