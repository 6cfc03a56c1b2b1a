"""The bundled CIFAR-10 networks, trained here and stored compactly. TensorFlow-free.

experiments/bundle_cifar10.py makes them.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.networks.spec import ModelSpec

__all__ = ["NETWORKS", "asset_name", "read"]

# Of each architecture the widest last; the first and the last two cost about the same.
NETWORKS = tuple(
    ModelSpec(arch, alpha, res, 10)
    for arch, alpha, res in (
        ("mobilenet_v1", 0.25, 160),
        ("mobilenet_v1", 0.5, 160),
        ("shufflenet_v1", 0.5, 160),
        ("effnet", 2.0, 32),  # its last units see 50 by 15 pixels: little of a photo enlarged five times
    )
)
Arrays = list[NDArray[np.float32]]


def asset_name(spec: ModelSpec) -> str:
    """File name of the bundled weights of this network."""
    return f"cifar10_{spec.name}.npz"


def read(path: Path) -> Arrays:
    """The arrays of one bundled file, in Keras order."""
    with np.load(path) as file:
        return [file[f"{number:03d}"].astype(np.float32) for number in range(len(file.files))]
