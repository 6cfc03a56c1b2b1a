"""The metadata of a detector's outputs, as MediaPipe Tasks' ObjectDetector reads it."""

from collections.abc import Callable
from typing import Literal

from mobilenet_tf.contract.labels import LABELS_FILE

from .metadata_tables import FEATURE_PROPERTIES, Tables

__all__ = ["Outputs", "detection_groups", "detection_tensors"]

BOUNDING_BOX_PROPERTIES, TENSOR_VALUE_LABELS, BOUNDARIES = 3, 3, 1
# Where left, top, right and bottom stand in a box (ymin, xmin, ymax, xmax).
ORDER = (1, 0, 3, 2)
AXIS_OF_ROWS = 2  # of boxes: the values are along this axis
GROUP = "detection_result"
NAMES = ("location", "category", "score")

Outputs = Literal["detections", "raw"]


def detection_tensors(t: Tables, outputs: Outputs) -> list[int]:
    """The TensorMetadata of the outputs of a file, in their order."""
    if outputs == "raw":
        return [
            _tensor(t, "boxes", "how the box of each anchor differs from it: ty, tx, th, tw, times 10, 10, 5, 5"),
            _tensor(t, "scores", "a sigmoid for each class of each anchor", labels=True),
        ]
    return [
        _location(t),
        _tensor(
            t, "category", "the class of each object, counted from 0, without a background", labels=True, rows=True
        ),
        _tensor(t, "score", "the score of each object, from 0 to 1", rows=True),
        _tensor(t, "number of detections", "the number of objects"),
    ]


def detection_groups(t: Tables, outputs: Outputs) -> Callable[[], None] | None:
    """The field of the graph's metadata that joins the outputs of one object; None if there are none."""
    if outputs == "raw":
        return None
    names = t.strings(1, *NAMES)
    return t.tables(8, t.table(2, name=t.string(0, GROUP), names=names))


def _location(t: Tables) -> int:
    properties = t.table(3, order=t.integers(0, *ORDER), type=t.byte(1, BOUNDARIES))
    content = _content(t, BOUNDING_BOX_PROPERTIES, properties, rows=True)
    description = "the box of each object: ymin, xmin, ymax, xmax, shares of the photo"
    return t.table(7, name=t.string(0, NAMES[0]), description=t.string(1, description), content=t.offset(3, content))


def _tensor(t: Tables, name: str, description: str, *, labels: bool = False, rows: bool = False) -> int:
    content = _content(t, FEATURE_PROPERTIES, t.table(0), rows=rows)
    fields = {"name": t.string(0, name), "description": t.string(1, description), "content": t.offset(3, content)}
    if labels:
        text = t.string(1, "one class name a line, in the order of the classes")
        file = t.table(5, name=t.string(0, LABELS_FILE), description=text, type=t.byte(2, TENSOR_VALUE_LABELS))
        fields["files"] = t.tables(6, file)
    return t.table(7, **fields)


def _content(t: Tables, kind: int, properties: int, *, rows: bool) -> int:
    fields = {"kind": t.byte(0, kind), "properties": t.offset(1, properties)}
    if rows:
        fields["range"] = t.offset(2, t.table(2, min=t.integer(0, AXIS_OF_ROWS), max=t.integer(1, AXIS_OF_ROWS)))
    return t.table(3, **fields)
