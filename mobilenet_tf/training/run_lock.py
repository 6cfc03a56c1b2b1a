"""One process at a time trains into a run's folder: the others are told so at once, before they read any photo.

The lock is that of the operating system on a hidden file beside the folder, which itself may be replaced. It ends with
the process, however that ends; the file that a killed process leaves behind locks nothing, and the next run removes it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mobilenet_tf.errors import OutputError

__all__ = ["locked_run"]


@contextmanager
def locked_run(folder: Path) -> Iterator[None]:
    """Hold the lock of the run's folder, which need not exist yet. On leaving, nothing of the lock is left.

    Raises OutputError if another process holds it, or if nothing can be written beside the folder.
    """
    parent = folder.absolute().parent
    made = [path for path in (parent, *parent.parents) if not path.exists()]
    path = parent / f".{folder.name}.lock"
    try:
        parent.mkdir(parents=True, exist_ok=True)
        descriptor = _locked_descriptor(path, folder)
    except OSError as error:
        raise OutputError(
            f"cannot write to {parent}: {error.strerror or error}.\nGive another --output-dir."
        ) from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)
        with suppress(OSError):  # it holds something by now
            for empty in made:
                empty.rmdir()


def _locked_descriptor(path: Path, folder: Path) -> int:
    """A descriptor of the file at `path`, with its lock. Raises OSError, or OutputError if another process holds it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise OutputError(
                f"another mobilenet-train{holder and f' (process {holder})'} is training into {folder}.\n"
                "Let it end, or give another --output-dir."
            ) from error
        except OSError:
            os.close(descriptor)
            raise
        # The holder before us may have removed the file between our opening and our locking of it.
        if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            return descriptor
        os.close(descriptor)
