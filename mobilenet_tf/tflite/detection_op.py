"""The op TFLite_Detection_PostProcess in a .tflite: which outputs it gives, and its settings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mobilenet_tf.tasks.boxes import BOX_SCALES
from mobilenet_tf.tasks.post_processing import PostProcessing

from .flat_table import UNREADABLE, Table
from .graph_reader import (
    CUSTOM_CODE,
    GRAPH_OUTPUTS,
    MOVING,
    OP_INPUTS,
    OP_OUTPUTS,
    OPCODE_INDEX,
    OPERATOR_CODES,
    OPERATORS,
    SUBGRAPHS,
    op_number,
)

__all__ = ["DETECTION_OP", "DetectionOp", "detection_op", "holds_detector", "op_options", "post_processing_of"]

DETECTION_OP = "TFLite_Detection_PostProcess"
# The numbers of fields in the tables of TFLite's schema.fbs.
CUSTOM_OPTIONS = 5
TENSORS, SHAPE = 0, 0
SCALES = ("y_scale", "x_scale", "h_scale", "w_scale")  # options of the op, in the order of BOX_SCALES


@dataclass(frozen=True)
class DetectionOp:
    """The op as a file has it.

    outputs: for boxes, classes, scores and the count, in this order, the place among the outputs of the file.
    options: as the file has them: num_classes, max_detections, nms_iou_threshold and others.
    """

    outputs: tuple[int, ...]
    options: dict[str, Any]

    @property
    def classes(self) -> int | None:
        """The number of classes without the background; None if the file does not say it."""
        count = self.options.get("num_classes")
        return int(count) if count else None

    @property
    def box_scales(self) -> tuple[float, ...]:
        """What the four numbers that encode a box are divided by, see tasks.boxes.BOX_SCALES."""
        return tuple(float(self.options.get(name, usual)) for name, usual in zip(SCALES, BOX_SCALES, strict=True))


def detection_op(model: bytes) -> DetectionOp | None:
    """The op in a .tflite that makes its outputs; None if there is none, or if it makes not all of them."""
    try:
        root = Table.root(model)
        codes = root.tables(OPERATOR_CODES)
        graph = root.tables(SUBGRAPHS)[0]
        ops = graph.tables(OPERATORS)
        for op in ops:
            if codes[op.uint(OPCODE_INDEX)].string(CUSTOM_CODE) == DETECTION_OP.encode():
                made = _followed(op.ints(OP_OUTPUTS)[:4], ops, [op_number(code) for code in codes])
                given = graph.ints(GRAPH_OUTPUTS)
                outputs = tuple(given.index(tensor) for tensor in made if tensor in given)
                return DetectionOp(outputs, _options(op.string(CUSTOM_OPTIONS))) if len(outputs) == 4 else None
    except UNREADABLE:
        pass
    return None


def holds_detector(model: bytes) -> bool:
    """Whether a .tflite is an object detector: by the op, or by an output of boxes, (1, n, 4), among several."""
    if detection_op(model) is not None:
        return True
    try:
        graph = Table.root(model).tables(SUBGRAPHS)[0]
        tensors, outputs = graph.tables(TENSORS), graph.ints(GRAPH_OUTPUTS)
        shapes = [tensors[output].ints(SHAPE) for output in outputs]
    except UNREADABLE:
        return False
    return len(shapes) > 1 and any(len(shape) == 3 and shape[-1] == 4 for shape in shapes)


def _followed(tensors: Sequence[int], ops: Sequence[Table], codes: Sequence[int]) -> list[int]:
    """What becomes of tensors by ops that store them otherwise."""
    moved = {op.ints(OP_INPUTS)[0]: op.ints(OP_OUTPUTS)[0] for op in ops if codes[op.uint(OPCODE_INDEX)] in MOVING}
    followed = []
    for tensor in tensors:
        for _ in range(len(moved)):  # damaged files may have circles
            tensor = moved.get(tensor, tensor)
        followed.append(tensor)
    return followed


def _options(packed: bytes) -> dict[str, Any]:
    from flatbuffers import flexbuffers

    try:
        found = flexbuffers.Loads(packed)
    except Exception:  # damaged options lead anywhere
        return {}
    return found if isinstance(found, dict) else {}


def op_options(classes: int, chosen: PostProcessing) -> bytes:
    """The options of the op, as a file holds them. classes: without a background."""
    from flatbuffers import flexbuffers

    builder = flexbuffers.Builder()
    with builder.Map():
        builder.Int("max_detections", chosen.most)
        builder.Int("max_classes_per_detection", 1)
        builder.Int("detections_per_class", chosen.most)
        builder.Bool("use_regular_nms", chosen.per_class)
        builder.Float("nms_score_threshold", chosen.score_threshold)
        builder.Float("nms_iou_threshold", chosen.iou_threshold)
        builder.Int("num_classes", classes)
        for name, scale in zip(SCALES, BOX_SCALES, strict=True):
            builder.Float(name, scale)
    return bytes(builder.Finish())


def post_processing_of(op: DetectionOp) -> PostProcessing:
    """How the op of a file chooses detections."""
    options, usual = op.options, PostProcessing()
    return PostProcessing(
        score_threshold=float(options.get("nms_score_threshold", usual.score_threshold)),
        iou_threshold=float(options.get("nms_iou_threshold", usual.iou_threshold)),
        most=int(options.get("max_detections", usual.most)),
        per_class=bool(options.get("use_regular_nms", False)),
    )
