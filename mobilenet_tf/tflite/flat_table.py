"""Read a few fields of a flatbuffer without the library of its schema, which takes longer to load than a model."""

import struct

__all__ = ["UNREADABLE", "Table"]

# What reading raises on a damaged file, whose offsets point anywhere.
UNREADABLE = (struct.error, IndexError, RecursionError, MemoryError, OverflowError)


class Table:
    """A flatbuffer's table. Fields are read by their number; one that is absent is 0, empty, or an IndexError."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        vtable = at - struct.unpack_from("<i", data, at)[0]
        size = struct.unpack_from("<H", data, vtable)[0]
        self._fields = struct.unpack_from(f"<{(size - 4) // 2}H", data, vtable + 4)

    @classmethod
    def root(cls, data: bytes) -> "Table":
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

    def table(self, field: int) -> "Table":
        return Table(self._data, self._target(field))

    def tables(self, field: int) -> list["Table"]:
        start, count = self._vector(field)
        places = range(start, start + 4 * count, 4)
        return [Table(self._data, at + struct.unpack_from("<I", self._data, at)[0]) for at in places]

    def count(self, field: int) -> int:
        """The number of entries of a vector, none of which is read."""
        return self._vector(field)[1]

    def floats(self, field: int) -> tuple[float, ...]:
        start, count = self._vector(field)
        return struct.unpack_from(f"<{count}f", self._data, start)

    def ints(self, field: int) -> tuple[int, ...]:
        start, count = self._vector(field)
        return struct.unpack_from(f"<{count}i", self._data, start)

    def string(self, field: int) -> bytes:
        start, count = self._vector(field)
        return self._data[start : start + count]

    def _vector(self, field: int) -> tuple[int, int]:
        if not self._place(field):
            return 0, 0
        start = self._target(field)
        return start + 4, min(struct.unpack_from("<I", self._data, start)[0], len(self._data))
