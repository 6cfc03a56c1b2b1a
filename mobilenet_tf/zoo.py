"""Architecture name -> its plan of layers, and the model built from it. TensorFlow is loaded by `build_model` only."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from . import effnet, mobilenet_v1, shufflenet
from .layers import Layer
from .spec import ModelSpec

if TYPE_CHECKING:
    import keras

__all__ = ["build_model", "plan"]

_PLANS: dict[str, Callable[[ModelSpec], Iterator[Layer]]] = {
    "mobilenet_v1": mobilenet_v1.plan,
    "shufflenet_v1": shufflenet.plan,
    "effnet": effnet.plan,
}


def plan(spec: ModelSpec) -> Iterator[Layer]:
    """The layers of `spec` before the last pooling and the classifier, in order."""
    return _PLANS[spec.arch](spec)


def build_model(spec: ModelSpec) -> "keras.Model":
    """The Keras model of `spec`, randomly initialized: (n, res, res, 3) in [-1, 1] -> (n, classes) softmax."""
    from .blocks import build_from

    return build_from(plan(spec), res=spec.res, classes=spec.classes, name=spec.name.replace(".", "_"))
