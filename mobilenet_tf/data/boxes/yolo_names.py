"""What a data.yaml, or a list of names, says of YOLO's boxes: the classes, the sides, and whether key points follow."""

import os
import reprlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mobilenet_tf.contract.labels import decode_text, read_labels
from mobilenet_tf.data.layout import side_of
from mobilenet_tf.errors import DataError, require

from .annotations import class_name

__all__ = ["NAMES", "YoloNames", "read_names"]

NAMES = ("classes.txt", "obj.names", "classes.names", "_darknet.labels", "labels.txt")
_SHORT = reprlib.Repr()
_SHORT.maxlevel = 2  # aliases of a YAML file may stand for more text than the memory holds


@dataclass(frozen=True)
class YoloNames:
    """classes: in the order of their numbers. places: (the word for a side, a folder or list of its photos), as the
    file has them; base: the folder that it says they are in, relative to its own.
    """

    file: Path
    classes: tuple[str, ...]
    places: tuple[tuple[str, str], ...] = ()
    base: str = ""
    key_points: bool = False


def read_names(file: Path) -> YoloNames | None:
    """What is in the file; None if it is none of names.

    Raises DataError for a data.yaml without names, or MissingPackageError without PyYAML.
    """
    if file.suffix.lower() not in (".yaml", ".yml"):
        is_names = os.path.basename(file).lower() in NAMES
        return YoloNames(file, tuple(read_labels(file))) if is_names else None
    content = _content(file)
    names = content.get("names") if isinstance(content, dict) else None
    if isinstance(names, dict) and {*names} == {*map(str, range(len(names)))}:
        names = [names[str(number)] for number in range(len(names))]
    listed = [class_name(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []
    classes = tuple(name for name in listed if name is not None)
    if not classes or len(classes) < len(names or ()):
        raise DataError(f"expected `names`, a list of the classes, in {file}; got {_SHORT.repr(names)[:60]}.")
    places = tuple(
        (name, place)
        for name, value in content.items()
        if isinstance(name, str) and side_of(name)
        for place in (value if isinstance(value, list) else [value])
        if isinstance(place, str) and place
    )
    base = content.get("path")
    return YoloNames(file, classes, places, base if isinstance(base, str) else "", "kpt_shape" in content)


def _content(file: Path) -> Any:
    """Lists and mappings of text: `no` is a class as it is written."""
    require("yaml")
    import yaml

    try:
        return yaml.load(decode_text(file.read_bytes()), Loader=yaml.BaseLoader)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise DataError(
            f"cannot read {file}: {str(error).splitlines()[0][:80]}.\nMend it or export it again."
        ) from error
