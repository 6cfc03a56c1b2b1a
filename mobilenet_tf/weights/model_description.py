"""What a whole-model file of Keras says of its model: its layers, and the Keras that wrote it. TensorFlow-free."""

import json
import zipfile
from pathlib import Path
from typing import Any

from .hdf5_file import check_size, hdf5_attributes

__all__ = ["model_description", "written_by_keras2"]

MAX_DESCRIPTION = 2**26  # bytes; that of an EfficientNet takes 0.5 MB


def written_by_keras2(path: Path) -> bool:
    """Whether Keras 2, or an older one, wrote the whole model in a `.keras` or HDF5 file. Raises OSError, KeyError or
    ValueError for a damaged file.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            version = json.loads(_member(archive, "metadata.json")).get("keras_version", "2")
    else:
        with hdf5_attributes(path) as attributes:
            version = attributes.get("keras_version", "1")
    version = version.decode() if isinstance(version, bytes) else str(version)
    return int(version.partition(".")[0]) < 3


def model_description(path: Path) -> dict[str, Any] | None:
    """The description of the model in a `.keras` or HDF5 file; None for a file of weights only. Raises as above."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            description: dict[str, Any] = json.loads(_member(archive, "config.json"))
        return description
    with hdf5_attributes(path) as attributes:
        text = attributes.get("model_config")
    return None if text is None else json.loads(text)


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    check_size(archive, name, MAX_DESCRIPTION)
    return archive.read(name)
