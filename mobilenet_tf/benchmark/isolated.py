"""Measure in a process of its own: an interpreter that dies on a damaged file takes nothing with it, and the peak
memory is this one model's.
"""

import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from mobilenet_tf import errors
from mobilenet_tf.errors import MobilenetError, ModelError
from mobilenet_tf.results.records import Result

from .settings import Measurement

__all__ = ["measure_isolated"]

SILENCE = 120.0  # seconds without a word after which a measurement hangs
EVERY = 0.1  # seconds from word to word


def measure_isolated(
    path: Path, wanted: Measurement, tell: Callable[[str, float], None] = lambda _, __: None
) -> Result:
    """`measure.measure` in a child process. Raises what that does, and ModelError where the child dies or hangs."""
    # A fork shares what the parent has loaded; with threads, and on other systems, it is not safe.
    alone = sys.platform == "linux" and threading.active_count() == 1
    context: Any = multiprocessing.get_context("fork" if alone else "spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_measure, args=(ours, theirs, path, wanted), daemon=True)
    child.start()
    theirs.close()
    try:
        return _receive(ours, path, tell, SILENCE)
    except EOFError:
        child.join()
        raise ModelError(
            f"the interpreter died on {path} ({_ending(child.exitcode)}).\n"
            "The file is damaged, or has ops that this interpreter cannot run."
        ) from None
    finally:
        child.kill()
        child.join()


def _receive(pipe: Connection, path: Path, tell: Callable[[str, float], None], silence: float) -> Result:
    while pipe.poll(silence):
        kind, *content = pipe.recv()
        if kind == "told":
            tell(*content)
        elif kind == "failed":
            raise getattr(errors, content[0], MobilenetError)(content[1])
        else:
            return Result.from_json(content[0])
    raise ModelError(f"nothing was heard of {path} for {silence:.0f} s: its inference hangs, or is far too slow.")


def _measure(parents: Connection, pipe: Connection, path: Path, wanted: Measurement) -> None:
    """The child's part."""
    # With its own copy of the other end closed, the next word to a parent that is gone ends it.
    parents.close()
    # Ctrl-C goes to all processes of a terminal; the parent ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from .measure import measure

    try:
        result = measure(path, wanted, _teller(pipe))
        pipe.send(("done", result.to_json()))
    except MobilenetError as error:
        pipe.send(("failed", type(error).__name__, str(error)))
    except BrokenPipeError:
        return
    except MemoryError:
        pipe.send(("failed", "ModelError", f"{path} needs more memory than there is."))


def _teller(pipe: Connection) -> Callable[[str, float], None]:
    """Tells the parent now and then: a word after every inference would slow what is measured."""
    told = 0.0

    def tell(what: str, share: float) -> None:
        nonlocal told
        if time.monotonic() - told >= EVERY:
            told = time.monotonic()
            pipe.send(("told", what, share))

    return tell


def _ending(exitcode: int | None) -> str:
    if exitcode is not None and exitcode < 0:
        return signal.Signals(-exitcode).name
    return f"status {exitcode}"
