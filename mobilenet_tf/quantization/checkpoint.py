"""The checkpoint of a part of the correction: arrays in a file, and what they belong to."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import OutputError
from mobilenet_tf.files import replace_file

__all__ = ["read_checkpoint", "write_checkpoint"]


def read_checkpoint(path: Path | None, key: str) -> dict[str, NDArray[Any]] | None:
    """The arrays in the file at `path`; None if there is no file, or if it belongs to something else than `key`.

    Raises OutputError if it cannot be read.
    """
    if path is None or not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file) as saved:
            return dict(saved) if str(saved["key"]) == key else None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise OutputError(
            f"cannot go on from the checkpoint {path}: {error}.\nDelete it to fine-tune from the beginning."
        ) from error


def write_checkpoint(path: Path | None, key: str, arrays: Mapping[str, Any]) -> None:
    """Write the arrays, by names other than `key`, and what they belong to. Nothing is done if `path` is None."""
    if path is not None:
        with replace_file(path) as partial:
            np.savez(partial, key=key, **arrays)
