"""A TensorFlow SavedModel of anybody's as a function of images. TensorFlow is loaded when one is read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import WeightsError, reason_of

from .batches import run_in_batches
from .image_shape import check_scores, resolution

__all__ = ["SavedModel", "read_saved_model"]

Float32 = NDArray[np.float32]
IMAGE_DTYPES = ("float32", "uint8", "int16", "int32", "int64")  # each integer holds every byte
# Ops that run code, or that reach files outside the model.
_UNSAFE = ("PyFunc", "PyFuncStateless", "EagerPyFunc", "ReadFile", "WriteFile", "MatchingFiles", "PrintV2")


@dataclass(frozen=True)
class SavedModel:
    """The serving signature of a SavedModel.

    function: of TensorFlow, from images (n, res, res, 3) to one output. names: of its variables' layers.
    dtype:    of the images; integers are the bytes of photos as they are.
    """

    res: int
    function: Callable[[Any], Any]
    names: tuple[str, ...]
    dtype: str = "float32"

    def run(self, images: Float32) -> Float32:
        """Images (n, res, res, 3), the values that the model takes -> its outputs (n, outputs)."""
        return run_in_batches(lambda batch: self.function(batch.astype(self.dtype)), images)


def read_saved_model(folder: Path, res: int | None = None) -> SavedModel:
    """The model in the folder of a SavedModel.

    res: the resolution of its images, if the model leaves it open.
    Raises WeightsError for a damaged folder, a model without a serving signature, or one that is no classifier of one
    image.
    """
    from mobilenet_tf.keras_loader import tf

    loaded = _loaded(folder)
    signature = _serving_signature(loaded, folder)
    inputs, outputs = signature.structured_input_signature[1], signature.structured_outputs
    (name, spec), (output_name, output) = next(iter(inputs.items())), next(iter(outputs.items()))
    if spec.dtype.name not in IMAGE_DTYPES:
        raise WeightsError(
            f"expected a model that takes images of float32 values or bytes; {folder} takes {spec.dtype.name}.\n"
            "Save it with a signature that takes the float32 values of the image, or its bytes as uint8."
        )
    held = resolution(str(folder), _sizes(spec), res)
    check_scores(str(folder), _sizes(output))

    def function(images: Any) -> Any:
        images = tf.convert_to_tensor(images, spec.dtype)
        if spec.shape[3] != 3:
            images = tf.transpose(images, (0, 3, 1, 2))
        return signature(**{name: images})[output_name]

    # The signature keeps the variables only as long as the loaded model lives.
    function.owner = loaded  # type: ignore[attr-defined]
    parts = (part for variable in signature.variables for part in variable.name.split("/")[:-1])
    return SavedModel(held, function, tuple(dict.fromkeys(parts)), spec.dtype.name)


def _sizes(spec: Any) -> list[int | None]:
    return spec.shape.as_list() if spec.shape.rank is not None else []


def _refuse_unsafe_ops(folder: Path) -> None:
    """Raise WeightsError for a model with an op that runs code or reads files. Such ops would run with the model."""
    from mobilenet_tf.keras_loader import tf  # noqa: F401  (TensorFlow comes through it)

    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel as Proto  # isort: skip

    file = folder / "saved_model.pb"
    if not file.is_file():
        raise WeightsError(f"{folder} has a saved_model.pbtxt, which is not read.\nSave it again with model.export.")
    proto = Proto()
    try:
        proto.ParseFromString(file.read_bytes())
    except Exception as error:  # protobuf's own
        raise WeightsError(f"cannot read {file}: it is truncated or damaged. Copy or download it again.") from error
    graphs = [meta.graph_def for meta in proto.meta_graphs]
    nodes = [node for graph in graphs for node in graph.node]
    nodes += [node for graph in graphs for function in graph.library.function for node in function.node_def]
    unsafe = next((node for node in nodes if node.op in _UNSAFE), None)
    if unsafe is not None:
        raise WeightsError(
            f"{folder} has the op {unsafe.op} ({unsafe.name}), which runs code or reads files: it is not run here.\n"
            "Save the model without it, or convert it where you trust it and give the .tflite."
        )


def _loaded(folder: Path) -> Any:
    """The SavedModel, as TensorFlow loads it. Raises WeightsError."""
    from mobilenet_tf.keras_loader import tf

    _refuse_unsafe_ops(folder)
    try:
        loaded = tf.saved_model.load(str(folder))
    # TensorFlow raises errors of many kinds for a folder that lacks files, or has ops that this TensorFlow lacks.
    except Exception as error:
        raise WeightsError(
            f"cannot load the SavedModel {folder}: {reason_of(error, 120)}\n"
            "Is the folder complete, with saved_model.pb and variables/?"
        ) from error
    return loaded


def _serving_signature(loaded: Any, folder: Path) -> Any:
    """The signature of one input and one output that a SavedModel is served by. Raises WeightsError."""
    signatures = loaded.signatures
    key = "serving_default" if "serving_default" in signatures else next(iter(signatures), None)
    if key is None:
        raise WeightsError(
            f"{folder} has no serving signature, which would say what it takes and gives.\n"
            "Save it with one: model.export(folder) in Keras, or tf.saved_model.save(model, folder, signatures=...)."
        )
    signature = signatures[key]
    inputs, outputs = signature.structured_input_signature[1], signature.structured_outputs
    if len(inputs) != 1 or len(outputs) != 1:
        raise WeightsError(
            f"expected a model that takes one image and gives one output; the signature {key} of {folder} takes "
            f"{', '.join(sorted(inputs))} and gives {', '.join(sorted(outputs))}.\n"
            "Save it with a signature of only the image and only the scores."
        )
    return signature
