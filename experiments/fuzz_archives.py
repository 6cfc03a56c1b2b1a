"""Hostile archives of labels behind a .tflite, and metadata that says impossible things."""

import io
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import partial

from mobilenet_tf.contract.labels import LABELS_FILE

__all__ = ["ARCHIVES"]

FOUR = "a\nb\nc\nd\n"
TEXTS = {
    "with escape codes": "\x1b[31mred\nb\x1b]0;title\x07\nc\nd\n",
    "with line separators": "a\u2028b\nb\x0b\nc\x0c\nd\n",
    "of halves of surrogate pairs": "\ud800\nb\nc\nd\n",
    "of names of 1 MB": "\n".join(letter * 1_000_000 for letter in "abcd"),
    "of a million lines": "\n".join(map(str, range(1_000_000))),
    "of nothing": "",
    "of blank lines": "\n\n\n\n",
    "all alike": "a\na\na\na\n",
    "with NUL": "a\0\nb\nc\nd\n",
    "of right-to-left marks": "\u202ea\n\u202eb\nc\nd\n",
}
Behind = Callable[[bytes], bytes]


def _archives() -> Iterator[tuple[str, Behind]]:
    for name, text in TEXTS.items():
        yield name, partial(_zipped, text.encode("utf-8", "surrogatepass"))
    yield "that are not text", partial(_zipped, bytes(range(256)) * 10)
    for method, name in ((zipfile.ZIP_DEFLATED, "deflate"), (zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "lzma")):
        yield f"of 600 MB, packed by {name}", partial(_bomb, method, False)
        yield f"of 600 MB that say 100 bytes, packed by {name}", partial(_bomb, method, True)
    yield "encrypted", _encrypted
    yield "in a file outside", partial(_zipped, FOUR.encode(), name="../../labels.txt")
    yield "of 50,000 files", _many_files
    yield "in an archive cut short", lambda model: _zipped(FOUR.encode(), model)[:-10]


def _zipped(content: bytes, model: bytes, *, name: str = LABELS_FILE, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr(name, content)
    return model + file.getvalue()


def _bomb(method: int, lies: bool, model: bytes) -> bytes:
    """An archive whose labels have 600 MB."""
    piece = b"a" * 10_000_000
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive, archive.open(LABELS_FILE, "w", force_zip64=True) as entry:
        for _ in range(60):
            entry.write(piece)
    content = bytearray(file.getvalue())
    if lies:  # the size after unpacking, in the central directory
        at = content.rindex(b"PK\x01\x02")
        struct.pack_into("<I", content, at + 24, 100)
    return model + bytes(content)


def _encrypted(model: bytes) -> bytes:
    content = bytearray(_zipped(FOUR.encode(), b""))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return model + bytes(content)


def _many_files(model: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(50_000):
            archive.writestr(f"{number}.txt", b"a")
    return model + file.getvalue()


ARCHIVES: tuple[tuple[str, Behind], ...] = tuple(_archives())
