"""The thresholds of tags inside a `.keras` file, from which score on each tag is true: a run of ours writes them."""

import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.json_records import parse_json

__all__ = ["THRESHOLDS_FILE", "read_thresholds", "thresholds_json"]

THRESHOLDS_FILE = "thresholds.json"  # in each .keras file of a run that trains tags
MOST_BYTES = 10**7
UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, KeyError, ValueError, RuntimeError)


def thresholds_json(thresholds: Sequence[float]) -> str:
    """The text that read_thresholds reads."""
    return f"[{', '.join(f'{value:.6g}' for value in thresholds)}]\n"


def read_thresholds(path: Path) -> tuple[float, ...] | None:
    """The thresholds in a `.keras` file, in the order of its outputs; None if there are none that can be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo(THRESHOLDS_FILE).file_size > MOST_BYTES:
                return None
            content = parse_json(archive.read(THRESHOLDS_FILE).decode())
    except UNREADABLE:
        return None
    if not isinstance(content, list) or not all(type(value) in (int, float) and 0 <= value <= 1 for value in content):
        return None
    return tuple(map(float, content))
