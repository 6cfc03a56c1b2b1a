"""The bundled ImageNet weights: made from Google's hosted files, stored compactly, read back. TensorFlow-free.

`python -m mobilenet_tf.bundle DIR` (`make bundle`) reads the four hosted files in DIR and writes assets/weights/.
A quantized file is kept as its integers, scales and zero points; the float one as float16, but for its biases and
small kernels: the depthwise ones hold weights up to 48 beside small ones, and rounding them costs 2 photos of 500.
The background row is dropped.
"""

import hashlib
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .errors import WeightsError
from .tflite_weights import Convolution, Stored, read_tflite

__all__ = ["BUNDLED", "Bundle", "asset_name", "make", "read"]

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


SMALL = 20_000  # weights; kernels up to this size keep float32


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


def make(hosted: Path, target: Path) -> list[Path]:
    """Write the four bundled files into `target` from Google's in `hosted`. Raises WeightsError on a wrong sha256."""
    written = []
    for alpha, (res, name, sha256) in BUNDLED.items():
        actual = hashlib.sha256((hosted / name).read_bytes()).hexdigest()
        if actual != sha256:
            raise WeightsError(f"expected {name} with sha256 {sha256}; got {actual}.")
        _, convolutions = read_tflite(hosted / name)
        convolutions[-1] = _without_first_row(convolutions[-1])
        arrays: dict[str, Any] = {"res": np.int64(res), "published_as": np.str_(name), "sha256": np.str_(sha256)}
        for number, convolution in enumerate(convolutions):
            arrays |= _pack(f"{number:02d}_kernel", convolution.kernel)
            arrays |= _pack(f"{number:02d}_bias", convolution.bias)
        path = target / asset_name(alpha)
        np.savez_compressed(path, **arrays)
        written.append(path)
    return written


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


def _without_first_row(classifier: Convolution) -> Convolution:
    def drop(stored: Stored) -> Stored:
        return replace(stored, values=stored.values[1:])

    return replace(classifier, kernel=drop(classifier.kernel), bias=drop(classifier.bias))


def _pack(key: str, stored: Stored) -> dict[str, Any]:
    if not stored.scale.size:
        return {key: stored.values.astype(np.float16 if stored.values.size > SMALL else np.float32)}
    return {key: stored.values, f"{key}_scale": stored.scale, f"{key}_zero_point": stored.zero_point}


def _unpack(file: Any, key: str) -> Stored:
    if f"{key}_scale" not in file:
        return Stored(file[key], np.empty(0, np.float32), np.empty(0, np.int64), 0)
    return Stored(file[key], file[f"{key}_scale"], file[f"{key}_zero_point"], 0)


if __name__ == "__main__":
    for written_path in make(Path(sys.argv[1]), Path(__file__).parent / "assets" / "weights"):
        print(f"{written_path.name}  {written_path.stat().st_size / 1e6:.2f} MB")
