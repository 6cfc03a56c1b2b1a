"""Work on a model in a separate process: an interpreter that crashes on a damaged file, hangs, or asks for all the
memory, ends that process alone, and the peak memory is that of this one model.
"""

import contextlib
import multiprocessing
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from mobilenet_tf import errors
from mobilenet_tf.errors import MobilenetError, ModelError, reason_of
from mobilenet_tf.interrupts import interrupts_delayed
from mobilenet_tf.progress import OnProgress, ignore_progress

from .process_limits import die_with_parent, limit_memory, memory_for

__all__ = ["kept_alive", "run_in_child_process"]

SILENCE_LIMIT_S = 20.0  # a child that reports nothing for this long hangs
REPORT_INTERVAL_S = 0.1  # at least, from one report of the child to the next
ALIVE_INTERVAL_S = 5.0  # from one sign of life to the next while photos are read

T = TypeVar("T")


def run_in_child_process(model: Path, work: Callable[[OnProgress], T], on_progress: OnProgress = ignore_progress) -> T:
    """What `work` returns in a separate process. Both must be things that pickle.

    model: the file that the work is on, which errors name, and whose size says how much memory the work may take.
    work:  must report progress at least every SILENCE_LIMIT_S.
    Raises the MobilenetError that `work` raises, and ModelError if it raises anything else, or if the process crashes,
    hangs, or takes more memory than it may. The process ends with this one, however this one ends.
    """
    # A fork shares what the parent has loaded; with threads, and on other systems, it is not safe.
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    context: Any = multiprocessing.get_context("fork" if can_fork else "spawn")
    receiver, sender = context.Pipe(duplex=False)
    child = context.Process(target=_run, args=(receiver, sender, model, work), daemon=True)
    try:
        with interrupts_delayed():  # during a fork Python would lose them
            child.start()
        sender.close()
        return _receive(receiver, model, on_progress)
    except EOFError:
        child.join()
        raise ModelError(
            f"the interpreter crashed on {model} ({_ending(child.exitcode)}).\n"
            "The file is damaged, has ops that this interpreter cannot run, or asks for more than the "
            f"{memory_for(model) / 1e9:.1f} GB of memory that it may have."
        ) from None
    finally:
        if child.pid is not None:
            child.kill()
            child.join()
        receiver.close()


@contextlib.contextmanager
def kept_alive(on_progress: OnProgress, task: str) -> Iterator[None]:
    """Report `task` again and again while the block runs: for work on files, of which nobody knows how long one takes,
    and never for an inference, which may hang.
    """
    ended = threading.Event()

    def report() -> None:
        while not ended.wait(ALIVE_INTERVAL_S):
            on_progress(task, 0.0)

    reporter = threading.Thread(target=report, daemon=True)
    reporter.start()
    try:
        yield
    finally:
        ended.set()
        reporter.join()


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
        f"the work on {model} reported nothing for {SILENCE_LIMIT_S:.0f} s: its inference hangs, or is far too slow."
    )


def _run(receiver: Connection, sender: Connection, model: Path, work: Callable[[OnProgress], Any]) -> None:
    """The child's part."""
    die_with_parent()
    # With the child's own copy of the receiving end closed, its next report to a parent that is gone ends it.
    receiver.close()
    # Ctrl-C goes to all processes of a terminal, and SIGTERM may too; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    memory = memory_for(model)
    limit_memory(memory)
    with contextlib.suppress(BrokenPipeError):
        sender.send(_answer(model, work, _reporter(sender), memory))


def _answer(model: Path, work: Callable[[OnProgress], Any], on_progress: OnProgress, memory: int) -> tuple[str, ...]:
    """What the child says at its end: the result, or an error by its kind and text."""
    try:
        return ("done", work(on_progress))
    except MobilenetError as error:
        return ("failed", type(error).__name__, str(error))
    except BrokenPipeError:
        raise
    except MemoryError:
        return (
            "failed",
            "ModelError",
            f"{model} needs more than the {memory / 1e9:.1f} GB of memory that it may have.",
        )
    except Exception as error:  # what a file says may be wrong in ways that nobody has thought of
        traceback.print_exc()
        return (
            "failed",
            "ModelError",
            f"cannot work on {model}: {type(error).__name__}: {reason_of(error, 120)}\n"
            "It is damaged, or not as files of its kind are: make it again. --verbose shows where.",
        )


def _reporter(pipe: Connection) -> OnProgress:
    """Reports to the parent now and then: a report after every inference would slow what is measured."""
    last, lock = 0.0, threading.Lock()

    def on_progress(task: str, share: float) -> None:
        nonlocal last
        if time.monotonic() - last >= REPORT_INTERVAL_S:
            with lock:
                last = time.monotonic()
                pipe.send(("progress", task, share))

    return on_progress


def _ending(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return signal.Signals(-exitcode).name
    return f"status {exitcode}"
