"""`make bundle-cifar10`: make the bundled CIFAR-10 networks and 500 test photos, from trainings with this project.

`python -m experiments.bundle_cifar10 CIFAR10 RUN...` writes both from the runs of `make train-cifar10` and
`make train-equal-cost`: the last epoch's averaged weights, kernels as float16, and the first 50 test photos of each
class.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.weights.bundled_cifar10 import asset_name
from mobilenet_tf.weights.load import load_weights

__all__ = ["make"]

ASSETS = Path(__file__).resolve().parent.parent / "mobilenet_tf" / "assets"
PHOTOS_PER_CLASS, SIDE = 50, 32


def make(source: str, runs: list[Path], assets: Path) -> None:
    """Write the weights of each run's last.keras, and the photos of `source` (as mobilenet-train takes it)."""
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
    make(sys.argv[1], [Path(run) for run in sys.argv[2:]], ASSETS)
