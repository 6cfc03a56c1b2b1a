"""Read the bundled CIFAR-10 networks, which were trained here and are stored compactly. TensorFlow-free.

networks/architectures.py lists them; experiments/bundle_cifar10.py makes them.
"""

from importlib import resources
from pathlib import Path

import numpy as np

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.architectures import ARCHITECTURES
from mobilenet_tf.networks.spec import ModelSpec

from .arrays import Arrays, SourceWeights, sha256_of

__all__ = ["NETWORKS", "asset_name", "read_bundled_cifar10", "read_file"]

# Of each architecture the widest comes last, as the table lists narrow ones first.
NETWORKS = tuple(
    ModelSpec(row.name, alpha, res, 10)
    for row in ARCHITECTURES.values()
    for alpha, res in row.weights.get("cifar10", ())
)


def asset_name(spec: ModelSpec) -> str:
    """File name of the bundled weights of this network."""
    return f"cifar10_{spec.name}.npz"


def read_bundled_cifar10(arch: str, alpha: float | None) -> SourceWeights:
    """The weights of `arch` at width `alpha`; None: at its largest width. Raises WeightsError if none are bundled."""
    of_arch = [spec for spec in NETWORKS if spec.arch == arch]
    fitting = [spec for spec in of_arch if alpha in (None, spec.alpha)]
    if not fitting:
        widths = " and ".join(f"{spec.alpha:g}" for spec in of_arch)
        what = f"{arch} are bundled for --alpha {widths} only" if of_arch else f"{arch} are not bundled"
        raise WeightsError(
            f"CIFAR-10 weights of {what}.\n"
            f"Bundled: {', '.join(spec.name for spec in NETWORKS)}; or train others: "
            "mobilenet-train cifar10 --weights random."
        )
    spec = fitting[-1]
    name = asset_name(spec)
    with resources.as_file(resources.files("mobilenet_tf") / "assets" / "weights" / name) as path:
        arrays, sha256 = read_file(path), sha256_of(path)
    return SourceWeights(arrays, spec.res, origin={"file": name, "sha256": sha256}, spec=spec)


def read_file(path: Path) -> Arrays:
    """The arrays of one bundled file, in the order of Keras."""
    with np.load(path) as file:
        return [file[f"{number:03d}"].astype(np.float32) for number in range(len(file.files))]
