"""What has to be known of a network in Keras Applications to take its weights. TensorFlow-free."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["KerasApplication"]


@dataclass(frozen=True)
class KerasApplication:
    """A network in Keras Applications.

    builder: the name in `keras.applications` of what builds it, which takes `input_shape`, `alpha` and `weights`.
    file:    (alpha, res) -> the name of the file of its ImageNet weights in Keras's cache.
    options: what else the builder is called with.
    """

    builder: str
    file: Callable[[float, int], str]
    options: Mapping[str, Any] = field(default_factory=dict)
