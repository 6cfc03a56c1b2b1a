"""One process at a time writes into an output: the others are told so at once, or wait for their turn.

The lock is that of the operating system on a hidden file beside the output, which itself may be replaced. It ends with
the process, however that ends; the file that a killed process leaves behind locks nothing, and the next one removes it.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import OutputError
from .interrupts import interrupts_delayed
from .progress import OnProgress

__all__ = ["is_same_file", "locked", "try_lock"]

POLLED_EVERY = 0.2  # seconds, while another process holds the lock


@contextmanager
def locked(output: Path, other: str, doing: str, on_wait: OnProgress | None = None) -> Iterator[None]:
    """Hold the lock of a file or folder that is written, which need not exist yet. On leaving, nothing of it is left.

    other:   what another process that holds the lock is, for people: `another mobilenet-train`.
    doing:   and what it does, between spaces: ` is training into `.
    on_wait: told so, again and again, while another process holds the lock; None: it is not waited for.
    Raises OutputError if it is not waited for, or if nothing can be written beside the output.
    """
    parent = output.absolute().parent
    made = [path for path in (parent, *parent.parents) if not path.exists()]
    path, descriptor = parent / f".{output.name}.lock", None
    try:
        while descriptor is None:
            with interrupts_delayed():  # until it is known here what there is to be removed
                descriptor = _try_lock_in(parent, path)
            if descriptor is None:
                held = f"{other}{_process(path)}{doing}{output}"
                if on_wait is None:
                    raise OutputError(f"{held}.\nLet it end, or give another --output-dir.")
                on_wait(f"waiting: {held}", 0.0)
                time.sleep(POLLED_EVERY)
        with suppress(OSError):  # on a full disk the lock holds as well
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        if descriptor is not None:
            path.unlink(missing_ok=True)
            os.close(descriptor)
        with suppress(OSError):  # it holds something by now
            for empty in made:
                empty.rmdir()


def _try_lock_in(parent: Path, path: Path) -> int | None:
    """As try_lock, in a folder that is made if it does not exist. Raises OutputError."""
    try:
        parent.mkdir(parents=True, exist_ok=True)
        return try_lock(path)
    except OSError as error:
        raise OutputError(
            f"cannot write to {parent}: {error.strerror or error}.\nCheck its permissions, or give another place."
        ) from error


def try_lock(path: Path, flags: int = os.O_CREAT) -> int | None:
    """A descriptor of the file at `path`, made if it does not exist, with its lock, which ends when it is closed.

    None if another process holds the lock. Raises OSError.
    """
    while True:
        descriptor = os.open(path, os.O_RDWR | flags, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError):
                return None
            raise
        # The holder before us may have removed the file between our opening and our locking of it.
        if is_same_file(descriptor, path):
            return descriptor
        os.close(descriptor)


def is_same_file(descriptor: int, path: Path) -> bool:
    """Whether an open file or folder is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _process(path: Path) -> str:
    """The number of the process that holds the lock, in brackets, if it has written it already."""
    try:
        number = path.read_text("ascii", "replace")[:20].strip()
    except OSError:
        number = ""
    return f" (process {number})" if number else ""
