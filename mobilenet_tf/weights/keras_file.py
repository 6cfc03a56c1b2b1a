"""Read the weights in a file that Keras wrote: `.keras`, `.weights.h5`, or Keras Applications' `.h5`.

TensorFlow is loaded when a file is read.
"""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import shorten
from typing import TYPE_CHECKING, Any

import numpy as np

from mobilenet_tf.contract.manifest import SPLIT_FILE
from mobilenet_tf.data.split import Split
from mobilenet_tf.errors import DataError, WeightsError, reason_of
from mobilenet_tf.networks.spec import ModelSpec, spec_named
from mobilenet_tf.tasks.classification import build_model, class_count, head_of, split_classifier

from .another_network import another_network
from .arrays import Arrays, SourceWeights
from .described_size import check_layer_count, weights_as_stored
from .foreign_networks import network_named
from .hdf5_file import open_hdf5, stored_numbers
from .keras2_file import read_keras2
from .keras3_operations import has_operations, read_with_operations
from .model_description import model_description, written_by_keras2
from .shapes import recognize
from .tag_thresholds import read_thresholds

if TYPE_CHECKING:
    import keras

MAX_SPLIT_BYTES = 2**27  # of split.json: five million photos
# What h5py, zipfile and zlib raise for a file whose bytes are not what they were.
DAMAGED_FILE = (OSError, EOFError, zlib.error, zipfile.BadZipFile)
# And for a member that is encrypted or compressed in another way.
DAMAGED_ARCHIVE = (*DAMAGED_FILE, ValueError, RuntimeError)

__all__ = [
    "DAMAGED_FILE",
    "damaged_file",
    "is_keras_archive",
    "load_keras_model",
    "read_hdf5",
    "read_keras_archive",
    "read_split",
    "with_dense_classifier",
]


def is_keras_archive(path: Path) -> bool:
    """Whether a file that begins as a zip archive is a `.keras` file; of a damaged one its name tells."""
    try:
        with zipfile.ZipFile(path) as archive:
            return "config.json" in archive.namelist()
    except zipfile.BadZipFile:
        return path.suffix == ".keras"


def read_keras_archive(path: Path) -> SourceWeights:
    """The weights of a `.keras` file, and the split of the run that wrote it. Raises WeightsError for a damaged one."""
    if not zipfile.is_zipfile(path):
        raise _unreadable(path, ValueError("it is truncated or damaged"))
    split, notes = read_split(path)
    read = replace(_weights_of_model(path, ".keras"), split=split, notes=notes)
    return replace(read, thresholds=read_thresholds(path)) if read.head == "sigmoid" else read


def read_hdf5(path: Path, requested: ModelSpec) -> SourceWeights:
    """The weights of an `.h5` file with a model, of a `.weights.h5` file, or of Keras Applications' `.h5`.

    requested: the network that a file of weights alone may hold: such a file does not name its own.
    Raises WeightsError for a damaged file, or if no network of the table has its arrays.
    """
    try:
        with open_hdf5(path) as file:
            if "model_config" not in file.attrs:
                return _weights_alone(path, file, requested)
    except (OSError, KeyError, ValueError) as error:
        raise _unreadable(path, error) from error
    return _weights_of_model(path, ".h5")


def _weights_of_model(path: Path, suffix: str) -> SourceWeights:
    """The weights of a file that holds a model, in the order of its layers, the layers of inner models in their place.

    An input that the file leaves open counts as one that it does not say.
    """
    from mobilenet_tf.networks import builder  # noqa: F401  (it registers our layers)

    try:
        model = read_keras2(path) if written_by_keras2(path) else load_keras_model(path, suffix)
        res = model.input_shape[1]
    except (*DAMAGED_ARCHIVE, TypeError, KeyError, AttributeError) as error:
        raise _unreadable(path, error) from error
    names = [model.name, *(layer.name for layer in model.layers)]
    arrays = with_dense_classifier(model.get_weights())
    return SourceWeights(arrays, res, spec=spec_named(model.name), network=network_named(names), head=head_of(model))


def _weights_alone(path: Path, file: Any, requested: ModelSpec) -> SourceWeights:
    """The weights of a file without a model, by their names if a network has them all, else in the file's order."""
    from .application_layers import rescaling_layers, stored_layers
    from .named_weights import arrays_of_network, stored_weights

    in_older_format = "layer_names" in file.get("model_weights", file).attrs
    stored = stored_weights(file)
    network = network_named(name for weight in stored for name in weight.layers)
    shapes = [weight.shape for weight in stored]
    if in_older_format and len(shapes) > 1 and len(shapes[-2]) == 4:
        shapes[-2] = shapes[-2][-2:]  # the classifier of Keras Applications; see with_dense_classifier
    spec = recognize(shapes, requested)
    if spec is not None and (rescaling := rescaling_layers(stored_layers(file), {layer.type for layer in spec.plan()})):
        raise WeightsError(
            f"{path} holds the weights alone of a {spec.arch}, and has the layer {rescaling[0]} too: such a file does "
            "not say what that computes.\nOpen it with the code that wrote it and save the whole model: "
            "model.save('model.keras')."
        )
    arrays = None if spec is None else arrays_of_network(stored, spec)
    if arrays is None and in_older_format:
        arrays = with_dense_classifier([np.asarray(weight.read(), np.float32) for weight in stored])
    if arrays is None:
        if spec is None:
            raise another_network(path, network)
        arrays = _load_into_model(path, spec)
    return SourceWeights(arrays, imagenet=in_older_format and class_count(arrays) == 1000, network=network)


def with_dense_classifier(arrays: Arrays) -> Arrays:
    """Keras Applications keeps the classifier as a 1x1 convolution; ours is dense: (1, 1, in, out) -> (in, out)."""
    trunk, classifier = split_classifier(arrays)
    if len(classifier) < 2 or classifier[0].ndim != 4 or classifier[0].shape[:2] != (1, 1):
        return arrays
    kernel, bias = classifier
    return [*trunk, kernel.reshape(kernel.shape[-2:]), bias]


def read_split(path: Path) -> tuple[Split | None, tuple[str, ...]]:
    """The split inside a `.keras` file, which only ours have; and a note if there is one that cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            if SPLIT_FILE not in archive.namelist():
                return None, ()
            if (size := archive.getinfo(SPLIT_FILE).file_size) > MAX_SPLIT_BYTES:
                raise DataError(f"it says that it has {size} bytes")
            with archive.open(SPLIT_FILE) as member:
                return Split.from_json(member.read(MAX_SPLIT_BYTES + 1).decode()), ()
    except (*DAMAGED_ARCHIVE, DataError) as error:
        return None, (
            f"{path}: its record of the photos that it was trained on cannot be read "
            f"({shorten(reason_of(error), 120, placeholder=' ...')}); "
            "an accuracy on such photos will not be told from one on others.",
        )


def load_keras_model(path: Path, suffix: str) -> "keras.Model":
    """The model in a file that Keras wrote, whatever the file is called. Raises what Keras raises.

    A file that is asked for twice in a row is opened once, unless it was written in between: an export needs the
    weights and then the model, which nobody must change.
    suffix: `.keras`, or `.h5` for the older format.
    """
    content = path.stat()
    return _loaded(path, suffix, (content.st_mtime_ns, content.st_size, content.st_ino))


@lru_cache(maxsize=1)
def _loaded(path: Path, suffix: str, content: tuple[int, ...]) -> "keras.Model":  # noqa: ARG001  (a part of the key)
    from mobilenet_tf.keras_loader import keras

    class DepthwiseConv2D(keras.layers.DepthwiseConv2D):  # type: ignore[misc]
        """The layer as Keras 2 saved it: with `groups`, which is always 1 and which Keras 3 does not know."""

        @classmethod
        def from_config(cls, config: dict[str, Any]) -> keras.Layer:
            return super().from_config({name: value for name, value in config.items() if name != "groups"})

    check_layer_count(model_description(path), str(path))
    layers = {"DepthwiseConv2D": DepthwiseConv2D} if suffix == ".h5" else {}
    if suffix == ".h5" and has_operations(path):
        with weights_as_stored(str(path), stored_numbers(path)):
            return read_with_operations(path)
    with _named(path, suffix) as named, weights_as_stored(str(path), stored_numbers(path)):
        return keras.models.load_model(named, custom_objects=layers, compile=False)


@contextmanager
def _named(path: Path, suffix: str) -> Iterator[Path]:
    """A path to the file that ends in `suffix`, by which Keras tells formats apart: the file's own or a link's."""
    if path.name.endswith(suffix):
        yield path
        return
    with TemporaryDirectory() as folder:
        link = Path(folder) / f"model{suffix}"
        link.symlink_to(path.absolute())
        yield link


def _load_into_model(path: Path, spec: ModelSpec) -> Arrays:
    """Keras 3's `.weights.h5` names its arrays by the model's layers, so it is read by a model of the same shape."""
    model = build_model(spec)
    with _named(path, ".weights.h5") as named:
        model.load_weights(named)
    arrays: Arrays = model.get_weights()
    return arrays


def damaged_file(path: Path, error: Exception) -> WeightsError:
    """The error for a file that cannot be read to its end, for which `error` was raised."""
    return WeightsError(
        f"cannot read {path}: it is truncated or damaged ({shorten(reason_of(error), 120, placeholder=' ...')}).\n"
        "Compare its size and sha256 with the original's, and copy or download it again."
    )


def _unreadable(path: Path, error: Exception) -> WeightsError:
    if isinstance(error, DAMAGED_FILE):
        return damaged_file(path, error)
    return WeightsError(
        f"cannot read weights from {path}: {shorten(reason_of(error), 120, placeholder=' ...')}\n"
        "Expected a .keras or .weights.h5 of this project, a Keras Applications .h5, or a hosted .tflite, complete."
    )
