"""`make bench-equal-cost`: which network is more accurate and which is faster, at about 20 M Mult-Adds, on CIFAR-10.

`python -m bench.equal_cost CIFAR10 [FILE...]`: the .keras files given, then the bundled networks of about that cost;
CIFAR10 is what mobilenet-train takes. At 160: top-1 on the 10,000 test photos, how often int8 (the default correction;
training photos calibrate) has float's class there, and latency on one thread.
"""

import sys

import numpy as np

from bench.cifar10 import calibration_of
from bench.latency import medians_in_turns
from benchmark.environment import host_environment
from export.calibration import ImageSet
from export.convert import convertible_forms
from export.quantize import quantize
from export.recipes import parse_recipes
from export.verify import Runner
from mobilenet_tf.batches import Evaluation
from mobilenet_tf.bundle_cifar10 import NETWORKS, RES
from mobilenet_tf.console import table
from mobilenet_tf.cost import totals
from mobilenet_tf.data import load_dataset
from mobilenet_tf.folding import fold
from mobilenet_tf.train import classes_of
from mobilenet_tf.weights import Weights, load_weights, model_with

RECIPES = parse_recipes("float32,int8")
COST = 30e6  # more Mult-Adds than this is another class of network
ROUNDS = 200
HEADER = ["network", "M Mult-Adds", "float32", "int8", "agreement", "float32 ms", "int8 ms", "int8 MB"]


def main(source: str, own: list[str]) -> None:
    """Print a row for each network."""
    data = load_dataset(source)
    test, calibration = Evaluation(data.validation, RES, cache_bytes=2 * 2**30), calibration_of(data, RES)
    bundled = [load_weights("cifar10", arch=s.arch, alpha=s.alpha) for s in NETWORKS if totals(s)[0] < COST]
    networks = [*(load_weights(name, res=RES) for name in own), *bundled]
    files = {
        (number, recipe): content
        for number, weights in enumerate(networks)
        for recipe, content in files_of(weights, calibration).items()
    }
    classes = {key: classes_of(Runner(content, threads=2).outputs, test) for key, content in files.items()}
    latencies = medians_in_turns(files, ROUNDS)
    labels = data.validation.labels
    rows = []
    for number, weights in enumerate(networks):
        float32, int8 = ((number, recipe.name) for recipe in RECIPES)
        right = [np.mean(classes[key] == labels) for key in (float32, int8)]
        shares = [*right, np.mean(classes[int8] == classes[float32])]
        cells = [*(f"{share:.2%}" for share in shares), *(f"{latencies[key]:.2f}" for key in (float32, int8))]
        cost = f"{totals(weights.spec)[0] / 1e6:.1f}"
        rows.append([f"{weights.spec.name} ({weights.source})", cost, *cells, f"{len(files[int8]) / 1e6:.2f}"])
    print(table(HEADER, rows))
    print(
        f"\ntop-1 on {len(labels)} test photos; agreement: int8 has float32's class; ms: median of {ROUNDS} inferences"
    )
    print(f"on one thread of {host_environment().cpu}, all files in turns.")


def files_of(weights: Weights, calibration: ImageSet) -> dict[str, bytes]:
    """The file of each recipe, as mobilenet-export makes it."""
    forms = convertible_forms(fold(model_with(weights)))
    return {recipe.name: quantize(*forms[recipe.integer], recipe, calibration).model for recipe in RECIPES}


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
