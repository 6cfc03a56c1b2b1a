"""`make bundle`: the bundled ImageNet weights from Google's hosted files.

`python -m experiments.bundle_imagenet DIR` reads the four hosted files in DIR and writes mobilenet_tf/assets/weights/.
A quantized file is kept as its integers, scales and zero points; the float one as float16, but for its biases and
small kernels: the depthwise ones hold weights up to 48 beside small ones, and rounding them costs 2 photos of 500.
The background row is dropped.
"""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.weights.bundled_imagenet import BUNDLED, asset_name
from mobilenet_tf.weights.tflite import Convolution, Stored, read_tflite

__all__ = ["make"]

ASSETS = Path(__file__).resolve().parent.parent / "mobilenet_tf" / "assets"
SMALL = 20_000  # weights; kernels up to this size keep float32


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


def _without_first_row(classifier: Convolution) -> Convolution:
    def drop(stored: Stored) -> Stored:
        return replace(stored, values=stored.values[1:])

    return replace(classifier, kernel=drop(classifier.kernel), bias=drop(classifier.bias))


def _pack(key: str, stored: Stored) -> dict[str, Any]:
    if not stored.scale.size:
        return {key: stored.values.astype(np.float16 if stored.values.size > SMALL else np.float32)}
    return {key: stored.values, f"{key}_scale": stored.scale, f"{key}_zero_point": stored.zero_point}


if __name__ == "__main__":
    for written_path in make(Path(sys.argv[1]), ASSETS / "weights"):
        print(f"{written_path.name}  {written_path.stat().st_size / 1e6:.2f} MB")
