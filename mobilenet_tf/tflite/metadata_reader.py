"""Read the normalization and the labels in a .tflite's standard TFLite Metadata, without the schema's library."""

import io
import struct
import zipfile
from dataclasses import dataclass

from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.errors import ModelError

__all__ = ["Normalization", "embedded_labels", "read_normalization"]

# The numbers of fields in the tables of TFLite's schema.fbs and of metadata_schema.fbs.
MODEL_BUFFERS, MODEL_METADATA, ENTRY_NAME, ENTRY_BUFFER, BUFFER_DATA = 4, 6, 0, 1, 0
SUBGRAPHS, INPUTS, PROCESS_UNITS, OPTIONS_TYPE, OPTIONS, MEAN, STD = 3, 2, 4, 0, 1, 0, 1
NORMALIZATION_OPTIONS = 1


@dataclass(frozen=True)
class Normalization:
    """x = (byte - mean) / std, with one value for all channels or one for each."""

    mean: tuple[float, ...]
    std: tuple[float, ...]


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
                usable = normalization.mean and normalization.std and all(normalization.std)
                return normalization if usable else None
    # The offsets in a damaged file point anywhere. Whether the file can be used is for the interpreter to say.
    except (struct.error, IndexError, RecursionError, MemoryError, OverflowError):
        pass
    return None


def _metadata(model: bytes) -> "_Table":
    root = _Table.root(model)
    for entry in root.tables(MODEL_METADATA):
        if entry.string(ENTRY_NAME) == b"TFLITE_METADATA":
            return _Table.root(root.tables(MODEL_BUFFERS)[entry.uint(ENTRY_BUFFER)].string(BUFFER_DATA))
    raise IndexError("no metadata")


class _Table:
    """A flatbuffer's table. Fields are read by their number; one that is absent is 0, empty, or an IndexError."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        vtable = at - struct.unpack_from("<i", data, at)[0]
        size = struct.unpack_from("<H", data, vtable)[0]
        self._fields = struct.unpack_from(f"<{(size - 4) // 2}H", data, vtable + 4)

    @classmethod
    def root(cls, data: bytes) -> "_Table":
        return cls(data, struct.unpack_from("<I", data)[0])

    def _place(self, field: int) -> int:
        return self._at + self._fields[field] if field < len(self._fields) and self._fields[field] else 0

    def _target(self, field: int) -> int:
        place = self._place(field)
        if not place:
            raise IndexError(field)
        return int(place + struct.unpack_from("<I", self._data, place)[0])

    def uint(self, field: int) -> int:
        return int(struct.unpack_from("<I", self._data, self._place(field))[0]) if self._place(field) else 0

    def byte(self, field: int) -> int:
        return self._data[self._place(field)] if self._place(field) else 0

    def table(self, field: int) -> "_Table":
        return _Table(self._data, self._target(field))

    def tables(self, field: int) -> list["_Table"]:
        start, count = self._vector(field)
        places = range(start, start + 4 * count, 4)
        return [_Table(self._data, at + struct.unpack_from("<I", self._data, at)[0]) for at in places]

    def floats(self, field: int) -> tuple[float, ...]:
        start, count = self._vector(field)
        return struct.unpack_from(f"<{count}f", self._data, start)

    def string(self, field: int) -> bytes:
        start, count = self._vector(field)
        return self._data[start : start + count]

    def _vector(self, field: int) -> tuple[int, int]:
        if not self._place(field):
            return 0, 0
        start = self._target(field)
        return start + 4, min(struct.unpack_from("<I", self._data, start)[0], len(self._data))
