"""Work on a model in a separate process: an interpreter that crashes on a damaged file ends that process alone, and
the peak memory is that of this one model.
"""

import contextlib
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from mobilenet_tf import errors
from mobilenet_tf.errors import MobilenetError, ModelError
from mobilenet_tf.progress import OnProgress, ignore_progress

__all__ = ["run_in_child_process"]

SILENCE_LIMIT_S = 120.0  # a child that reports nothing for this long hangs
REPORT_INTERVAL_S = 0.1  # at least, from one report of the child to the next

T = TypeVar("T")


def run_in_child_process(model: Path, work: Callable[[OnProgress], T], on_progress: OnProgress = ignore_progress) -> T:
    """What `work` returns in a separate process. Both must be things that pickle.

    model: the file that the work is on, which errors name.
    Raises the MobilenetError that `work` raises, and ModelError if the process crashes or hangs.
    """
    # A fork shares what the parent has loaded; with threads, and on other systems, it is not safe.
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    context: Any = multiprocessing.get_context("fork" if can_fork else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(receiver, sender, model, work), daemon=True)
    try:
        with _interrupts_delayed():
            child.start()
        sender.close()
        return _receive(receiver, model, on_progress)
    except EOFError:
        child.join()
        raise ModelError(
            f"the interpreter crashed on {model} ({_ending(child.exitcode)}).\n"
            "The file is damaged, or has ops that this interpreter cannot run."
        ) from None
    finally:
        if child.pid is not None:
            child.kill()
            child.join()


@contextlib.contextmanager
def _interrupts_delayed() -> Iterator[None]:
    """Ctrl-C takes effect when the block ends. During a fork Python would lose it."""
    earlier = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, earlier)


def _receive(pipe: Connection, model: Path, on_progress: OnProgress) -> Any:
    while pipe.poll(SILENCE_LIMIT_S):
        kind, *content = pipe.recv()
        if kind == "progress":
            on_progress(*content)
        elif kind == "failed":
            raise getattr(errors, content[0], MobilenetError)(content[1])
        else:
            return content[0]
    raise ModelError(
        f"the measurement of {model} reported nothing for {SILENCE_LIMIT_S:.0f} s: its inference hangs, or is far too "
        "slow."
    )


def _run(receiver: Connection, sender: Connection, model: Path, work: Callable[[OnProgress], Any]) -> None:
    """The child's part."""
    # With the child's own copy of the receiving end closed, its next report to a parent that is gone ends it.
    receiver.close()
    # Ctrl-C goes to all processes of a terminal; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        sender.send(("done", work(_reporter(sender))))
    except MobilenetError as error:
        sender.send(("failed", type(error).__name__, str(error)))
    except BrokenPipeError:
        return
    except MemoryError:
        sender.send(("failed", "ModelError", f"{model} needs more memory than there is."))


def _reporter(pipe: Connection) -> OnProgress:
    """Reports to the parent now and then: a report after every inference would slow what is measured."""
    last = 0.0

    def on_progress(task: str, share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= REPORT_INTERVAL_S:
            last = time.monotonic()
            pipe.send(("progress", task, share))

    return on_progress


def _ending(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return signal.Signals(-exitcode).name
    return f"status {exitcode}"
