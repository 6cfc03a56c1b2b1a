"""`make bench-quant`: agreement of int8 with float for every correction, beside the plain converter.

The folder is that of bench-hosted. For each of three seeds, 100 photos calibrate and all others are evaluated. The row
"weights in float" shows what int8 activations alone cost, because the weights lose nothing there. Each network is
measured in a separate process, so that the memory that is printed is that network's:
`python -m experiments.quant DIR NETWORK [SEED...]`.
"""

import resource
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.bundle_imagenet import HOSTED
from export.calibration import ExportImages, load_images
from export.quantize import quantize
from export.recipes import CORRECTIONS, RECIPES
from export.settings import ExportSettings
from export.source import keras_scores
from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.data.ground_truth import true_classes
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.quantization.correction import correct
from mobilenet_tf.quantization.graph import Graph
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.terminal import table
from mobilenet_tf.tflite.flatbuffer import describe_ops
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.weights.load import Weights, load_weights, model_with

SEEDS = (0, 1, 2)
PER_TENSOR_ALPHA = 1.0

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Measured:
    """Agreement of one file with float and its loss of top-1, both as shares, and the seconds that it took to make."""

    agreement: float
    loss: float
    seconds: float


def main(data: Path) -> None:
    """Run a process for each network, the largest first."""
    legend = "agreement: mean (least to greatest); loss of top-1: mean, in points; seconds: the longest"
    print(f"{len(SEEDS)} seeds; {legend}", flush=True)
    for spec in sorted(HOSTED, key=lambda spec: totals(spec)[0], reverse=True):
        subprocess.run([sys.executable, "-m", "experiments.quant", str(data), spec.name], check=True)


def measure_network(data: Path, spec: ModelSpec, seeds: Sequence[int] = SEEDS) -> None:
    """Print the rows of one network."""
    file = data / HOSTED[spec][0]
    weights = load_weights(str(file))
    found: dict[str, list[Measured]] = defaultdict(list)
    ops = set()
    for seed in seeds:
        split = load_images(data / "imagenet_sample" / "images", res=spec.res, seed=seed)
        assert not {*split.calibration.photos} & {*split.verification.photos}
        for name, measured, graph in _files(weights, split, seed, file.read_bytes()):
            print(f"{spec.name} seed {seed} {name}: {measured.agreement:.2%}, {measured.seconds:.0f} s", flush=True)
            found[name].append(measured)
            ops |= {graph} if graph else set()
    rows = [_row(name, measured) for name, measured in found.items()]
    print(f"\n{file.name}, evaluated on {len(split.verification.photos)} photos")
    print(table(["int8", "agreement", "loss of top-1", "seconds"], rows))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"ops of all int8 files: {', '.join(sorted(ops))}; peak memory {peak:.1f} GB", flush=True)


def _files(weights: Weights, split: ExportImages, seed: int, hosted: bytes) -> Iterator[tuple[str, Measured, str]]:
    """Each file's name, what was measured, and its ops."""
    model = model_with(weights)
    graph, images = graph_of(model), split.verification.images
    convertible = graph
    exact = keras_scores(model, images).argmax(1)
    ground_truth = true_classes(split.verification.photos, ClassMatcher(imagenet_labels(), imagenet=True))
    known = np.array([-1 if index is None else index + weights.background for index in ground_truth.classes])

    def measured(file: bytes, seconds: float) -> Measured:
        return compared(ImageModel.from_bytes(file, threads=2).predict(images), seconds)

    def compared(outputs: NDArray[np.float32], seconds: float) -> Measured:
        classes = outputs.argmax(1)
        loss = np.mean(exact == known) - np.mean(classes == known)
        return Measured(float(np.mean(classes == exact)), float(loss), seconds)

    for per_tensor in (False, True) if weights.spec.alpha == PER_TENSOR_ALPHA else (False,):
        for correction in CORRECTIONS:
            start = time.perf_counter()
            settings = ExportSettings(correction=correction, per_tensor=per_tensor, seed=seed)
            made = quantize(convertible, RECIPES["int8"], split.calibration, settings)
            seconds = time.perf_counter() - start
            name = ("per-tensor, " if per_tensor else "per-channel, ") + correction
            ops = " ".join(f"{count} {op}" for op, count in sorted(describe_ops(made.parsed)[0].items()))
            yield name, measured(made.content, seconds), ops
    if ImageModel.from_bytes(hosted).session.input.dtype == "uint8":
        yield "the hosted uint8 file itself", measured(hosted, 0), ""
    yield "weights in float", compared(_activations_rounded(graph, split.calibration.images, images), 0), ""


def _activations_rounded(graph: Graph, calibration: UInt8, images: UInt8) -> NDArray[np.float32]:
    """The outputs, simulated, of a network whose activations alone are stored in int8; biases corrected as in fast."""
    quantized = correct(graph, calibration, weights=None)
    return np.concatenate([[*quantized.outputs(chunk)][-1][1] for chunk in graph.chunks(images)])


def _row(name: str, measured: list[Measured]) -> list[str]:
    agreements = [m.agreement for m in measured]
    spread = f"{np.mean(agreements):.1%} ({min(agreements):.1%} to {max(agreements):.1%})"
    return [name, spread, f"{100 * np.mean([m.loss for m in measured]):.2f}", f"{max(m.seconds for m in measured):.0f}"]


if __name__ == "__main__":
    if len(sys.argv) > 2:
        measure_network(Path(sys.argv[1]), ModelSpec.parse(sys.argv[2])[0], [*map(int, sys.argv[3:])] or SEEDS)
    else:
        main(Path(sys.argv[1]))
