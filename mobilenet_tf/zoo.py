"""Architecture name -> its plan of layers, and its builder."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import TYPE_CHECKING

from . import mobilenet_v1
from .mobilenet_v1 import Layer
from .spec import ModelSpec

if TYPE_CHECKING:
    import keras

__all__ = ["build_model", "plan"]

_ARCHS: dict[str, ModuleType] = {"mobilenet_v1": mobilenet_v1}


def build_model(spec: ModelSpec) -> "keras.Model":
    """The Keras model of `spec`, randomly initialized: (n, res, res, 3) in [-1, 1] -> (n, classes) softmax."""
    build: Callable[[ModelSpec], keras.Model] = _ARCHS[spec.arch].build
    return build(spec)


def plan(spec: ModelSpec) -> Iterator[Layer]:
    """The convolutions of `spec`, in order. TensorFlow-free."""
    layers: Callable[[ModelSpec], Iterator[Layer]] = _ARCHS[spec.arch].plan
    return layers(spec)
