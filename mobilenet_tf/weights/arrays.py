"""What every reader of weights returns: the arrays in the order of Keras, and what the source says of itself."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.data.split import Split
from mobilenet_tf.networks.spec import ModelSpec

__all__ = ["Arrays", "SourceWeights", "identity_batch_norm", "sha256_of"]

Arrays = list[NDArray[np.float32]]

BN_EPSILON = 1e-3  # Keras's default, and the epsilon of the published checkpoints


@dataclass(frozen=True)
class SourceWeights:
    """What a source holds, before it is checked against the options.

    spec:    the network that the source names; None if it names none.
    network: another network that the names of its layers tell, in words; None if they tell none.
    The other fields are those of `load.Weights`.
    """

    arrays: Arrays
    trained_res: int | None = None
    background: bool = False
    imagenet: bool = False
    origin: dict[str, Any] = field(default_factory=dict)
    spec: ModelSpec | None = None
    split: Split | None = None
    notes: tuple[str, ...] = ()
    network: str | None = None
    head: Head = "softmax"
    thresholds: tuple[float, ...] | None = None


def identity_batch_norm(bias: NDArray[np.float32]) -> Arrays:
    """Gamma, beta, mean and variance of a batch norm that changes nothing but adds `bias` (channels,)."""
    one = np.ones_like(bias)
    return [one * np.float32(np.sqrt(1 + BN_EPSILON)), bias, np.zeros_like(bias), one]


def sha256_of(path: Path) -> str:
    """Hexadecimal sha256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
