"""The bundled CIFAR-10 networks and 500 of its test photos: made from our own runs, stored compactly, read back.

`python -m mobilenet_tf.bundle_cifar10 CIFAR10 RUN...` (`make bundle-cifar10`) writes both from the runs of
`make train-cifar10` and `make train-equal-cost`: the last epoch's averaged weights, kernels as float16, and the first
50 test photos of each class.
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .spec import ModelSpec

__all__ = ["NETWORKS", "asset_name", "make", "read"]

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
PHOTOS_PER_CLASS, SIDE = 50, 32

Arrays = list[NDArray[np.float32]]


def asset_name(spec: ModelSpec) -> str:
    """File name of the bundled weights of this network."""
    return f"cifar10_{spec.name}.npz"


def read(path: Path) -> Arrays:
    """The arrays of one bundled file, in Keras order."""
    with np.load(path) as file:
        return [file[f"{number:03d}"].astype(np.float32) for number in range(len(file.files))]


def make(source: str, runs: list[Path], assets: Path) -> None:
    """Write the weights of each run's last.keras, and the photos of `source` (as mobilenet-train takes it)."""
    from PIL import Image

    from .data import load_dataset
    from .weights import load_weights

    for run in runs:
        weights = load_weights(str(run / "last.keras"))
        arrays = {
            f"{number:03d}": array.astype(np.float16) if array.ndim > 1 else array
            for number, array in enumerate(weights.arrays)
        }
        np.savez_compressed(assets / "weights" / asset_name(weights.spec), **arrays)
    data = load_dataset(source)
    for label, name in enumerate(data.classes):
        for index in np.flatnonzero(data.validation.labels == label)[:PHOTOS_PER_CLASS]:
            path = assets / "cifar10" / name / f"{index:05d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(data.validation.read(int(index), SIDE)).save(path, optimize=True)


if __name__ == "__main__":
    make(sys.argv[1], [Path(run) for run in sys.argv[2:]], Path(__file__).parent / "assets")
