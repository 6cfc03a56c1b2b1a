"""Write the flatbuffer tables of TFLite Metadata, whose numbers are those of metadata_schema.fbs."""

from collections.abc import Callable

import flatbuffers
import numpy as np

__all__ = ["FEATURE_PROPERTIES", "TENSOR_AXIS_LABELS", "Tables"]

TENSOR_AXIS_LABELS = 2
FEATURE_PROPERTIES = 1


class Tables:
    """Writes flatbuffer tables. A field is a function that writes it to its slot, its number in metadata_schema.fbs."""

    def __init__(self) -> None:
        self.builder = flatbuffers.Builder(1024)

    def table(self, slots: int, **fields: Callable[[], None]) -> int:
        self.builder.StartObject(slots)
        for write in fields.values():
            write()
        return int(self.builder.EndObject())

    def offset(self, slot: int, value: int) -> Callable[[], None]:
        return lambda: self.builder.PrependUOffsetTRelativeSlot(slot, value, 0)

    def byte(self, slot: int, value: int) -> Callable[[], None]:
        return lambda: self.builder.PrependUint8Slot(slot, value, 0)

    def string(self, slot: int, value: str) -> Callable[[], None]:
        return self.offset(slot, self.builder.CreateString(value))

    def integer(self, slot: int, value: int) -> Callable[[], None]:
        return lambda: self.builder.PrependInt32Slot(slot, value, 0)

    def tables(self, slot: int, *offsets: int) -> Callable[[], None]:
        self.builder.StartVector(4, len(offsets), 4)
        for offset in reversed(offsets):
            self.builder.PrependUOffsetTRelative(offset)
        return self.offset(slot, self.builder.EndVector())

    def floats(self, slot: int, *values: float) -> Callable[[], None]:
        return self.offset(slot, self.builder.CreateNumpyVector(np.array(values, np.float32)))

    def strings(self, slot: int, *values: str) -> Callable[[], None]:
        return self.tables(slot, *[self.builder.CreateString(value) for value in values])

    def integers(self, slot: int, *values: int) -> Callable[[], None]:
        return self.offset(slot, self.builder.CreateNumpyVector(np.array(values, np.uint32)))
