"""The weights of an SSD in a .tflite, as TensorFlow's detectors for COCO are published: read layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import SpecError, WeightsError
from mobilenet_tf.networks.detectors import DETECTORS, DetectorSpec
from mobilenet_tf.networks.ssd import BOX_VALUES
from mobilenet_tf.tflite.flatbuffer import op_names, parse
from mobilenet_tf.tflite.model_file import read_model

from .arrays import identity_batch_norm
from .tflite_file import UNREADABLE_TABLES, damaged_tflite, stored_tensor

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
    """Of a file, batch norm folded. source, output: tensors. values: of a head, of each anchor; None for others."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    source: int
    output: int
    values: int | None


def read_detector_tflite(path: Path) -> StoredDetector:
    """The detector in a .tflite file, in float: integers become the real numbers that they stand for.

    Raises WeightsError for a damaged file, or one that holds none of the detectors of the table.
    """
    try:
        model = parse(read_model(path))
        graph = model.subgraphs[0]
        res = int(graph.tensors[graph.inputs[0]].shape[1])
        found = _convolutions(model, graph)
    except UNREADABLE_TABLES as error:
        raise damaged_tflite(path, error) from error
    heads = [one for one in found if one.values is not None]
    trunk = [one for one in found if one.values is None]
    columns = max((one.values or 0 for one in heads), default=0)
    for row in DETECTORS.values():
        stored = _fitted(row.name, res, columns, trunk, heads)
        if stored is not None:
            return stored
    raise WeightsError(
        f"expected {path} to hold a detector of this project's table ({', '.join(DETECTORS)}); its {len(trunk)} "
        f"convolutions and {len(heads)} heads are those of none of them."
    )


def _convolutions(model: Any, graph: Any) -> list[_Convolution]:
    reshaped = {
        int(op.inputs[0]): int(graph.tensors[op.outputs[0]].shape[-1])
        for op, name in zip(graph.operators, op_names(model), strict=True)
        if name == "RESHAPE"
    }
    found = []
    for op, name in zip(graph.operators, op_names(model), strict=True):
        if name in LAYERS:
            kernel, bias = (stored_tensor(model, graph.tensors[index]).real() for index in op.inputs[1:3])
            source, output = int(op.inputs[0]), int(op.outputs[0])
            # TFLite's (1, h, w, c) and (out, h, w, in) -> Keras's (h, w, c, 1) and (h, w, in, out).
            found.append(_Convolution(np.moveaxis(kernel, 0, -1), bias, source, output, reshaped.get(output)))
    return found


def _fitted(
    arch: str, res: int, columns: int, trunk: Sequence[_Convolution], heads: Sequence[_Convolution]
) -> StoredDetector | None:
    """The detector `arch` with these convolutions; None if its layers are others. SSDLite's heads are not read."""
    row = DETECTORS[arch]
    if len(trunk) <= EXTRA_LAYERS or row.lite:
        return None
    background = columns > BOX_VALUES and columns % 10 == 1  # COCO's 90 ids and the background
    for alpha in row.network.infer_alphas(trunk[0].kernel.shape[-1], trunk[-1 - EXTRA_LAYERS].kernel.shape[-1]):
        try:
            spec = DetectorSpec(arch, alpha, res, columns - background)
        except SpecError:
            continue
        stored = _arrays(spec, background, trunk, heads)
        if stored is not None:
            return stored
    return None


def _arrays(
    spec: DetectorSpec, background: bool, trunk: Sequence[_Convolution], heads: Sequence[_Convolution]
) -> StoredDetector | None:
    plan = spec.plan()
    names_of_heads = {layer.name for layer in (*plan.box_heads, *plan.class_heads)}
    layers = [layer for layer in plan.layers if layer.weighted and layer.name not in names_of_heads]
    if [layer.kernel_shape for layer in layers] != [one.kernel.shape for one in trunk]:
        return None
    arrays = {
        layer.name: [one.kernel, *identity_batch_norm(one.bias)] for layer, one in zip(layers, trunk, strict=True)
    }
    outputs = {layer.name: one.output for layer, one in zip(layers, trunk, strict=True)}
    for feature, boxes, classes in zip(plan.features, plan.box_heads, plan.class_heads, strict=True):
        of_map = [one for one in heads if one.source == outputs[feature.name]]
        pairs = [(boxes, BOX_VALUES, False), (classes, spec.classes + background, background)]
        for head, values, dropped in pairs:
            fitting = [one for one in of_map if one.values == values]
            if len(fitting) != 1:
                return None
            read = _without_background(fitting[0], values) if dropped else fitting[0]
            if read.kernel.shape != head.kernel_shape:
                return None
            arrays[head.name] = [read.kernel, read.bias]
    return StoredDetector(spec, arrays, background)


def _without_background(head: _Convolution, columns: int) -> _Convolution:
    """A class head without the output of the background, which is the first of each anchor."""
    kernel = head.kernel.reshape(*head.kernel.shape[:-1], -1, columns)[..., 1:]
    bias = head.bias.reshape(-1, columns)[:, 1:]
    return replace(head, kernel=kernel.reshape(*kernel.shape[:-2], -1), bias=bias.reshape(-1))
