"""`make bench-archs`: MobileNet V1, V2 and V3 at about 40, 75, 150 and 300 M Mult-Adds, float and int8; ShuffleNet V1
and EffNet at about 38 and 140 M.

It measures the latency of one inference on one thread, with all files in turn; the weights are random, with the batch
norm of two images, which does not change it. Of those networks of which ImageNet weights are bundled it also prints how
often int8 has float32's class. The ShuffleNets are also measured in other forms that the export could use, and as a
plain conversion makes them: with the layers as a Keras user writes them, a shuffle as reshape, transposition of five
axes and reshape, an average as AveragePooling2D (which leaves the padding out), and a batch size that is not fixed.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from export.calibration import load_images
from export.convert import GraphForms, convert
from export.quantize import quantize
from export.recipes import parse_recipes
from mobilenet_tf.benchmark.environment import host_environment
from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.networks.builder import ChannelShuffle, ZeroPaddedAverage
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.quantization.graph import Graph
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import convert_function, graph_of
from mobilenet_tf.quantization.ungroup import remove_nodes, shuffle_at
from mobilenet_tf.tasks.classification import agreement, build_model
from mobilenet_tf.terminal import table
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.training.restore_batch_norm import batch_norms
from mobilenet_tf.weights.load import load_weights, model_with

from .latency import medians_in_turns
from .plain_converter import plain_file

NETWORKS = (
    ("mobilenet_v1", 0.72),
    ("mobilenet_v2", 1.0),
    ("mobilenet_v3_large", 1.12),
    ("mobilenet_v1", 0.5),
    ("mobilenet_v2", 0.58),
    ("mobilenet_v3_large", 0.75),
    ("shufflenet_v1", 1.0),
    ("effnet", 0.71),
    ("mobilenet_v1", 0.35),
    ("mobilenet_v2", 0.38),
    ("mobilenet_v3_large", 0.53),
    ("mobilenet_v3_small", 1.12),
    ("mobilenet_v1", 0.25),
    ("mobilenet_v2", 0.27),
    ("mobilenet_v3_large", 0.32),
    ("mobilenet_v3_small", 0.71),
    ("shufflenet_v1", 0.5),
    ("effnet", 0.38),
)
RECIPES = parse_recipes("float32,int8")
ROUNDS, RES = 40, 224
EXPORTED, PLAIN, UNSHUFFLED = "as exported", "plain conversion", "grouped alone"
WITH_SWISH = "with HARD_SWISH"  # in int8 too
IMAGES = np.random.default_rng(0).integers(0, 256, (2, RES, RES, 3), dtype=np.uint8)

Forms = dict[str, Callable[[Any], bytes]]  # form -> what makes the file of a recipe


def main() -> None:
    """Print the latency of each network in each form and recipe, and what the export gains over a plain one."""
    files = {
        (spec, form, recipe.name): made(recipe)
        for spec in (ModelSpec(arch, alpha, RES) for arch, alpha in NETWORKS)
        for form, made in forms(spec).items()
        for recipe in RECIPES
    }
    medians = medians_in_turns(files, ROUNDS)
    header = ["network", "form", "M Mult-Adds", *(f"{recipe.name} ms" for recipe in RECIPES), "int8 MB", "agreement"]
    print(table(header, rows(files, medians)))
    print(f"\nMedian of {ROUNDS} inferences at {RES} on one thread of {host_environment().cpu}, all files in turns.")
    print("agreement: of int8 with float32, on crops of the bundled photos, if ImageNet weights are bundled.")
    print(f"{UNSHUFFLED}: with the shuffles left out, which is another function: what free shuffles would take.")
    for spec in dict.fromkeys(spec for spec, form, _ in files if form == PLAIN):
        gains = [f"{medians[spec, PLAIN, r.name] / medians[spec, EXPORTED, r.name]:.2f} ({r.name})" for r in RECIPES]
        print(f"{spec.name}: its plain conversion takes {', '.join(gains)} times as long as the export.")


def rows(files: dict[Any, bytes], medians: dict[Any, float]) -> list[list[str]]:
    """A row for each network and form."""
    found = []
    for spec, form in dict.fromkeys((spec, form) for spec, form, _ in files):
        latencies = [f"{medians[spec, form, recipe.name]:.2f}" for recipe in RECIPES]
        size = f"{len(files[spec, form, 'int8']) / 1e6:.2f}"
        agreed = measured_agreement(spec) if form == EXPORTED else "-"
        found.append([spec.name, form, f"{totals(spec)[0] / 1e6:.0f}", *latencies, size, agreed])
    return found


def measured_agreement(spec: ModelSpec) -> str:
    """How often int8, as mobilenet-export makes it, has the class of float32; `-` if no trained weights are bundled."""
    trained = spec.architecture.weights.get("imagenet", ())
    if spec.alpha not in {alpha for alpha, _ in trained}:
        return "-"
    graph = graph_of(model_with(load_weights("imagenet", arch=spec.arch, alpha=spec.alpha, res=RES)))
    images = load_images(None, res=RES)
    made = [quantize(graph, recipe, images.calibration).content for recipe in RECIPES]
    float32, int8 = (ImageModel.from_bytes(file).predict(images.verification.images) for file in made)
    return f"{agreement(int8, float32):.1%}"


def forms(spec: ModelSpec) -> Forms:
    """Ways to make a file of `spec`: what the export does, and what else could be done."""
    graph = graph_of(random_model(spec))
    graphs = GraphForms(graph)
    exported: Forms = {EXPORTED: lambda recipe: exporter(graphs.for_recipe(recipe))(recipe)}
    if spec.arch.startswith("mobilenet_v3"):
        return exported | {WITH_SWISH: exporter(graph)}
    if spec.arch != "shufflenet_v1":
        return exported
    return exported | {
        "grouped, shuffled": exporter(graphs.grouped),
        "split, shuffled": exporter(split(graph)),
        UNSHUFFLED: exporter(unshuffled(graph)),
        "ungrouped": exporter(graphs.ungrouped),
        PLAIN: plain(spec),
    }


def random_model(spec: ModelSpec) -> keras.Model:
    """Random weights, with the batch norm of IMAGES: as in a trained network, values neither vanish nor grow from layer
    to layer. XNNPACK leaves additions of scales that are too far apart.
    """
    model = build_model(spec)
    for norm in batch_norms(model):
        norm.momentum = 0.0
    model(normalize(IMAGES), training=True)
    return model


def exporter(graph: Graph) -> Callable[[Any], bytes]:
    """Converts as mobilenet-export does; its corrections change numbers only."""
    return lambda recipe: convert(graph, recipe, IMAGES)


def split(graph: Graph) -> Graph:
    """Each grouped convolution as one convolution a group, between a split and a concatenation."""

    def parts(x: Any, kernel: Any, _: Any) -> Any:
        groups = x[0].shape[-1] // kernel.shape[2]
        pairs = zip(tf.split(x[0], groups, -1), tf.split(kernel, groups, -1), strict=True)
        return tf.concat([tf.nn.conv2d(*pair, 1, "SAME") for pair in pairs], -1)

    # Only pointwise convolutions are grouped; one that is not is its own only part.
    nodes = (
        replace(node, linear=parts) if node.kind == "conv" and node.strides == (1, 1) else node for node in graph.nodes
    )
    return read_graph(convert_function(replace(graph, nodes=tuple(nodes)), graph.input_shape))


def unshuffled(graph: Graph) -> Graph:
    """Another function: the groups never see each other's channels."""
    removed: dict[int, int] = {}
    for first, node in enumerate(graph.nodes):
        shuffle = shuffle_at(graph, first)
        if shuffle is not None:
            removed.update(dict.fromkeys(range(first, shuffle.last + 1), node.inputs[0]))
    return remove_nodes(graph, removed)


def plain(spec: ModelSpec) -> Callable[[Any], bytes]:
    """The Keras model by TensorFlow's converter, as its guide shows it."""
    model = keras.models.clone_model(build_model(spec), clone_function=as_usual)

    return lambda recipe: plain_file(model, IMAGES if recipe.name == "int8" else None)


def as_usual(layer: Any) -> Any:
    """A shuffle and an average as Keras's own layers write them; any other layer as it is."""
    if isinstance(layer, ZeroPaddedAverage):
        return keras.layers.AveragePooling2D(layer.pool_size, layer.strides, "same", name=layer.name)
    if not isinstance(layer, ChannelShuffle):
        return layer.__class__.from_config(layer.get_config())
    height, width, channels = layer.output.shape[1:]
    dealt = keras.layers.Reshape((height, width, layer.groups, channels // layer.groups))
    shuffle = [dealt, keras.layers.Permute((1, 2, 4, 3)), keras.layers.Reshape((height, width, channels))]
    return keras.Sequential(shuffle, name=layer.name)


if __name__ == "__main__":
    main()
