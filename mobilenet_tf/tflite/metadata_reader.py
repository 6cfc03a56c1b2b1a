"""Read the normalization and the labels in a .tflite's standard TFLite Metadata, without the schema's library."""

import io
import math
import zipfile

from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.errors import ModelError

from .flat_table import UNREADABLE, Table
from .given_input import Normalization

__all__ = ["embedded_labels", "read_normalization"]

# The numbers of fields in the tables of TFLite's schema.fbs and of metadata_schema.fbs.
MODEL_BUFFERS, MODEL_METADATA, ENTRY_NAME, ENTRY_BUFFER, BUFFER_DATA = 4, 6, 0, 1, 0
SUBGRAPHS, INPUTS, PROCESS_UNITS, OPTIONS_TYPE, OPTIONS, MEAN, STD = 3, 2, 4, 0, 1, 0, 1
NORMALIZATION_OPTIONS = 1


def embedded_labels(model: bytes) -> list[str]:
    """The labels in the zip archive at the end of a .tflite. Raises ModelError if there are none."""
    try:
        with zipfile.ZipFile(io.BytesIO(model)) as archive:
            return archive.read(LABELS_FILE).decode("utf-8").splitlines()
    except (zipfile.BadZipFile, KeyError, UnicodeDecodeError) as error:
        raise ModelError(
            f"the model carries no {LABELS_FILE} in its metadata. Export it with mobilenet-export."
        ) from error


def read_normalization(model: bytes) -> Normalization | None:
    """What the metadata says about the first input; None if it says nothing or cannot be read."""
    try:
        units = _metadata(model).tables(SUBGRAPHS)[0].tables(INPUTS)[0].tables(PROCESS_UNITS)
        for unit in units:
            if unit.byte(OPTIONS_TYPE) == NORMALIZATION_OPTIONS:
                options = unit.table(OPTIONS)
                normalization = Normalization(options.floats(MEAN), options.floats(STD))
                return normalization if _is_usable(normalization) else None
    # Whether a damaged file can be used is for the interpreter to say.
    except UNREADABLE:
        pass
    return None


def _is_usable(normalization: Normalization) -> bool:
    values = (*normalization.mean, *normalization.std)
    lengths = {len(normalization.mean), len(normalization.std)}
    return lengths <= {1, 3} and all(map(math.isfinite, values)) and all(normalization.std)


def _metadata(model: bytes) -> Table:
    root = Table.root(model)
    for entry in root.tables(MODEL_METADATA):
        if entry.string(ENTRY_NAME) == b"TFLITE_METADATA":
            return Table.root(root.tables(MODEL_BUFFERS)[entry.uint(ENTRY_BUFFER)].string(BUFFER_DATA))
    raise IndexError("no metadata")
