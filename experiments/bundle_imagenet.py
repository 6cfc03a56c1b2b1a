"""`make bundle`: the bundled ImageNet weights from Google's files.

`python -m experiments.bundle_imagenet HOSTED` reads the files in that folder and writes mobilenet_tf/assets/weights/.
A quantized file is kept as its integers, scales and zero points. The float one is kept as float16, except for its
biases and small kernels: the depthwise ones hold weights up to 48 beside small ones, and rounding them costs 2 photos
of 500. The background row is dropped.
"""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.weights.bundled_imagenet import asset_name
from mobilenet_tf.weights.tflite_file import Convolution, StoredTensor, read_convolutions

__all__ = ["HOSTED", "make"]

ASSETS = Path(__file__).resolve().parent.parent / "mobilenet_tf" / "assets"
SMALL = 20_000  # weights; kernels up to this size keep float32
# The network -> its file in HOSTED, and the sha256 of that.
HOSTED = {
    ModelSpec(alpha=0.25, res=128): (
        "weights/mobilenet_v1_0.25_128_quant.tflite",
        "cb273c23ee76374b05b9583177e28aa19744858a7679c56a250e83d0333da785",
    ),
    ModelSpec(alpha=0.5, res=160): (
        "weights/mobilenet_v1_0.5_160_quant.tflite",
        "3cc6d2ca460abd2e0f699a6d0d2550c6b61c6e3b0e27a3616e384ea74cb86f43",
    ),
    ModelSpec(alpha=0.75, res=192): (
        "weights/mobilenet_v1_0.75_192_quant.tflite",
        "41daeb22fdcf947e0e5ec32373aa9df7c31f3ef45dbd0ef7b5940fbce3c20f6a",
    ),
    ModelSpec(alpha=1.0, res=224): (
        "weights/mobilenet_v1_1.0_224.tflite",
        "fdace547b17907fa22821f4898f2af49dce7787fe688ad7c5d8d0220f3781c65",
    ),
    ModelSpec("mobilenet_v2"): (
        "models/coral/mobilenet_v2_1.0_224_quant.tflite",
        "7aad0c74c5e3c06e5eb3c827e13304fdd68a83da6087d92ee169c24ff9fd4776",
    ),
}


def make(hosted: Path, target: Path) -> list[Path]:
    """Write the bundled files into `target` from Google's in `hosted`. Raises WeightsError on a wrong sha256."""
    written = []
    for spec, (file, sha256) in HOSTED.items():
        name = Path(file).name
        actual = hashlib.sha256((hosted / file).read_bytes()).hexdigest()
        if actual != sha256:
            raise WeightsError(f"expected {name} with sha256 {sha256}; got {actual}.")
        _, convolutions = read_convolutions(hosted / file)
        convolutions[-1] = _without_first_row(convolutions[-1])
        arrays: dict[str, Any] = {"res": np.int64(spec.res), "published_as": np.str_(name), "sha256": np.str_(sha256)}
        for number, convolution in enumerate(convolutions):
            arrays |= _pack(f"{number:02d}_kernel", convolution.kernel)
            arrays |= _pack(f"{number:02d}_bias", convolution.bias)
        path = target / asset_name(spec)
        np.savez_compressed(path, **arrays)
        written.append(path)
    return written


def _without_first_row(classifier: Convolution) -> Convolution:
    def drop(tensor: StoredTensor) -> StoredTensor:
        return replace(tensor, values=tensor.values[1:])

    return replace(classifier, kernel=drop(classifier.kernel), bias=drop(classifier.bias))


def _pack(key: str, tensor: StoredTensor) -> dict[str, Any]:
    if not tensor.scale.size:
        return {key: tensor.values.astype(np.float16 if tensor.values.size > SMALL else np.float32)}
    return {key: tensor.values, f"{key}_scale": tensor.scale, f"{key}_zero_point": tensor.zero_point}


if __name__ == "__main__":
    for written_path in make(Path(sys.argv[1]), ASSETS / "weights"):
        print(f"{written_path.name}  {written_path.stat().st_size / 1e6:.2f} MB")
