"""The file of a teacher of vectors: one of this project's networks, or a network of anybody's. It loads TensorFlow."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from mobilenet_tf.errors import MobilenetError, WeightsError
from mobilenet_tf.tasks.classification import classifier_layer
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.given_input import Normalization, normalization_of_range
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION
from mobilenet_tf.weights.arrays import sha256_of
from mobilenet_tf.weights.file_kinds import weights_file
from mobilenet_tf.weights.foreign_tflite import read_foreign_tflite
from mobilenet_tf.weights.keras_model import names_in, read_keras_model
from mobilenet_tf.weights.load import Weights, load_weights, model_with

from .teacher import VectorTeacher
from .teacher_end import ADVICE, ends_in_scores, gives_scores, has_labels, linear_end, scores_text
from .teacher_input import input_of, known_of_tflite, normalized, refuse_range

if TYPE_CHECKING:
    import keras

__all__ = ["read_teacher"]

USUAL_RES = 224  # of the images for a teacher that takes them of any size

Read = TypeVar("Read")


def read_teacher(file: str, teacher_range: str | None = None) -> VectorTeacher:
    """The network in `file`, or in the folder of a run, as a function from a photo to a vector.

    Of a classifier of this project the vector is its features, which the classifier takes. Of any other Keras file or
    .tflite it is the output, which must be one vector; integers of a .tflite count as the real numbers that they stand
    for.

    teacher_range: what a network of anybody's takes, as --teacher-range says it; None: as its file says.
    Raises WeightsError for a file that gives something else, such as scores of classes or boxes.
    """
    try:
        path = weights_file(file)
    except WeightsError as error:
        raise WeightsError(str(error).replace("--weights", "--teacher")) from error
    if path.is_dir():
        raise WeightsError(
            f"expected a --teacher in a .keras, .h5 or .tflite file; {path} is the folder of a SavedModel.\n"
            "Convert it: tf.lite.TFLiteConverter.from_saved_model(folder).convert() gives the content of a .tflite."
        )
    try:
        with path.open("rb") as opened:
            head = opened.read(8)
        given = None if teacher_range is None else normalization_of_range(teacher_range, "--teacher-range")
        teacher = _of_tflite(path, given) if head[4:8] == b"TFL3" else _of_keras(path, head, given)
    except OSError as error:
        raise WeightsError(f"cannot read {path}: {error.strerror or error}.\nCheck its permissions.") from error
    if teacher.dimensions < 2:
        raise WeightsError(f"expected a --teacher that gives a vector; {path} gives one number.\n{ADVICE}")
    return replace(teacher, origin={"file": path.name, "sha256": sha256_of(path)})


def _of_keras(path: Path, head: bytes, given: Normalization | None) -> VectorTeacher:
    """A network of this project, by its arrays, or else the model in the file."""
    try:
        weights: Weights | None = load_weights(str(path))
    except MobilenetError:
        weights = None
    if weights is not None and weights.head == "embedding":
        refuse_range(path, given, OUR_NORMALIZATION)
        return _of_model(model_with(weights), OUR_NORMALIZATION)
    suffix = ".h5" if head[:4] == b"\x89HDF" else ".keras"
    try:
        model, notes = _of_some_size(path, lambda res: read_keras_model(path, suffix, res))
    except WeightsError as error:
        if weights is None:
            raise _refused(path, error) from error
        return _of_features(weights, path, given)
    if not gives_scores(model):
        teacher = _of_anybodys_model(model, path, given)
        return replace(teacher, notes=(*notes, *teacher.notes))
    if weights is None:
        raise WeightsError(scores_text(path))
    return _of_features(weights, path, given)


def _of_features(weights: Weights, path: Path, given: Normalization | None) -> VectorTeacher:
    """What the classifier of a network of this project takes."""
    refuse_range(path, given, OUR_NORMALIZATION)
    model = model_with(weights)
    from mobilenet_tf.keras_loader import keras

    teacher = _of_model(keras.Model(model.inputs, classifier_layer(model).input), OUR_NORMALIZATION)
    note = f"{path} is a classifier: its {teacher.dimensions} features are taught, which its classifier takes."
    return replace(teacher, notes=(note,))


def _of_anybodys_model(model: "keras.Model", path: Path, given: Normalization | None) -> VectorTeacher:
    from mobilenet_tf.quantization.function_prologue import normalization_by_function
    from mobilenet_tf.quantization.keras_graph import frozen

    held, dtype = model.input_shape[1], model.inputs[0].dtype
    concrete = frozen(lambda image: model(image, training=False), (held, held, 3), dtype)
    own = normalization_by_function(concrete)
    refuse_range(path, given, own)
    chosen, notes = input_of(path, own or given, {*names_in(model)})
    teacher = _of_model(model, chosen.normalization, takes_bgr=chosen.takes_bgr)
    return replace(teacher, notes=notes, linear_end=linear_end(model, path))


def _of_model(model: "keras.Model", normalization: Normalization, *, takes_bgr: bool = False) -> VectorTeacher:
    dtype = model.inputs[0].dtype

    def function(images: Any) -> Any:
        from mobilenet_tf.keras_loader import tf

        values = normalized(images, normalization, takes_bgr)
        outputs = model(tf.cast(tf.round(values), dtype) if "int" in dtype else values, training=False)
        return tf.reshape(outputs, (-1, dimensions))

    dimensions = int(np.prod(model.output_shape[1:]))
    return VectorTeacher(model.input_shape[1], dimensions, function, {})


def _of_tflite(path: Path, given: Normalization | None) -> VectorTeacher:
    """The graph of the file, in floats; see quantization/dequantized.py."""
    from mobilenet_tf.quantization.dequantized import byte_normalization
    from mobilenet_tf.quantization.graph_reader import read_graph
    from mobilenet_tf.quantization.prologue import without_prologue

    try:
        file, on_size = _of_some_size(path, lambda res: read_foreign_tflite(path, res))
        graph = read_graph(file.content, str(path), dequantize=True, allow_float_ops=True)
    except MobilenetError as error:
        raise _refused(path, error) from error
    if ends_in_scores(graph) or has_labels(path):
        raise WeightsError(scores_text(path))
    own = known_of_tflite(file, path, graph)
    refuse_range(path, given, own, takes_integers=byte_normalization(parse(file.content)) is not None)
    chosen, notes = input_of(path, own or given, {*file.names})
    whole = replace(graph, normalization=chosen.normalization)
    taken = without_prologue(whole, takes_bgr=chosen.takes_bgr)
    dimensions = int(np.prod(graph.nodes[-1].shape[1:]))

    def function(images: Any) -> Any:
        from mobilenet_tf.keras_loader import tf

        return tf.reshape(taken(normalized(images, taken.normalization)), (-1, dimensions))

    read_as_floats = (f"{path} is quantized: its integers are read as the real numbers that they stand for.",)
    notes = (*(read_as_floats if file.quantized else ()), *file.notes, *on_size, *notes)
    return VectorTeacher(file.res, dimensions, function, {}, notes, linear_end(graph, path))


def _of_some_size(path: Path, read: Callable[[int | None], Read]) -> tuple[Read, tuple[str, ...]]:
    """(what `read` reads of a file; a note if the file takes images of any size, of which it is given one)."""
    try:
        return read(None), ()
    except WeightsError as error:
        try:
            found = read(USUAL_RES)
        except MobilenetError:
            raise error from None
    return found, (f"{path} takes images of any size: it is given those of {USUAL_RES}x{USUAL_RES}.",)


def _refused(path: Path, error: Exception) -> WeightsError:
    reason = str(error).splitlines()[0]
    return WeightsError(f"expected a --teacher that gives one vector for a photo; {path} is none: {reason}\n{ADVICE}")
