"""The weights of an SSD in a .tflite, as TensorFlow's detectors for COCO are published: read layer by layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import SpecError, WeightsError
from mobilenet_tf.networks.detectors import DETECTORS, DetectorSpec
from mobilenet_tf.tasks.boxes import BOX_SCALES
from mobilenet_tf.tflite.detection_op import DETECTION_OP, detection_op
from mobilenet_tf.tflite.flatbuffer import op_names, parse
from mobilenet_tf.tflite.model_file import read_model

from .arrays import identity_batch_norm
from .stored_anchors import check_anchors
from .tflite_file import UNREADABLE_TABLES, StoredTensor, damaged_tflite, stored_tensor

__all__ = ["StoredDetector", "read_detector_tflite"]

EXTRA_LAYERS = 8  # after those of the backbone
LAYERS = ("CONV_2D", "DEPTHWISE_CONV_2D")
Arrays = list[NDArray[np.float32]]


@dataclass(frozen=True)
class StoredDetector:
    """A detector of ours as a file of others holds it.

    arrays:     of each layer with weights by its name, in the order of Keras: the kernel, then batch norm's four
                beside it, or the bias.
    background: whether the file has an output for the background, which is left out.
    """

    spec: DetectorSpec
    arrays: dict[str, Arrays]
    background: bool


@dataclass(frozen=True)
class _Convolution:
    """Of a file, batch norm folded. source, output: tensors."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    source: int
    output: int


@dataclass(frozen=True)
class _Contents:
    """What a file holds.

    trunk:       the convolutions before the heads, in order.
    box_heads, class_heads: those that the post-processing takes boxes and scores from.
    anchors:     as the post-processing has them.
    classes:     their number without the background, for which the file has an output if `background`.
    """

    res: int
    trunk: Sequence[_Convolution]
    box_heads: Sequence[_Convolution]
    class_heads: Sequence[_Convolution]
    anchors: StoredTensor
    classes: int
    background: bool


def read_detector_tflite(path: Path) -> StoredDetector:
    """The detector in a .tflite file, in float: integers become the real numbers that they stand for.

    Raises WeightsError for a damaged file, for one whose post-processing does not say which of its scores are of
    classes, and for one that holds none of the detectors of the table, or has anchors that none of them has.
    """
    content = read_model(path)
    described = detection_op(content)
    try:
        model = parse(content)
        found, columns = _contents(model, described.classes or 0 if described else 0)
        scales = described.box_scales if described else BOX_SCALES
    except UNREADABLE_TABLES as error:
        raise damaged_tflite(path, error) from error
    if columns - found.classes not in (0, 1):
        raise WeightsError(
            f"expected the post-processing of {path} to say how many classes it has, as many as there are scores of "
            f"each anchor or one less; it says {found.classes or 'nothing'}, and there are {columns}.\n"
            f"Give the file with {DETECTION_OP} that TensorFlow made."
        )
    for row in DETECTORS.values():
        stored = _fitted(row.name, found)
        if stored is not None:
            check_anchors(stored.spec, found.anchors, scales, path)
            return stored
    read = ", ".join(row.name for row in DETECTORS.values() if not row.lite)
    raise WeightsError(
        f"expected {path} to hold one of the detectors {read}; its {len(found.trunk)} convolutions and "
        f"{len(found.box_heads)} + {len(found.class_heads)} heads are those of none of them.\n"
        "Of an SSDLite that mobilenet-train made give the .keras file."
    )


def _contents(model: Any, classes: int) -> tuple[_Contents, int]:
    """(What a file holds, the number of scores of each anchor). classes: as its post-processing has it."""
    graph, names = model.subgraphs[0], op_names(model)
    made_by = {
        int(output): (name, op) for op, name in zip(graph.operators, names, strict=True) for output in op.outputs
    }
    last = next(
        op
        for op, name in zip(graph.operators, names, strict=True)
        if name == "CUSTOM" and model.operatorCodes[op.opcodeIndex].customCode == DETECTION_OP.encode()
    )
    of_boxes, of_classes = (_heads_before(int(tensor), made_by) for tensor in last.inputs[:2])
    columns = int(graph.tensors[last.inputs[1]].shape[-1])
    found = _convolutions(model, graph)
    contents = _Contents(
        res=int(graph.tensors[graph.inputs[0]].shape[1]),
        trunk=[one for one in found if one.output not in of_boxes | of_classes],
        box_heads=[one for one in found if one.output in of_boxes],
        class_heads=[one for one in found if one.output in of_classes],
        anchors=stored_tensor(model, graph.tensors[last.inputs[2]]),
        classes=classes,
        background=columns > classes,
    )
    return contents, columns


def _heads_before(tensor: int, made_by: Mapping[int, tuple[str, Any]]) -> set[int]:
    """The outputs of the last convolutions that a tensor is made of."""
    heads, waiting, seen = set(), [tensor], set()
    while waiting:
        tensor = waiting.pop()
        if tensor in seen or tensor not in made_by:
            continue
        seen.add(tensor)
        name, op = made_by[tensor]
        if name in LAYERS:
            heads.add(tensor)
        else:
            waiting.extend(int(each) for each in op.inputs)
    return heads


def _convolutions(model: Any, graph: Any) -> list[_Convolution]:
    found = []
    for op, name in zip(graph.operators, op_names(model), strict=True):
        if name in LAYERS:
            kernel, bias = (stored_tensor(model, graph.tensors[index]).real() for index in op.inputs[1:3])
            # TFLite's (1, h, w, c) and (out, h, w, in) -> Keras's (h, w, c, 1) and (h, w, in, out).
            found.append(_Convolution(np.moveaxis(kernel, 0, -1), bias, int(op.inputs[0]), int(op.outputs[0])))
    return found


def _fitted(arch: str, found: _Contents) -> StoredDetector | None:
    """The detector `arch` with these convolutions; None if its layers are others. SSDLite's heads are not read."""
    row, trunk = DETECTORS[arch], found.trunk
    if len(trunk) <= EXTRA_LAYERS or row.lite:
        return None
    for alpha in row.network.infer_alphas(trunk[0].kernel.shape[-1], trunk[-1 - EXTRA_LAYERS].kernel.shape[-1]):
        try:
            spec = DetectorSpec(arch, alpha, found.res, found.classes)
        except SpecError:
            continue
        stored = _arrays(spec, found)
        if stored is not None:
            return stored
    return None


def _arrays(spec: DetectorSpec, found: _Contents) -> StoredDetector | None:
    plan, trunk = spec.plan(), found.trunk
    names_of_heads = {layer.name for layer in (*plan.box_heads, *plan.class_heads)}
    layers = [layer for layer in plan.layers if layer.weighted and layer.name not in names_of_heads]
    if [layer.kernel_shape for layer in layers] != [one.kernel.shape for one in trunk]:
        return None
    arrays = {
        layer.name: [one.kernel, *identity_batch_norm(one.bias)] for layer, one in zip(layers, trunk, strict=True)
    }
    outputs = {layer.name: one.output for layer, one in zip(layers, trunk, strict=True)}
    for feature, boxes, classes in zip(plan.features, plan.box_heads, plan.class_heads, strict=True):
        for head, stored in ((boxes, found.box_heads), (classes, found.class_heads)):
            of_map = [one for one in stored if one.source == outputs[feature.name]]
            if len(of_map) != 1:
                return None
            read = of_map[0]
            if head is classes and found.background:
                if read.kernel.shape[-1] % (spec.classes + 1):
                    return None
                read = _without_background(read, spec.classes + 1)
            if read.kernel.shape != head.kernel_shape:
                return None
            arrays[head.name] = [read.kernel, read.bias]
    return StoredDetector(spec, arrays, found.background)


def _without_background(head: _Convolution, columns: int) -> _Convolution:
    """A class head without the output of the background, which is the first of each anchor."""
    kernel = head.kernel.reshape(*head.kernel.shape[:-1], -1, columns)[..., 1:]
    bias = head.bias.reshape(-1, columns)[:, 1:]
    return replace(head, kernel=kernel.reshape(*kernel.shape[:-2], -1), bias=bias.reshape(-1))
