"""The model in the person's own file, as its owner made it: what is converted, and what an export must agree with.

TensorFlow is loaded when a file is read.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ModelError, WeightsError
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.tflite.metadata_reader import read_normalization
from mobilenet_tf.weights.file_kinds import unread_kind
from mobilenet_tf.weights.keras_file import is_keras_archive
from mobilenet_tf.weights.keras_model import names_in, read_keras_model, run_keras

__all__ = ["Owner", "read_owner"]

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class Owner:
    """A model of anybody's.

    res:     the resolution of its images, in pixels.
    content: the same model as a float .tflite, from one image to one output. The axes of the image are in the order
             of the file: an input of channels first is (1, 3, res, res) here.
    run:     images (n, res, res, 3), float32 as the model takes them -> its raw outputs (n, outputs), computed by what
             the file was made for, before any rewriting.
    names:   of the model, of the models in it and of their layers; empty if the file does not tell them.
    exact:   False if its weights were dequantized, so that `run` and `content` agree only roughly.
    notes:   what the person should know.
    normalization: what bytes become before `run`, if the file says it: by its first layers, by its metadata or by the
             integers that it takes.
    """

    path: Path
    res: int
    content: bytes
    run: Callable[[Float32], Float32]
    names: tuple[str, ...]
    exact: bool = True
    notes: tuple[str, ...] = ()
    normalization: Normalization | None = None


def read_owner(path: Path, res: int | None = None) -> Owner:
    """The model at `path`: a `.keras` file, a whole-model `.h5`, or a float .tflite.

    res: the resolution of its images, if the file leaves it open.
    Raises WeightsError for what is no such file, and for a model that is no classifier of one image.
    """
    with path.open("rb") as file:
        head = file.read(8)
    try:
        if head[4:8] == b"TFL3":
            return _of_tflite(path, res)
        if head[:4] == b"\x89HDF":
            return _of_keras(path, ".h5", res)
        if head[:2] == b"PK" and is_keras_archive(path):
            return _of_keras(path, ".keras", res)
    except ModelError as error:
        raise WeightsError(str(error)) from error
    raise WeightsError(unread_kind(path))


def _of_keras(path: Path, suffix: str, res: int | None) -> Owner:
    from mobilenet_tf.quantization.function_prologue import normalization_by_function
    from mobilenet_tf.quantization.keras_graph import float_file, frozen

    model = read_keras_model(path, suffix)
    held = model.input_shape[1]
    _check_res(path, held, res)
    function = frozen(lambda image: model(image, training=False), model.input_shape[1:])
    return Owner(
        path,
        held,
        float_file(model),
        lambda images: run_keras(model, images),
        tuple(names_in(model)),
        normalization=normalization_by_function(function),
    )


def _of_tflite(path: Path, res: int | None) -> Owner:
    content = path.read_bytes()
    session = Session(content, name=str(path), res=res)
    shape = session.input.shape
    channels_first = len(shape) == 4 and shape[1] == 3 != shape[3]
    held = shape[2]
    _check_res(path, held, res)

    def run(images: Float32) -> Float32:
        images = np.moveaxis(images, 3, 1) if channels_first else images
        return np.stack([session.run(np.ascontiguousarray(image[None])).reshape(-1) for image in images])

    return Owner(path, held, content, run, (), normalization=read_normalization(content))


def _check_res(path: Path, held: int, res: int | None) -> None:
    if res not in (None, held):
        raise WeightsError(f"{path} takes images of {held}x{held}; got --res {res}. Leave it out.")
