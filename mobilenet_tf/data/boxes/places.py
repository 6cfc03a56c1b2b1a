"""To which side of a split a photo belongs, by the folders that it is in."""

import os
from pathlib import Path

from mobilenet_tf.data.layout import side_of

__all__ = ["side_under"]


def side_under(folder: Path, path: str) -> str | None:
    """The side that a folder between `folder` and the file names, as train/ and val2017/ do; None if none does."""
    parts = Path(os.path.relpath(path, folder)).parts[:-1]
    return next((side for part in parts if (side := side_of(part))), None)
