"""Write files and folders completely or not at all: against kills, full disks and a second process."""

import ctypes
import errno
import fcntl
import glob
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from .errors import OutputError
from .locks import try_lock

__all__ = [
    "PARTIAL",
    "discard_folder",
    "refuse_unwritable",
    "remove_abandoned_files",
    "replace_file",
    "replace_folder",
    "writing_problem",
]

PARTIAL = ".partial."  # how the names of files begin that are being written

_AT_FDCWD = {"linux": -100, "darwin": -2}
_EXCHANGE = 2  # RENAME_EXCHANGE on Linux, RENAME_SWAP on macOS


@contextmanager
def replace_file(path: Path) -> Iterator[Path]:
    """Yield a temporary file beside `path`, with the same suffix and a name of its own, to write to.

    When the block ends without an error, the temporary file replaces `path`; otherwise it is removed. The parent
    folder is created if necessary. Temporary files that killed processes left behind are removed; those of running
    processes are locked and stay. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned_files(path.parent, path.name)
    partial, descriptor = _partial_file(path)
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
        os.close(descriptor)


def _partial_file(path: Path) -> tuple[Path, int]:
    """(A new file to write `path` to, the descriptor that locks it)."""
    while True:
        partial = path.with_name(f"{PARTIAL}{secrets.token_hex(4)}.{path.name}")
        with suppress(FileNotFoundError):  # until it is locked, another process takes it for abandoned
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL, 0o666))
            descriptor = try_lock(partial, flags=0)
            if descriptor is not None:
                return partial, descriptor


def remove_abandoned_files(folder: Path, name: str = "*") -> None:
    """Remove what killed processes were writing in `folder` as files with this end of a name (default: any).

    Raises OSError.
    """
    end = name if name == "*" else glob.escape(name)
    for pattern in (f"{PARTIAL}????????.{end}", f"{PARTIAL}{end}"):  # earlier versions had the second
        for partial in folder.glob(pattern):
            with suppress(FileNotFoundError, IsADirectoryError):
                descriptor = try_lock(partial, flags=0)
                if descriptor is not None:
                    partial.unlink(missing_ok=True)
                    os.close(descriptor)


def refuse_unwritable(target: Path, *, overwrite: bool) -> None:
    """Raise OutputError if the folder `target` may not be replaced or cannot be written. Writes nothing itself."""
    if target.exists() and not target.is_dir():
        raise OutputError(
            f"expected {target} to be a folder, or not to exist; it is a file. Give another --output-dir."
        )
    if target.exists() and not overwrite:
        raise OutputError(f"{target} exists already.\nGive --overwrite to replace it, or another --output-dir.")
    problem = writing_problem(target.parent)
    if problem is not None:
        raise _cannot_write(target, problem)


def writing_problem(folder: Path) -> OSError | None:
    """Why nothing can be written into `folder`, which is made if it does not exist; None if something can."""
    existing = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
    if not existing.is_dir():
        return NotADirectoryError(errno.ENOTDIR, f"{existing} is not a folder")
    if not os.access(existing, os.W_OK | os.X_OK):
        return PermissionError(errno.EACCES, f"{existing} is not writable")
    return None


@contextmanager
def replace_folder(target: Path, *, overwrite: bool, keep_as: Path | None = None) -> Iterator[Path]:
    """Yield a temporary folder beside the folder `target` to write into.

    When the block ends without an error, the temporary folder replaces `target`; otherwise it is removed. An existing
    `target` is replaced only if `overwrite`, and atomically: whoever looks at it sees the old or the new contents.
    keep_as: if it is given, a replaced `target` is renamed to this folder, which must not exist, and not removed.
    Temporary folders that killed processes left behind are removed; those of running processes are locked and stay.
    Raises OutputError if the folder cannot be written, the disk is full, or `target` exists and may not be replaced.
    """
    target = target.resolve()
    refuse_unwritable(target, overwrite=overwrite)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _locked(target.parent):  # until our folder is locked, another process would take it for abandoned
            _remove_abandoned(target)
            folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent))
            ownership = ExitStack()
            ownership.enter_context(_locked(folder))
    except OSError as error:
        raise _cannot_write(target, error) from error
    try:
        yield folder
        folder.chmod(0o777 & ~_umask())
        if keep_as is not None and target.exists():
            refuse_unwritable(target, overwrite=overwrite)
            target.rename(keep_as)
        _replace(folder, target, overwrite)
    except OSError as error:
        raise _cannot_write(target, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # after an error our folder; otherwise the one that was replaced
        ownership.close()


@contextmanager
def _locked(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold an exclusive lock on a folder; it ends with the process.

    Raises BlockingIOError if another process holds the lock and `wait` is False.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(descriptor)


def _replace(folder: Path, target: Path, overwrite: bool) -> None:
    """Rename `folder` to `target`; if `target` exists, exchange the two."""
    try:
        os.rename(folder, target)  # refuses to replace a folder that is not empty
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise
        refuse_unwritable(target, overwrite=overwrite)
        _exchange(folder, target)


def _exchange(one: Path, other: Path) -> None:
    """Exchange two paths atomically (renameat2 on Linux, renameatx_np on macOS). Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    call = libc.renameatx_np if sys.platform == "darwin" else libc.renameat2
    working_folder = _AT_FDCWD[sys.platform]
    if call(working_folder, os.fsencode(one), working_folder, os.fsencode(other), ctypes.c_uint(_EXCHANGE)):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), str(other))


def discard_folder(folder: Path, of: Path) -> None:
    """Remove a folder beside the folder `of` at once: a kill leaves nothing of it at its place. Raises OSError."""
    removed = folder.with_name(f".{of.name}.{secrets.token_hex(4)}.tmp")
    folder.rename(removed)
    shutil.rmtree(removed)


def _remove_abandoned(target: Path) -> None:
    """Remove the temporary folders of `target` that no running process has locked."""
    for folder in target.parent.glob(f".{glob.escape(target.name)}.*.tmp"):
        with suppress(FileNotFoundError, BlockingIOError), _locked(folder, wait=False):
            shutil.rmtree(folder, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _cannot_write(target: Path, error: OSError) -> OutputError:
    hints = {
        errno.ENOSPC: "The disk is full: free some space",
        errno.EFBIG: "A file-size limit was reached: raise it (ulimit -f)",
        errno.EDQUOT: "Your disk quota is used up: free some space",
    }
    hint = hints.get(error.errno or 0, "Check the folder's permissions")
    return OutputError(
        f"cannot write {target}: {error.strerror or error}.\n{hint}, or give another --output-dir. Nothing was changed."
    )
