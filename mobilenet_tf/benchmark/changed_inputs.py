"""Whether what a result was measured on has changed since: a result on other photos must not be used again."""

import os
from functools import cache
from pathlib import Path

from mobilenet_tf.data.walk import files_under

__all__ = ["changed_since"]


def changed_since(result_file: Path, inputs: tuple[Path, ...]) -> bool:
    """Whether a file or folder of `inputs` was changed after `result_file` was written. Raises OSError."""
    written = result_file.stat().st_mtime_ns
    return any(_last_change(path) >= written for path in inputs)


@cache
def _last_change(path: Path) -> int:
    """The last change of a file, or of any file or folder in a folder, in nanoseconds; 0 if it does not exist."""
    if not path.is_dir():
        return path.stat().st_mtime_ns if path.exists() else 0
    found = files_under(path)
    # A photo that was moved here may be old: it changes its folder, as one that was deleted does. A renamed folder
    # changes the one that it lies in.
    return max(os.stat(item).st_mtime_ns for item in (str(path), *found.paths, *found.folders))
