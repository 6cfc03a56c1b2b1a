"""Standard TFLite Metadata: labels, normalization and descriptions inside the .tflite, readable by MediaPipe Tasks.

The metadata is a flatbuffer of its own (root type ModelMetadata of TensorFlow's metadata_schema.fbs, identifier M001)
in a buffer of the model named TFLITE_METADATA; the labels file is a zip archive appended to the model.
"""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.contract.places import CELLS_FILE, PlaceCell, cells_as_json
from mobilenet_tf.tasks.classification import OutputDescription, describe_output

from .detector_metadata import Outputs, detection_groups, detection_tensors
from .flatbuffer import append_buffer, pack
from .given_input import Normalization
from .input_tensor import OUR_NORMALIZATION
from .metadata_reader import INPUT_RULE, STRETCHED_INPUT_RULE, THRESHOLDS_FILE
from .metadata_tables import FEATURE_PROPERTIES, TENSOR_AXIS_LABELS, Tables

__all__ = ["Metadata", "pack_with_metadata"]

PARSER_VERSION = "1.0.0"  # the first that reads all of what is written here

# Enumerators and union tags of metadata_schema.fbs.
COLOR_RGB = 1
IMAGE_PROPERTIES = 2
NORMALIZATION_OPTIONS = 1


@dataclass(frozen=True)
class Metadata:
    """What a file says about itself.

    description:   a sentence on what it is.
    labels:        the names of its classes, or of its tags if `head` is sigmoid, in order; none of an embedding.
    normalization: what bytes become for its input if that is float; an integer input takes them as they are.
    cells:         of the classes, if these are cells of the earth.
    detects:       what a detector gives: the outputs of post-processing, or raw ones; None for a classifier.
    thresholds:    from which score on each tag is true; None for classes, and if it is not known.
    dimensions:    of an embedding; None for others.
    """

    name: str
    description: str
    labels: Sequence[str]
    normalization: Normalization = OUR_NORMALIZATION
    head: Head = "softmax"
    detects: Outputs | None = None
    cells: Sequence[PlaceCell] = ()
    thresholds: Sequence[float] | None = None
    dimensions: int | None = None


def pack_with_metadata(model: Any, metadata: Metadata) -> bytes:
    """A ModelT -> the bytes of a .tflite with metadata and, appended as a zip archive, its labels if it has any.

    The metadata is added to `model` too. The same input gives the same bytes.
    """
    from ai_edge_litert import schema_py_generated as schema

    entry = schema.MetadataT()
    entry.name = "TFLITE_METADATA"
    entry.buffer = append_buffer(model, _model_metadata(metadata))
    model.metadata = [*(model.metadata or []), entry]
    return pack(model) + (_archive(metadata) if metadata.labels else b"")


def _archive(metadata: Metadata) -> bytes:
    """A zip archive of labels.txt, of the cells of places and of the thresholds of tags; with zip's earliest date, so
    that its bytes are always the same.
    """
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr(zipfile.ZipInfo(LABELS_FILE), "".join(f"{label}\n" for label in metadata.labels))
        if metadata.cells:
            file.writestr(zipfile.ZipInfo(CELLS_FILE), cells_as_json(metadata.cells))
        if metadata.thresholds is not None:
            lines = "".join(f"{value:.6g}\n" for value in metadata.thresholds)
            file.writestr(zipfile.ZipInfo(THRESHOLDS_FILE), lines)
    return archive.getvalue()


def _model_metadata(metadata: Metadata) -> bytes:
    """The ModelMetadata flatbuffer of an image classifier, an embedding or a detector."""
    t = Tables()
    rule = INPUT_RULE if metadata.detects is None else STRETCHED_INPUT_RULE
    image_tensor = _image_tensor(t, metadata.normalization, rule)
    if metadata.detects is None:
        description = describe_output(metadata.dimensions or len(metadata.labels), metadata.head)
        outputs, groups = [_score_tensor(t, description, has_thresholds=metadata.thresholds is not None)], None
    else:
        outputs, groups = detection_tensors(t, metadata.detects), detection_groups(t, metadata.detects)
    fields = {"inputs": t.tables(2, image_tensor), "outputs": t.tables(3, *outputs)}
    graph = t.table(10, **fields, **({} if groups is None else {"groups": groups}))
    root = t.table(
        8,
        name=t.string(0, metadata.name),
        description=t.string(1, metadata.description),
        subgraph_metadata=t.tables(3, graph),
        min_parser_version=t.string(7, PARSER_VERSION),
    )
    t.builder.Finish(root, file_identifier=b"M001")
    return bytes(t.builder.Output())


def _image_tensor(t: Tables, normalization: Normalization, rule: str) -> int:
    """The TensorMetadata of the input."""
    smallest, largest = normalization.limits
    options = t.table(2, mean=t.floats(0, *normalization.mean), std=t.floats(1, *normalization.std))
    unit = t.table(2, kind=t.byte(0, NORMALIZATION_OPTIONS), options=t.offset(1, options))
    image = t.table(2, color_space=t.byte(0, COLOR_RGB))
    content = t.table(2, kind=t.byte(0, IMAGE_PROPERTIES), properties=t.offset(1, image))
    stats = t.table(2, max=t.floats(0, *largest), min=t.floats(1, *smallest))
    return t.table(
        7,
        name=t.string(0, "image"),
        description=t.string(1, f"{rule}{normalization}"),
        content=t.offset(3, content),
        process_units=t.tables(4, unit),
        stats=t.offset(5, stats),
    )


def _score_tensor(t: Tables, output: OutputDescription, *, has_thresholds: bool) -> int:
    """The TensorMetadata of the output."""
    files = []
    if output.labels:
        name, about = t.string(0, LABELS_FILE), t.string(1, output.labels)
        files.append(t.table(5, name=name, description=about, type=t.byte(2, TENSOR_AXIS_LABELS)))
    if has_thresholds:
        about = t.string(1, "the score from which on each tag is true, one a line, in the order of the output")
        files.append(t.table(5, name=t.string(0, THRESHOLDS_FILE), description=about))
    content = t.table(2, kind=t.byte(0, FEATURE_PROPERTIES), properties=t.offset(1, t.table(0)))
    stats = t.table(2, max=t.floats(0, output.largest), min=t.floats(1, output.smallest))
    return t.table(
        7,
        name=t.string(0, output.name),
        description=t.string(1, output.description),
        content=t.offset(3, content),
        stats=t.offset(5, stats),
        **({"associated_files": t.tables(6, *files)} if files else {}),
    )
