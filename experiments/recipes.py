"""`make bench-recipes`: how often quantized files of the bundled CIFAR-10 MobileNets have float32's class.

`python -m experiments.recipes CIFAR10`: CIFAR10 is what mobilenet-train takes. Each network is measured at its own
resolution, on the 10,000 test photos; training photos calibrate.
"""

import sys

import numpy as np
from numpy.typing import NDArray

from export.convert import GraphForms
from export.quantize import quantize
from export.recipes import parse_recipes
from export.settings import ExportSettings
from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.terminal import table
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.training.evaluation import predicted_classes
from mobilenet_tf.weights.bundled_cifar10 import NETWORKS
from mobilenet_tf.weights.load import load_weights, model_with

from .cifar10 import CORRECTIONS, calibration_of, test_photos

RECIPES = parse_recipes("float32,dynamic_int8,int8")


def main(source: str) -> None:
    """Print a row for each network and recipe."""
    data = load_dataset(source)
    found = [row for spec in NETWORKS if spec.arch == "mobilenet_v1" for row in rows(spec, data)]
    print(f"share of {len(data.validation)} test photos to which the file gives float32's class, for each --correction")
    print(table(["network", "recipe", *CORRECTIONS], found))


def rows(spec: ModelSpec, data: Dataset) -> list[list[str]]:
    """The rows of one network; if a correction is refused, its cell says so."""
    model = model_with(load_weights("cifar10", arch=spec.arch, alpha=spec.alpha))
    graphs, calibration = GraphForms(graph_of(model)), calibration_of(data, spec.res)
    test = test_photos(data, spec.res)

    def classes(file: bytes) -> NDArray[np.int64]:
        return predicted_classes(ImageModel.from_bytes(file, threads=2).predict, test)

    found = []
    float32, *quantized = RECIPES
    exact = classes(quantize(graphs.for_recipe(float32), float32, calibration).content)
    for recipe in quantized:
        cells = []
        for correction in CORRECTIONS:
            made = quantize(graphs.for_recipe(recipe), recipe, calibration, ExportSettings(correction=correction))
            cells.append(
                f"{np.mean(classes(made.content) == exact):.2%}" if made.correction == correction else "refused"
            )
        found.append([spec.name, recipe.name, *cells])
    return found


if __name__ == "__main__":
    main(sys.argv[1])
