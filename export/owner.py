"""The model in the person's own file, as its owner made it: what is converted, and what an export must agree with.

TensorFlow is loaded when a file is read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError, WeightsError, reason_of
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.given_input import BYTES, Normalization
from mobilenet_tf.tflite.metadata_reader import read_normalization
from mobilenet_tf.weights.file_kinds import unread_kind
from mobilenet_tf.weights.foreign_tflite import read_foreign_tflite
from mobilenet_tf.weights.keras_file import is_keras_archive
from mobilenet_tf.weights.keras_model import names_in, read_keras_model, run_keras
from mobilenet_tf.weights.saved_model import read_saved_model

from .owner_features import features_of_file, features_of_function

if TYPE_CHECKING:
    import keras

__all__ = ["Owner", "read_owner", "read_weights_alone"]

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Owner:
    """A model of anybody's.

    res:     the resolution of its images, in pixels.
    content: the same model as a float .tflite, from one image to one output. If a .tflite takes channels first, its
             input is (1, 3, res, res) here too; `run` takes images of channels last all the same. If the model takes
             bytes, its input is of integers.
    run:     images (n, res, res, 3), float32 as the model takes them -> its raw outputs (n, outputs), computed by what
             the file was made for, before any rewriting.
    features: images as for `run` -> what the layer of its classes takes, (n, features), computed as by `run`. Raises
             ModelError if it has no such layer.
    names:   of the model, of the models in it and of their layers; empty if the file does not tell them.
    exact:   False if its weights were dequantized, so that `run` and `content` agree only roughly.
    notes:   what the person should know.
    normalization: what bytes become before `run`, if the file says it: by its first layers, by its metadata or by the
             integers that it takes.
    takes_bytes: whether its image is of integers that stand for themselves, as uint8: it takes no other values.
    """

    path: Path
    res: int
    content: bytes
    run: Callable[[Float32], Float32]
    features: Callable[[Float32], Float32]
    names: tuple[str, ...]
    exact: bool = True
    notes: tuple[str, ...] = ()
    normalization: Normalization | None = None
    takes_bytes: bool = False


def read_owner(path: Path, res: int | None = None) -> Owner:
    """The model at `path`: a `.keras` file, a whole-model `.h5`, the folder of a SavedModel, or a .tflite.

    res: the resolution of its images, if the file leaves it open.
    Raises WeightsError for what is no such file, and for a model that is no classifier of one image.
    """
    try:
        if path.is_dir():
            return _of_saved_model(path, res)
        with path.open("rb") as file:
            head = file.read(8)
        if head[4:8] == b"TFL3":
            return _of_tflite(path, res)
        if head[:4] == b"\x89HDF":
            return _of_keras(path, ".h5", res)
        if head[:2] == b"PK" and is_keras_archive(path):
            return _of_keras(path, ".keras", res)
    except ModelError as error:
        raise WeightsError(str(error)) from error
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror or error}.\nCheck its permissions.") from error
    raise WeightsError(unread_kind(path))


def read_weights_alone(path: Path, res: int | None = None) -> Owner | None:
    """The classifier of Keras Applications whose weights alone an HDF5 file holds; None for those of another network.

    res: the resolution of its images; None for the default of the network, with a note.
    Raises WeightsError for such a network without a classifier, or with layers that the file does not describe.
    """
    from mobilenet_tf.weights.application_file import read_application

    try:
        read = read_application(path, res)
    except (OSError, KeyError) as error:
        raise WeightsError(f"cannot read {path}: it is truncated or damaged. Copy or download it again.") from error
    return None if read is None else _of_model(path, *read)


def _of_keras(path: Path, suffix: str, res: int | None) -> Owner:
    return _of_model(path, read_keras_model(path, suffix, res))


def _of_model(path: Path, model: "keras.Model", notes: tuple[str, ...] = ()) -> Owner:
    held, dtype = model.input_shape[1], model.inputs[0].dtype
    made = _converted(lambda image: model(image, training=False), held, path, dtype)
    names = tuple(names_in(model))
    return Owner(path, held, names=names, run=lambda images: run_keras(model, images), notes=notes, **made)


def _of_saved_model(folder: Path, res: int | None) -> Owner:
    model = read_saved_model(folder, res)
    made = _converted(model.function, model.res, folder, model.dtype)
    return Owner(folder, model.res, names=model.names, run=model.run, **made)


def _of_tflite(path: Path, res: int | None) -> Owner:
    from mobilenet_tf.quantization.dequantized import byte_normalization, dequantized_file

    file = read_foreign_tflite(path, res)
    carried = read_normalization(path.read_bytes())
    if file.takes_bytes:
        carried = BYTES
    of_file: dict[str, Any] = {
        "res": file.res,
        "run": file.run,
        "features": partial(features_of_file, file),
        "names": file.names,
        "takes_bytes": file.takes_bytes,
    }
    if not file.quantized:
        return Owner(path, content=file.content, normalization=carried, notes=file.notes, **of_file)
    note = (
        f"{path} is quantized: the float model that it was made from is better, if there is one. What its 8-bit "
        "weights stand for is exported, and compared with its own answers."
    )
    content = dequantized_file(file.content, str(path))
    carried = carried or byte_normalization(parse(file.content))
    return Owner(path, content=content, exact=False, notes=(note, *file.notes), normalization=carried, **of_file)


def _converted(function: Callable[[Any], Any], res: int, path: Path, dtype: str) -> dict[str, Any]:
    """What Owner says of a TensorFlow function of one image of a dtype, which the model at `path` is: its float
    .tflite, its features, and the normalization that it begins with.
    """
    from mobilenet_tf.quantization.function_prologue import normalization_by_function
    from mobilenet_tf.quantization.keras_graph import converted, frozen

    try:
        concrete = frozen(function, (res, res, 3), dtype)
        return {
            "content": converted(concrete),
            "features": partial(features_of_function, concrete),
            "normalization": normalization_by_function(concrete),
            "takes_bytes": concrete.inputs[0].dtype.is_integer,
        }
    except Exception as error:  # the converter raises errors of many kinds
        raise WeightsError(
            f"TensorFlow's converter does not take the model in {path}: {reason_of(error, 160)}\n"
            "Leave out the layers that it names, or convert the model yourself and give the .tflite."
        ) from error
