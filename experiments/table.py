"""`make table`: the 16 networks of the MobileNet V1 paper with the bundled weights, on this host, for docs/figures.md.

It prints Markdown. `python -m experiments.table ALPHA RES [ALPHA RES...]` measures only these networks.
"""

import sys
import textwrap
from collections.abc import Sequence
from importlib import metadata as distributions
from typing import TextIO

import numpy as np

from export.calibration import MIN_VERIFICATION, ExportImages, load_images
from export.quantize import quantize
from export.recipes import parse_recipes
from export.verify import LATENCY_RUNS, median_latency_ms
from mobilenet_tf.benchmark.environment import host_environment
from mobilenet_tf.console import command_edge, progress_shown, warn
from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.networks.mobilenet_v1 import PUBLISHED_TOP1_SOURCE, PUBLISHED_WEIGHTS
from mobilenet_tf.networks.published import published_specs, published_top1
from mobilenet_tf.networks.spec import DEFAULT_ARCH
from mobilenet_tf.tasks.classification import agreement
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.metadata_writer import Metadata
from mobilenet_tf.weights.load import Weights, load_weights, model_with

RECIPES = parse_recipes("float32,int8")
ROUNDS = 10  # of LATENCY_RUNS for either file

HEADER = [
    "alpha",
    "res",
    "Mult-Adds (M)",
    "parameters (M)",
    "float32 (MB)",
    "int8 (MB)",
    "float32 (ms)",
    "int8 (ms)",
    "agreement",
    "published top-1",
]


def main(networks: Sequence[tuple[float, int]]) -> None:
    """Measure one network after the other, then print the table and what its columns mean."""
    rows = []
    with command_edge(verbose=False) as stderr, progress_shown(stderr) as on_progress:
        for number, (alpha, res) in enumerate(networks):
            on_progress(f"alpha {alpha}, res {res}", number / len(networks))
            rows.append(_row(alpha, res, stderr))
    for cells in (HEADER, ["---:"] * len(HEADER), *rows):
        print(f"| {' | '.join(cells)} |")
    for paragraph in _legend():
        print("\n" + textwrap.fill(paragraph, 120, break_long_words=False, break_on_hyphens=False))


def _row(alpha: float, res: int, stderr: TextIO) -> list[str]:
    weights, split = load_weights("imagenet", alpha=alpha, res=res), load_images(None, res=res)
    mult_adds, parameters = totals(weights.spec)
    images = split.verification.images
    files = _files(weights, split, stderr)
    models = [ImageModel.from_bytes(file) for file in files]
    float32, int8 = (model.predict(images) for model in models)
    # The files take turns, so that a change of the computer's speed affects both. Each turn is a block of runs, so
    # that the caches do not hold the other file's weights.
    latencies = [[median_latency_ms(model, images[0]) for model in models] for _ in range(ROUNDS)]
    return [
        str(alpha),
        f"**{res}**" if res == weights.trained_res else str(res),
        f"{mult_adds / 1e6:.1f}",
        f"{parameters / 1e6:.2f}",
        *(f"{len(file) / 1e6:.2f}" for file in files),
        *(f"{latency:.2f}" for latency in np.median(latencies, axis=0)),
        f"{agreement(int8, float32):.1%}",
        f"{published_top1(weights.spec)}%",
    ]


def _files(weights: Weights, split: ExportImages, stderr: TextIO) -> list[bytes]:
    """The float32 and the int8 file that mobilenet-export makes by default, labels and metadata included."""
    from mobilenet_tf.quantization.keras_graph import (
        graph_of,  # loads TensorFlow, whose messages must not stand among ours
    )

    graph = graph_of(model_with(weights))
    files = []
    for recipe in RECIPES:
        metadata = Metadata(weights.spec.artefact(recipe.name), "", imagenet_labels())
        made = quantize(graph, recipe, split.calibration, metadata=metadata)
        for note in made.notes:
            warn(f"{weights.spec.name}: {note}", stderr)
        files.append(made.content)
    return files


def _legend() -> list[str]:
    import tensorflow as tf

    host = host_environment()
    trained = ", ".join(f"{alpha} at {res}" for alpha, res in PUBLISHED_WEIGHTS["imagenet"])
    return [
        f"ms: median of one inference on one thread of {host.cpu}, {host.cores} cores, the "
        f"interpreter's invoke alone; {ROUNDS * LATENCY_RUNS} runs of each file, the two in turns of {LATENCY_RUNS}; "
        f"ai-edge-litert {distributions.version('ai-edge-litert')}, TensorFlow {tf.__version__}. MB: the file as "
        "`mobilenet-export` writes it, labels included. Mult-Adds and parameters: as `mobilenet-info` counts them. "
        "Agreement: how often int8 (`--correction fast`, the default) has float32's top-1, on "
        f"{MIN_VERIFICATION} crops of the bundled photos that did not calibrate.",
        "Published top-1 is not of the bundled weights and was not measured here: it is what Google prints for its own "
        "float checkpoints, one trained for each pair of alpha and res "
        f"([tensorflow/models]({PUBLISHED_TOP1_SOURCE})). The bundled "
        f"weights are one set for each alpha, trained at one res ({trained}; in bold) and used as they are at the "
        "three others, where their top-1 may be lower. Those of 0.25, 0.5 and 0.75 are from Google's quantized files, "
        "not from these float checkpoints.",
    ]


if __name__ == "__main__":
    chosen = [(float(a), int(r)) for a, r in zip(sys.argv[1::2], sys.argv[2::2], strict=True)]
    main(chosen or [(spec.alpha, spec.res) for spec in published_specs() if spec.arch == DEFAULT_ARCH])
