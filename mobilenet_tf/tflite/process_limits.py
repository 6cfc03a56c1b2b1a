"""What a child process may take: memory, and no longer than its parent lives."""

import contextlib
import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from pathlib import Path

from .model_file import MOST_MODEL_BYTES

__all__ = ["allow_more_memory", "die_with_parent", "limit_memory", "memory_for"]

# Of the work on a model: the photo that is decoded, the tensors of one inference. A MobileNet at 224 takes 40 MB.
WORK_BYTES = 1250 * 10**6
COPIES = 4  # of the file: its bytes, the interpreter's, the delegate's of the weights, and one in another layout
BYTES_OF_THREAD = 256 * 2**20  # of address space: a stack, and the pages that malloc keeps for each thread

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def memory_for(model: Path) -> int:
    """How many bytes the work on a model may take, by the size of its file."""
    try:
        size = model.stat().st_size
    except OSError:
        size = 0
    return WORK_BYTES + COPIES * min(size, MOST_MODEL_BYTES)


def limit_memory(size: int) -> None:
    """Let this process have so many bytes of address space more than it has now; beyond, allocations fail.

    Nothing is limited on systems that do not say how much a process has, such as macOS.
    """
    used = _address_space()
    if used is not None:
        _set_limit(used + size)


def allow_more_memory(threads: int) -> None:
    """Raise the limit, if there is one, for threads that are started now and work on as many models."""
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    used = _address_space()
    if limit != resource.RLIM_INFINITY and used is not None:
        _set_limit(limit + threads * BYTES_OF_THREAD)


def die_with_parent() -> None:
    """Let this process be killed as soon as its parent has ended, however that came, and even if it hangs in a loop."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:  # it has ended already
            os._exit(1)
    else:
        threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: "multiprocessing.process.BaseProcess") -> None:
    parent.join()
    os._exit(1)


def _address_space() -> int | None:
    """The bytes of address space that this process has; None if the system does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    return None


def _set_limit(size: int) -> None:
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        size = min(size, most)
    with contextlib.suppress(ValueError, OSError):  # a system that does not know this limit
        resource.setrlimit(resource.RLIMIT_AS, (size, most))
