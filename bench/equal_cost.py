"""`make bench-equal-cost`: which network is more accurate and which is faster, at about 20 M Mult-Adds, on CIFAR-10.

`python -m bench.equal_cost CIFAR10 WEIGHTS...`: WEIGHTS are those of `make train-equal-cost`, a .keras file each, or
`ARCH:ALPHA` for bundled ones; CIFAR10 is what mobilenet-train takes. At 160: top-1 on the 10,000 test photos, how often
int8 (the default correction; training photos calibrate) has float's class there, and latency on one thread.
"""

import sys
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.cifar10 import calibration_of
from benchmark.environment import host_environment
from benchmark.latency import time_invoke
from export.convert import convert, freeze
from export.quantize import quantize
from export.recipes import RECIPES
from export.verify import Runner
from mobilenet_tf.batches import Evaluation
from mobilenet_tf.bundle_cifar10 import RES
from mobilenet_tf.console import table
from mobilenet_tf.cost import totals
from mobilenet_tf.data import load_dataset
from mobilenet_tf.folding import fold
from mobilenet_tf.interpreter import Session
from mobilenet_tf.ungrouping import ungroup
from mobilenet_tf.weights import Weights, load_weights, model_with

ROUNDS = 200
HEADER = ["network", "M Mult-Adds", "float32", "int8", "agreement", "float32 ms", "int8 ms", "int8 MB"]


def main(source: str, named: list[str]) -> None:
    """Print a row for each network."""
    data = load_dataset(source)
    test = Evaluation(data.validation, RES, cache_bytes=2 * 2**30)
    networks = [weights_of(name) for name in named]
    files = [files_of(weights, calibration_of(data, RES)) for weights in networks]
    classes = [[classes_by(Runner(file, threads=2).outputs, test) for file in pair] for pair in files]
    labels = np.concatenate([labels for _, labels in test])
    rows = []
    for weights, pair, (exact, rounded), latencies in zip(networks, files, classes, measured(files), strict=True):
        shares = (np.mean(exact == labels), np.mean(rounded == labels), np.mean(rounded == exact))
        cost, size = totals(weights.spec)[0] / 1e6, len(pair[1]) / 1e6
        cells = [*(f"{share:.2%}" for share in shares), *(f"{latency:.2f}" for latency in latencies), f"{size:.2f}"]
        rows.append([f"{weights.spec.name} ({weights.source})", f"{cost:.1f}", *cells])
    print(table(HEADER, rows))
    print(
        f"\ntop-1 on {len(labels)} test photos; agreement: int8 has float32's class; ms: median of {ROUNDS} inferences"
    )
    print(f"on one thread of {host_environment().cpu}, all files in turns.")


def weights_of(name: str) -> Weights:
    """Of a file, or bundled: ARCH:ALPHA."""
    arch, _, alpha = name.partition(":")
    return load_weights("cifar10", arch=arch, alpha=float(alpha)) if alpha else load_weights(name, res=RES)


def files_of(weights: Weights, calibration: Any) -> tuple[bytes, bytes]:
    """Its float32 and int8 files, as mobilenet-export makes them."""
    graph = fold(model_with(weights))
    plain = ungroup(graph)
    exact = convert(frozen=freeze(graph), recipe=RECIPES["float32"], calibration=calibration.images)
    return exact, quantize(plain, freeze(plain), RECIPES["int8"], calibration).model


def classes_by(predict: Callable[[Any], Any], test: Iterable[Any]) -> NDArray[np.int64]:
    """What `predict`, (n, res, res, 3) uint8 -> (n, classes), puts first."""
    return np.concatenate([np.asarray(predict(pixels)).argmax(1) for pixels, _ in test])


def measured(files: list[tuple[bytes, bytes]]) -> list[list[float]]:
    """The median latency of each file in ms."""
    sessions = [Session(content) for pair in files for content in pair]
    for session in sessions:
        session.run(np.zeros(session.input.shape, session.input.dtype))
    latencies = [[time_invoke(session) for session in sessions] for _ in range(ROUNDS)]
    medians: list[list[float]] = np.median(latencies, axis=0).reshape(-1, 2).tolist()
    return medians


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
