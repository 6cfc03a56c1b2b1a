"""The bundled ImageNet weights of MobileNet V1: Google's hosted files, stored compactly. TensorFlow-free.

A quantized file is kept as its integers, scales and zero points; the float one as float16, but for its biases and small
kernels. experiments/bundle_imagenet.py makes them.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .tflite import Convolution, Stored

__all__ = ["BUNDLED", "Bundle", "asset_name", "read"]

# alpha -> (resolution it was trained at, hosted file, its sha256)
BUNDLED = {
    0.25: (
        128,
        "mobilenet_v1_0.25_128_quant.tflite",
        "cb273c23ee76374b05b9583177e28aa19744858a7679c56a250e83d0333da785",
    ),
    0.5: (
        160,
        "mobilenet_v1_0.5_160_quant.tflite",
        "3cc6d2ca460abd2e0f699a6d0d2550c6b61c6e3b0e27a3616e384ea74cb86f43",
    ),
    0.75: (
        192,
        "mobilenet_v1_0.75_192_quant.tflite",
        "41daeb22fdcf947e0e5ec32373aa9df7c31f3ef45dbd0ef7b5940fbce3c20f6a",
    ),
    1.0: (
        224,
        "mobilenet_v1_1.0_224.tflite",
        "fdace547b17907fa22821f4898f2af49dce7787fe688ad7c5d8d0220f3781c65",
    ),
}


@dataclass(frozen=True)
class Bundle:
    """What one bundled file holds."""

    convolutions: list[Convolution]
    res: int
    published_as: str
    sha256: str  # of the published file


def asset_name(alpha: float) -> str:
    """File name of the bundled weights of this width."""
    return f"mobilenet_v1_a{alpha:.2f}_r{BUNDLED[alpha][0]}.npz"


def read(path: Path) -> Bundle:
    """Read one bundled file back."""
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


def _unpack(file: Any, key: str) -> Stored:
    if f"{key}_scale" not in file:
        return Stored(file[key], np.empty(0, np.float32), np.empty(0, np.int64), 0)
    return Stored(file[key], file[f"{key}_scale"], file[f"{key}_zero_point"], 0)
