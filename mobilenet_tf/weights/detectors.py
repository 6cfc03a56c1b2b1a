"""The weights of detectors: a run of ours, a published SSD in a .tflite, random ones, or a backbone's alone.

TensorFlow is loaded when a model is built or read.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import SpecError, WeightsError
from mobilenet_tf.networks.anchors import ANCHORS_PER_CELL
from mobilenet_tf.networks.detectors import COCO_CLASSES, DEFAULT_DETECTOR, DETECTORS, DetectorSpec, detector_named
from mobilenet_tf.networks.layers import Layer
from mobilenet_tf.tasks.detection import build_model
from mobilenet_tf.tflite.detection_op import DETECTION_OP
from mobilenet_tf.tflite.graph_reader import custom_ops
from mobilenet_tf.tflite.model_file import read_model

from .arrays import Arrays, sha256_of
from .detector_tflite import StoredDetector, read_detector_tflite
from .file_kinds import weights_file
from .keras_file import DAMAGED_ARCHIVE, damaged_file, is_keras_archive, load_keras_model, read_split
from .model_description import model_description

if TYPE_CHECKING:
    import keras

__all__ = ["DetectorWeights", "arrays_of", "detector_in", "fill_layers", "is_detector", "load_detector"]


@dataclass(frozen=True)
class DetectorWeights:
    """A detector with its weights.

    source: random or file. origin: file name and sha256.
    load:   the Keras model, of build_model's form, which takes seconds to make.
    split:  the photos that it was trained on and validated with, and its classes; None if the source does not say it.
    """

    source: str
    spec: DetectorSpec
    load: Callable[[], "keras.Model"]
    origin: dict[str, Any] = field(default_factory=dict)
    split: Split | None = None
    notes: tuple[str, ...] = ()

    @property
    def parameters(self) -> int:
        """How many numbers its weights are."""
        return sum(math.prod(shape) for layer in self.spec.plan().layers for shape in layer.weight_shapes)


def is_detector(source: str, arch: str | None) -> bool:
    """Whether options mean a detector: the name of one, or a file that holds one."""
    return arch in DETECTORS or (Path(source).exists() and detector_in(source) is not None)


def detector_in(source: str) -> str | None:
    """What kind of file at `source` holds a detector: keras or tflite; None for any other, and for what is no file."""
    try:
        path = weights_file(source)
        if path.is_dir():
            return None
        with path.open("rb") as file:
            head = file.read(8)
        if head[4:8] == b"TFL3":
            return "tflite" if DETECTION_OP in custom_ops(read_model(path)) else None
        if head[:2] == b"PK" and is_keras_archive(path) and described_detector(path) is not None:
            return "keras"
    except (WeightsError, OSError):
        pass
    return None


def load_detector(
    source: str,
    *,
    arch: str | None = None,
    alpha: float | None = None,
    res: int | None = None,
    classes: int | None = None,
    seed: int = 0,
) -> DetectorWeights:
    """The detector that `source` means: `random`, or a file.

    A value that is None is taken from the source; one that is given is checked against it. Raises WeightsError, or
    SpecError for values that no detector has.
    """
    if source == "random":
        name = arch or DEFAULT_DETECTOR
        usual_res = DETECTORS[name].usual_res if name in DETECTORS else 300
        spec = DetectorSpec(
            name,
            1.0 if alpha is None else alpha,
            usual_res if res is None else res,
            COCO_CLASSES if classes is None else classes,
        )
        return DetectorWeights(source, spec, partial(_random, spec, seed))
    path, kind = weights_file(source), detector_in(source)
    if kind is None:
        raise WeightsError(
            f"expected --weights to be random or a detector's file: a .keras that mobilenet-train made of photos with "
            f"boxes, or a .tflite of an SSD; got {source}."
        )
    origin = {"file": path.name, "sha256": sha256_of(path)}
    if kind == "tflite":
        stored = read_detector_tflite(path)
        _check_options(source, stored.spec, arch, alpha, res, classes)
        note = f"{path.name}: its weights are taken; integers become the real numbers that they stand for."
        return DetectorWeights("file", stored.spec, partial(_filled, stored), origin, notes=(note,))
    found = described_detector(path)
    assert found is not None
    _check_options(source, found, arch, alpha, res, classes)
    split, notes = read_split(path)
    return DetectorWeights("file", found, partial(_read_keras, path), origin, split, notes)


def described_detector(path: Path) -> DetectorSpec | None:
    """The detector that a `.keras` file describes; None if it describes another model."""
    try:
        description = model_description(path) or {}
        config = description.get("config", {})
        filters = {one["config"].get("name"): one["config"].get("filters") for one in config.get("layers", ())}
    except (*DAMAGED_ARCHIVE, KeyError, TypeError, AttributeError):
        return None
    columns = filters.get("classes0")
    if not isinstance(columns, int) or columns < ANCHORS_PER_CELL[0]:
        return None
    return detector_named(str(config.get("name")), columns // ANCHORS_PER_CELL[0])


def fill_layers(model: "keras.Model", arrays: Mapping[str, Arrays]) -> list[str]:
    """Set the weights of layers by their names; a layer whose shapes are others stays as it is.

    arrays: of each layer with a kernel, with batch norm's four after it, as StoredDetector has them, or those of
            another model, see arrays_of.
    Returns the names of the layers that were set.
    """
    names, done = {layer.name for layer in model.layers}, []
    for name, values in arrays.items():
        if name not in names:
            continue
        parts = [(name, values[:1]), (f"{name}_bn", values[1:])] if f"{name}_bn" in names else [(name, values)]
        if all(_fits(model.get_layer(layer), part) for layer, part in parts):
            for layer, part in parts:
                model.get_layer(layer).set_weights(part)
            done.append(name)
    return done


def arrays_of(model: "keras.Model", layers: list[Layer]) -> dict[str, Arrays]:
    """The arrays of those layers of a model of ours that have weights, by their names, batch norm's after the kernel.

    Of a classifier and of a detector over it the layers of the backbone have the same names: fill_layers takes them.
    """
    arrays = {}
    for layer in layers:
        if layer.weighted:
            arrays[layer.name] = model.get_layer(layer.name).get_weights()
            if layer.batch_norm:
                arrays[layer.name] += model.get_layer(f"{layer.name}_bn").get_weights()
    return arrays


def _fits(layer: Any, values: Arrays) -> bool:
    return [tuple(weight.shape) for weight in layer.weights] == [value.shape for value in values]


def _random(spec: DetectorSpec, seed: int) -> "keras.Model":
    from mobilenet_tf.keras_loader import keras

    keras.utils.set_random_seed(seed)
    return build_model(spec)


def _filled(stored: StoredDetector) -> "keras.Model":
    model = build_model(stored.spec)
    done = fill_layers(model, stored.arrays)
    assert len(done) == len(stored.arrays), sorted({*stored.arrays} - {*done})
    return model


def _read_keras(path: Path) -> "keras.Model":
    """Raises WeightsError for a damaged file."""
    from mobilenet_tf.networks import builder  # noqa: F401  (it registers our layers)

    try:
        return load_keras_model(path, ".keras")
    except (*DAMAGED_ARCHIVE, TypeError, KeyError, AttributeError) as error:
        raise damaged_file(path, error) from error


def _check_options(
    source: str, spec: DetectorSpec, arch: str | None, alpha: float | None, res: int | None, classes: int | None
) -> None:
    for name, given, found in (
        ("arch", arch, spec.arch),
        ("alpha", alpha, spec.alpha),
        ("res", res, spec.res),
        ("classes", classes, spec.classes),
    ):
        if given is not None and given != found:
            raise SpecError(f"{source} is a detector with --{name} {found}; got {given}.\nLeave --{name} out.")
