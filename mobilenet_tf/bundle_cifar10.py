"""The bundled CIFAR-10 networks and 500 of its test photos: stored compactly, read back. TensorFlow-free to read.

`python -m mobilenet_tf.bundle_cifar10 PHOTOS RUN...` (`make bundle-cifar10`) writes both from the runs of
`make train-cifar10`: kernels as float16, and the first 50 test photos of each class as PNG.
"""

import sys
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .data import load_dataset

__all__ = ["ALPHAS", "asset_name", "make", "photos_folder", "read"]

ALPHAS = (0.25, 0.5)
RES = 160
PHOTOS_PER_CLASS = 50

Arrays = list[NDArray[np.float32]]


def asset_name(alpha: float) -> str:
    """File name of the bundled weights of this width."""
    return f"cifar10_mobilenet_v1_a{alpha:.2f}_r{RES}.npz"


def photos_folder() -> Path:
    """The bundled test photos: a sub-folder for each class."""
    with resources.as_file(resources.files("mobilenet_tf") / "assets" / "cifar10") as folder:
        return folder


def read(alpha: float) -> tuple[Arrays, int]:
    """The arrays in Keras order, and the resolution they were trained at."""
    asset = resources.files("mobilenet_tf") / "assets" / "weights" / asset_name(alpha)
    with resources.as_file(asset) as path, np.load(path) as file:
        return [file[f"{number:03d}"].astype(np.float32) for number in range(len(file.files))], RES


def make(source: str, runs: list[Path], assets: Path) -> None:
    """Write the weights of each run's best.keras, and the photos of `source` (as mobilenet-train takes it)."""
    from .weights import load_weights

    for run in runs:
        weights = load_weights(str(run / "best.keras"))
        arrays = {
            f"{number:03d}": array.astype(np.float16) if array.ndim > 1 else array
            for number, array in enumerate(weights.arrays)
        }
        np.savez_compressed(assets / "weights" / asset_name(weights.spec.alpha), **arrays)
    data = load_dataset(source)
    for label, name in enumerate(data.classes):
        for index in np.flatnonzero(data.validation.labels == label)[:PHOTOS_PER_CLASS]:
            path = assets / "cifar10" / name / f"{index:05d}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(data.validation.read(int(index), RES)).save(path, optimize=True)


if __name__ == "__main__":
    make(sys.argv[1], [Path(run) for run in sys.argv[2:]], Path(__file__).parent / "assets")
