"""Whether the files of an export fit on the disk."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.errors import OutputError

from .recipes import Recipe

__all__ = ["refuse_full_disk"]

BYTES_OF_WEIGHT = {"float32": 4, "float16": 2, "int8": 1}


def refuse_full_disk(target: Path, parameters: int, recipes: Sequence[Recipe]) -> None:
    """Raise OutputError if the weights alone, as these recipes store so many, do not fit on the disk of `target`."""
    existing = next(path for path in target.absolute().parents if path.exists())
    free = shutil.disk_usage(existing).free
    needed = sum(parameters * BYTES_OF_WEIGHT[recipe.weights] for recipe in recipes)
    if free < needed:
        raise OutputError(
            f"cannot write {target}: it takes {needed / 1e6:.1f} MB or more, and {free / 1e6:.1f} MB are free.\n"
            "The disk is full: free some space, or give another --output-dir. Nothing was changed."
        )
