import struct
import zlib

import pytest

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.data.scan import CHUNK, changed_photo_error, describe_error, find_broken
from tests.support.commands import images_in


def png_of(width, height):
    """A PNG file that claims this size, and holds nothing of it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in ((b"IHDR", header), (b"IDAT", b""), (b"IEND", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("size", [(10_000, 10_000), (60_000, 60_000)])  # Pillow warns of the one, refuses the other
def test_decompression_bombs_are_named_and_skipped(tmp_path, size):
    for name in "ab":
        images_in(tmp_path / name, 2)
    (tmp_path / "a" / "bomb.png").write_bytes(png_of(*size))
    data = load_dataset(str(tmp_path))
    assert len(data.train) + len(data.validation) == 4
    assert data.skipped == (
        f"cannot read {tmp_path / 'a' / 'bomb.png'}: more than 89478485 pixels, "
        "Pillow's limit against decompression bombs.",
    )


def test_a_description_is_one_line_and_never_empty():
    assert describe_error(ValueError("first\nsecond")) == "first"
    assert describe_error(ValueError()) == "ValueError"
    assert describe_error(FileNotFoundError(2, "No such file or directory", "photo.jpg")) == "No such file or directory"


def test_a_photo_that_cannot_be_decoded_is_found_and_described():
    def decode(index):
        if index % 3 == 1:
            raise ValueError(f"bad {index}")

    assert find_broken(decode, 6) == {1: "bad 1", 4: "bad 4"}


def test_a_photo_that_changed_after_the_scan_says_what_to_do():
    error = changed_photo_error("cannot read a.jpg: No such file or directory.")
    assert str(error).startswith("cannot read a.jpg: No such file or directory.\nIt was whole when")


def test_the_scan_reports_its_progress():
    reported = []
    find_broken(lambda _: None, 2 * CHUNK + 1, lambda task, share: reported.append((task, share)))
    count = 2 * CHUNK + 1
    assert reported == [("scanning photos", done / count) for done in (CHUNK, 2 * CHUNK, count)]
