"""A .tflite of anybody's: made ready for one image of a fixed size, and run as it is. TensorFlow-free."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import dequantize
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.tflite.child_process import run_in_child_process
from mobilenet_tf.tflite.detection_op import DETECTION_OP
from mobilenet_tf.tflite.flatbuffer import enum_names, pack, parse
from mobilenet_tf.tflite.graph_reader import custom_ops
from mobilenet_tf.tflite.interpreter import Session, TensorInfo
from mobilenet_tf.tflite.model_file import read_model

from .image_shape import check_scores, resolution
from .tflite_file import damaged_tflite

__all__ = ["ForeignFile", "read_foreign_tflite"]

Float32 = NDArray[np.float32]
QUANTIZED = ("UINT8", "INT8", "INT16", "INT4")
IMAGE_TYPES = (np.float32, np.uint8, np.int8, np.int16, np.int32, np.int64)


@dataclass(frozen=True)
class ForeignFile:
    """The bytes of a .tflite from one image of `res` pixels to one row of scores.

    quantized: whether it has weights or activations in integers. names: the parts of the names of its tensors.
    takes_bytes: whether its image is integers without a scale: the bytes of photos as they are.
    notes: what the person should know.
    """

    res: int
    content: bytes
    quantized: bool
    names: tuple[str, ...]
    takes_bytes: bool = False
    notes: tuple[str, ...] = ()

    def run(self, images: Float32) -> Float32:
        """Images (n, res, res, 3), real values as the file takes them -> its outputs as real values (n, outputs)."""
        session = Session(self.content, delegate=not self.quantized)
        channels_first = session.input.shape[3] != 3
        return np.stack([_one(session, np.moveaxis(image, 2, 0) if channels_first else image) for image in images])


def read_foreign_tflite(path: Path, res: int | None = None) -> ForeignFile:
    """The .tflite at `path` for one image; sizes that it leaves open, and a batch, are fixed in the bytes.

    res: the resolution of its images, if the file leaves it open.
    It is read and run in a process of its own first: a damaged file may crash the interpreter, hang, or ask for all
    the memory. Raises WeightsError for a damaged file, and for a model that is no classifier of one image; ModelError
    for one that the interpreter does not take, and that does not survive.
    """
    run_in_child_process(path, partial(_try, path, res))
    return _read(path, res)


def _try(path: Path, res: int | None, on_progress: OnProgress) -> None:
    """Read the file, and run it on images of the least, the most and of random values."""
    file = _read(path, res)
    shape = (1, file.res, file.res, 3)
    random = np.random.default_rng(0).uniform(-1, 1, shape)
    for images in (np.zeros(shape), np.full(shape, 255.0), random):
        on_progress("trying the file", 0.0)
        file.run(images.astype(np.float32))


def _read(path: Path, res: int | None) -> ForeignFile:
    content = read_model(path)
    if DETECTION_OP in custom_ops(content):
        raise WeightsError(
            f"{path} is an object detector, not a classifier.\nOf detectors an SSD over MobileNet V1 or V2 is exported."
        )
    try:
        model = parse(content)
        graph, names = model.subgraphs[0], _names(model)
        inputs, outputs = ([graph.tensors[index] for index in ends] for ends in (graph.inputs, graph.outputs))
    except Exception as error:  # a damaged flatbuffer fails wherever its offsets happen to point
        raise damaged_tflite(path, error) from error
    if len(inputs) != 1 or len(outputs) != 1:
        raise WeightsError(
            f"expected a classifier from one image to one row of scores; {path} has {len(inputs)} input(s) and "
            f"{len(outputs)} outputs, as a detector has.\n"
            "Convert it again with only the image as its input and only the scores as its output."
        )
    held = resolution(str(path), _signature(inputs[0]), res)
    content = _fixed(content, held, path)
    session = Session(content, name=str(path))
    if session.input.dtype.type not in IMAGE_TYPES:
        raise WeightsError(f"expected an image of float32 values or bytes; {path} takes {session.input.dtype}.")
    check_scores(str(path), session.output.shape)
    takes_bytes = session.input.dtype != np.float32 and not session.input.scale
    if takes_bytes and session.input.dtype == np.int8:
        raise WeightsError(
            f"{path} takes int8 values without a scale, which do not say what the bytes of photos become.\n"
            "Convert it again for float32 or uint8 images."
        )
    return ForeignFile(held, content, _is_quantized(model), names, takes_bytes, tuple(_about_graphs(model, path)))


def _about_graphs(model: Any, path: Path) -> Iterator[str]:
    """That one graph of several is exported: a file may have one for each signature."""
    if len(model.subgraphs) > 1:
        of_first = (signature for signature in model.signatureDefs or () if signature.subgraphIndex == 0)
        name = next((f", {signature.signatureKey.decode()}," for signature in of_first), "")
        yield f"{path} holds {len(model.subgraphs)} graphs; the first{name} is exported."


def _signature(tensor: Any) -> list[int]:
    """The shape of a tensor: negative for a size that is open; old files write 1 for an image of any size."""
    signature = tensor.shapeSignature if tensor.shapeSignature is not None else tensor.shape
    shape = [int(size) for size in ([] if signature is None else signature)]
    return [shape[0], -1, -1, 3] if shape[1:] == [1, 1, 3] else shape


def _fixed(content: bytes, res: int, path: Path) -> bytes:
    """The file with the shape that every tensor has for one image of `res` pixels; as it is if it has them already."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType

    model = parse(content)
    graph = model.subgraphs[0]
    shape = _signature(graph.tensors[graph.inputs[0]])
    wanted = [1, *(res if size < 0 else size for size in shape[1:])]
    if shape == wanted:
        return content
    try:
        interpreter = Interpreter(
            model_content=content,
            experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
            experimental_preserve_all_tensors=True,
        )
        details = interpreter.get_input_details()[0]
        interpreter.resize_tensor_input(details["index"], wanted)
        interpreter.allocate_tensors()
        interpreter.set_tensor(details["index"], np.zeros(wanted, details["dtype"]))
        interpreter.invoke()  # some shapes are known only after an inference
    except (ValueError, RuntimeError) as error:
        raise WeightsError(
            f"{path} does not run on images of {res}x{res}: {str(error).splitlines()[0][:120]}\n"
            "Give --res N, the resolution that it was trained at, or convert it again for one image of a fixed size."
        ) from error
    shapes = {int(one["index"]): one["shape"] for one in interpreter.get_tensor_details()}
    for index, tensor in enumerate(graph.tensors):
        tensor.shapeSignature = None
        buffer = model.buffers[tensor.buffer].data
        if index in shapes and (buffer is None or not len(buffer)):
            tensor.shape = np.asarray(shapes[index], np.int32)
    return pack(model)


def _one(session: Session, image: Float32) -> Float32:
    output = session.run(np.ascontiguousarray(_stored(image, session.input))[None])
    return dequantize(output, session.output.scale, session.output.zero_point).reshape(-1)


def _stored(image: Float32, tensor: TensorInfo) -> NDArray[Any]:
    """Real values as the input of a file stores them."""
    if tensor.dtype == np.float32:
        return image.astype(np.float32)
    limits = np.iinfo(tensor.dtype)
    quantized = np.rint(image / tensor.scale) + tensor.zero_point if tensor.scale else np.rint(image)
    return np.clip(quantized, limits.min, limits.max).astype(tensor.dtype)


def _is_quantized(model: Any) -> bool:
    from ai_edge_litert import schema_py_generated as schema

    kinds = enum_names(schema.TensorType)
    return any(
        kinds[tensor.type] in QUANTIZED and tensor.quantization is not None and tensor.quantization.scale is not None
        for tensor in model.subgraphs[0].tensors
    )


def _names(model: Any) -> tuple[str, ...]:
    texts = [(tensor.name or b"").decode("utf-8", "replace") for tensor in model.subgraphs[0].tensors]
    parts = (part for text in texts for path in text.split(";") for part in path.split("/"))
    return tuple(dict.fromkeys(filter(None, parts)))
