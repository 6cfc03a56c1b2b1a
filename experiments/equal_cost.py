"""`make bench-equal-cost`: which network is more accurate and which is faster, at about 20 M Mult-Adds, on CIFAR-10.

`python -m experiments.equal_cost CIFAR10 [FILE...]` compares the given .keras files and the bundled networks of that
cost; CIFAR10 is what mobilenet-train takes. Each is measured at its own resolution: top-1 on the 10,000 test photos,
how often int8 (default correction, calibrated with training photos) has the class of float there, and latency on one
thread.
"""

import sys

import numpy as np

from export.calibration import ImageSet
from export.convert import GraphForms
from export.quantize import quantize
from export.recipes import parse_recipes
from mobilenet_tf.benchmark.environment import host_environment
from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.terminal import table
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.training.evaluation import predicted_classes
from mobilenet_tf.weights.bundled_cifar10 import NETWORKS
from mobilenet_tf.weights.load import Weights, load_weights, model_with

from .cifar10 import calibration_of, test_photos
from .latency import medians_in_turns

RECIPES = parse_recipes("float32,int8")
MAX_MULT_ADDS = 30e6  # of the networks that are compared
ROUNDS = 200
HEADER = ["network", "M Mult-Adds", "float32", "int8", "agreement", "float32 ms", "int8 ms", "int8 MB"]


def main(source: str, files: list[str]) -> None:
    """Print a row for each network."""
    data = load_dataset(source)
    bundled = [load_weights("cifar10", arch=s.arch, alpha=s.alpha) for s in NETWORKS if totals(s)[0] < MAX_MULT_ADDS]
    networks = [*(load_weights(name) for name in files), *bundled]
    pairs = [files_of(weights, calibration_of(data, weights.spec.res)) for weights in networks]
    latencies = medians_in_turns(
        {(n, r): content for n, pair in enumerate(pairs) for r, content in pair.items()}, ROUNDS
    )
    rows = []
    for number, (weights, pair) in enumerate(zip(networks, pairs, strict=True)):
        name, cost = f"{weights.spec.name} ({weights.source})", f"{totals(weights.spec)[0] / 1e6:.1f}"
        shares = [f"{share:.2%}" for share in shares_of(pair, data, weights.spec.res)]
        times = [f"{latencies[number, recipe.name]:.2f}" for recipe in RECIPES]
        rows.append([name, cost, *shares, *times, f"{len(pair['int8']) / 1e6:.2f}"])
    print(table(HEADER, rows))
    print(f"\ntop-1 on {len(data.validation)} test photos, at the network's resolution; agreement: int8 has float32's")
    print(f"class; ms: median of {ROUNDS} inferences on one thread of {host_environment().cpu}, all files in turns.")


def shares_of(pair: dict[str, bytes], data: Dataset, res: int) -> list[float]:
    """Top-1 of float32 and of int8, and how often int8 has the class of float32."""
    test = test_photos(data, res)
    float32, int8 = (
        predicted_classes(ImageModel.from_bytes(pair[recipe.name], threads=2).predict, test) for recipe in RECIPES
    )
    pairs = (float32, test.labels), (int8, test.labels), (int8, float32)
    return [float(np.mean(classes == expected)) for classes, expected in pairs]


def files_of(weights: Weights, calibration: ImageSet) -> dict[str, bytes]:
    """The file of each recipe, as mobilenet-export makes it."""
    graphs = GraphForms(graph_of(model_with(weights)))
    return {recipe.name: quantize(graphs.for_recipe(recipe), recipe, calibration).content for recipe in RECIPES}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
