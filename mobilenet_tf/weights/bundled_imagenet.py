"""Read the bundled ImageNet weights: Google's hosted files of MobileNet V1 and V2, stored compactly. TensorFlow-free.

A quantized file is kept as its integers, scales and zero points. The float one is kept as float16, except for its
biases and small kernels. networks/architectures.py lists them; experiments/bundle_imagenet.py makes them.
"""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import ModelSpec

from .arrays import SourceWeights
from .tflite_file import Convolution, StoredTensor, keras_arrays

__all__ = ["Bundle", "asset_name", "read_bundled_imagenet", "read_file"]


@dataclass(frozen=True)
class Bundle:
    """What one bundled file holds."""

    convolutions: list[Convolution]
    res: int
    published_as: str
    sha256: str  # of the published file


def asset_name(spec: ModelSpec) -> str:
    """File name of the bundled weights of this network."""
    return f"{spec.name}.npz"


def read_bundled_imagenet(arch: str, alpha: float) -> SourceWeights:
    """The weights of `arch` at width `alpha`. Raises WeightsError if none are bundled for this width."""
    resolutions = dict(ModelSpec(arch).architecture.weights["imagenet"])
    if alpha not in resolutions:
        widths = ", ".join(f"{width:g}" for width in resolutions)
        raise WeightsError(
            f"ImageNet weights are bundled for --alpha {widths} of {arch}; none for {alpha:g}.\n"
            "Take one of these, give a file (--weights FILE), or --weights random to measure latency."
        )
    name = asset_name(ModelSpec(arch, alpha, resolutions[alpha]))
    with resources.as_file(resources.files("mobilenet_tf") / "assets" / "weights" / name) as path:
        bundle = read_file(path)
    origin = {"file": name, "sha256": bundle.sha256, "published_as": bundle.published_as}
    return SourceWeights(keras_arrays(bundle.convolutions), bundle.res, imagenet=True, origin=origin)


def read_file(path: Path) -> Bundle:
    """Read one bundled file."""
    with np.load(path) as file:
        count = sum(key.endswith("_bias") for key in file)
        convolutions = [
            Convolution(
                depthwise=file[f"{number:02d}_kernel"].shape[0] == 1,
                kernel=_unpack(file, f"{number:02d}_kernel"),
                bias=_unpack(file, f"{number:02d}_bias"),
            )
            for number in range(count)
        ]
        return Bundle(convolutions, int(file["res"]), str(file["published_as"]), str(file["sha256"]))


def _unpack(file: Any, key: str) -> StoredTensor:
    if f"{key}_scale" not in file:
        return StoredTensor(file[key], np.empty(0, np.float32), np.empty(0, np.int64), 0)
    return StoredTensor(file[key], file[f"{key}_scale"], file[f"{key}_zero_point"], 0)
