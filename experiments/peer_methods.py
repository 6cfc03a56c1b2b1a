"""The ways of `make bench-peers` to an int8 file from the same float .tflite and the same photos."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.peer_networks import Network
from experiments.plain_converter import plain_int8
from export.calibration import ImageSet
from export.convert import GraphForms
from export.owner import read_owner
from export.quantize import quantize
from export.recipes import CORRECTIONS, RECIPES
from export.settings import ExportSettings
from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.errors import InputError
from mobilenet_tf.quantization.file_writer import write_float
from mobilenet_tf.quantization.graph import Graph
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.quantization.prologue import without_prologue
from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.weights.load import load_weights, model_with

__all__ = ["METHODS", "Material", "material_of"]

LITERT_PYTHON = Path("build/venv-peers/bin/python")
LITERT_ALGORITHMS = {"min-max": "MIN_MAX_UNIFORM_QUANT", "octav": "OCTAV", "gptq": "GPTQ"}

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True)
class Material:
    """What every method begins with.

    content:       the float .tflite, with a signature, which LiteRT's quantizer needs.
    normalization: of bytes, as `content` takes them.
    graph:         of the same file, without the layers that normalize its input.
    own_int8:      the int8 file of its owner.
    """

    content: bytes
    normalization: Normalization
    graph: Graph
    own_int8: Path | None

    @property
    def res(self) -> int:
        """The resolution of its images, in pixels."""
        return self.graph.input_shape[0]

    def float_input(self, images: UInt8) -> NDArray[np.float32]:
        """Images as `content` takes them."""
        return normalize(images, self.normalization.mean, self.normalization.std)


def material_of(name: str, network: Network, data: Path) -> Material:
    """Read a network. Raises an error of this project if it cannot be read."""
    graph = _whole_graph(name, network, data)
    content = pack(write_float(graph, "float32", name))
    own = data / network.own_int8 if network.own_int8 else None
    return Material(content, graph.normalization, without_prologue(graph), own)


def _whole_graph(name: str, network: Network, data: Path) -> Graph:
    if network.source.startswith("imagenet "):
        return graph_of(model_with(load_weights("imagenet", alpha=float(network.source.split()[1]))))
    path = data / network.source
    content = path.read_bytes() if path.suffix == ".tflite" else read_owner(path).content
    graph = read_graph(content, name, dequantize=True)
    return graph if network.normalization is None else replace(graph, normalization=network.normalization)


def _plain(material: Material, calibration: ImageSet, seed: int, output: Path) -> float:
    del seed
    images = calibration.images.copy()
    # A black and a white pixel, so that the input's steps are those of bytes, as here.
    images[0, 0, 0], images[0, -1, -1] = 0, 255
    start = time.perf_counter()
    output.write_bytes(plain_int8(material.content, material.float_input(images)))
    return time.perf_counter() - start


def _by_litert(algorithm: str) -> "Method":
    def method(material: Material, calibration: ImageSet, seed: int, output: Path) -> float:
        del seed
        with tempfile.TemporaryDirectory() as folder:
            model, images = Path(folder, "float.tflite"), Path(folder, "images.npy")
            model.write_bytes(material.content)
            np.save(images, material.float_input(calibration.images))
            script = Path(__file__).with_name("litert_peer.py")
            words = [str(LITERT_PYTHON), str(script), str(model), str(images), algorithm, str(output)]
            done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise InputError(done.stderr.strip().splitlines()[-1])
        return float(done.stdout)

    return method


def _by_this_project(correction: str) -> "Method":
    def method(material: Material, calibration: ImageSet, seed: int, output: Path) -> float:
        start = time.perf_counter()
        settings = ExportSettings(correction=correction, seed=seed)
        target = GraphForms(material.graph).for_recipe(RECIPES["int8"])
        output.write_bytes(quantize(target, RECIPES["int8"], calibration, settings).content)
        return time.perf_counter() - start

    return method


def _own(material: Material, calibration: ImageSet, seed: int, output: Path) -> float:
    del calibration, seed
    if material.own_int8 is None:
        raise InputError("its owner gives no int8 file")
    shutil.copyfile(material.own_int8, output)
    return 0.0


# (material, what to calibrate on, seed, where the file goes) -> the seconds that it took.
Method = Callable[[Material, ImageSet, int, Path], float]

METHODS: dict[str, Method] = {
    "plain": _plain,
    **{f"litert-{name}": _by_litert(algorithm) for name, algorithm in LITERT_ALGORITHMS.items()},
    **{correction: _by_this_project(correction) for correction in CORRECTIONS},
    "own": _own,
}
