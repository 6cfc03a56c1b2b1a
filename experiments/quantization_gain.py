"""How near int8 files come to their float model: `python -m experiments.quantization_gain MODEL.tflite --photos DIR`.

For each seed 100 of the photos calibrate, without labels, and up to 400 others are evaluated. Each file is run by the
interpreter and compared with the float graph by two numbers: the share of photos with the same best class, and the mean
Kullback-Leibler divergence of its scores from the float ones. The divergence sees gains that a few hundred best classes
hide in chance.
"""

import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from export.calibration import ExportImages, load_images
from export.convert import GraphForms
from export.quantize import quantize
from export.recipes import CORRECTIONS, RECIPES
from export.settings import ExportSettings
from mobilenet_tf.quantization.graph import Graph
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.terminal import table
from mobilenet_tf.tflite.given_input import GivenInput, Normalization
from mobilenet_tf.tflite.image_model import ImageModel

__all__ = ["Comparison", "compare", "gain_rows", "scores_of"]

HALF_STEP = 1 / 512  # of an int8 probability

UInt8 = NDArray[np.uint8]
Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Comparison:
    """One file beside the float model, and the seconds that it took to make.

    agreement:  the share of photos with the same best class.
    divergence: of the scores from the float ones, Kullback-Leibler, in nats a photo.
    """

    agreement: float
    divergence: float
    seconds: float = 0.0


def compare(scores: Float32, exact: Float32, seconds: float = 0.0) -> Comparison:
    """A file's probabilities (n, classes) beside the float model's."""
    logarithms = np.log(np.maximum(exact, 1e-30) / without_zeros(scores))
    divergence = float(np.sum(exact * logarithms, 1).mean())
    return Comparison(float(np.mean(scores.argmax(1) == exact.argmax(1))), divergence, seconds)


def without_zeros(scores: Float32) -> Float32:
    """Probabilities (n, classes) in which those that a file rounded to 0 share what the others leave of 1.

    A fixed smallest probability would give a thousand classes more than 1 in all.
    """
    zeros = scores <= 0
    left = np.maximum(HALF_STEP, 1 - scores.sum(1, keepdims=True))
    filled = np.where(zeros, left / np.maximum(1, zeros.sum(1, keepdims=True)), scores)
    return (filled / filled.sum(1, keepdims=True)).astype(np.float32)


def scores_of(content: bytes, images: UInt8, normalization: Normalization) -> Float32:
    """The probabilities that a .tflite gives to images (n, res, res, 3): (n, classes). It is fed as by the harness.

    normalization: of bytes, as the float model takes them. An integer input of which each byte is one step takes bytes
    as they are.
    """
    given = GivenInput(normalization)
    return ImageModel.from_bytes(content, threads=2, min_classes=1, given=given).predict(images)


def gain_rows(graph: Graph, split: ExportImages, corrections: Sequence[str], seed: int) -> dict[str, Comparison]:
    """The comparison of the int8 file of each correction."""
    target, images = GraphForms(graph).for_recipe(RECIPES["int8"]), split.verification.images
    exact = graph.scores(images)
    found = {}
    for correction in corrections:
        start = time.perf_counter()
        settings = ExportSettings(correction=correction, io="uint8", seed=seed)
        made = quantize(target, RECIPES["int8"], split.calibration, settings)
        seconds = time.perf_counter() - start
        found[correction] = compare(scores_of(made.content, images, graph.normalization), exact, seconds)
    return found


def spread(values: Sequence[float], form: str) -> str:
    """Mean, least and greatest."""
    return f"{np.mean(values):{form}} ({min(values):{form}} to {max(values):{form}})"


@click.command(help=__doc__)
@click.argument("model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--photos", required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seeds", default=3, show_default=True, help="How many divisions of the photos are measured.")
@click.option("--correction", "corrections", multiple=True, type=click.Choice(CORRECTIONS), default=("none", "fast"))
def main(model: Path, photos: Path, seeds: int, corrections: tuple[str, ...]) -> None:
    """Print a row for each correction."""
    graph = read_graph(model.read_bytes(), model.name)
    found: dict[str, list[Comparison]] = defaultdict(list)
    for seed in range(seeds):
        split = load_images(photos, res=graph.input_shape[0], seed=seed)
        for name, comparison in gain_rows(graph, split, corrections, seed).items():
            found[name].append(comparison)
    print(f"{model.name}: {len(split.verification.photos)} photos that did not calibrate, {seeds} seed(s)")
    rows = [
        [
            name,
            spread([one.agreement for one in of_seeds], ".1%"),
            spread([one.divergence for one in of_seeds], ".4f"),
            f"{max(one.seconds for one in of_seeds):.0f}",
        ]
        for name, of_seeds in found.items()
    ]
    print(table(["correction", "agreement", "divergence, nats", "seconds, at most"], rows))


if __name__ == "__main__":
    main()
