"""Ctrl-C and SIGTERM end a command alike: with one sentence, and the exit status that shells give to Ctrl-C."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

import click

__all__ = ["ended_by_interrupts", "interrupts_delayed"]

INTERRUPTED = 130  # the exit status that shells give to Ctrl-C


@contextlib.contextmanager
def ended_by_interrupts() -> Iterator[None]:
    """Around a command: Ctrl-C and SIGTERM raise KeyboardInterrupt in it, so that it leaves nothing half done, and then
    end it with status 130.
    """
    try:
        with _sigterm_as_interrupt():
            yield
    except KeyboardInterrupt as interrupt:
        click.echo("Interrupted: what was finished is kept, and nothing is half written.", err=True)
        raise click.exceptions.Exit(INTERRUPTED) from interrupt


@contextlib.contextmanager
def interrupts_delayed() -> Iterator[None]:
    """Ctrl-C and SIGTERM take effect when the block ends, unless the process ignores them.

    Blocking them would not do: another thread of the process would receive them, and Python raise the exception here.
    """
    received, earlier = list[int](), dict[int, Any]()
    try:
        if threading.current_thread() is threading.main_thread():  # no other one is interrupted
            for sent in (signal.SIGINT, signal.SIGTERM):
                if signal.getsignal(sent) not in (signal.SIG_IGN, None):
                    earlier[sent] = signal.signal(sent, lambda number, _: received.append(number))
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
        if received:
            signal.raise_signal(received[0])


@contextlib.contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt, unless the process ignores it or has a handler of its own."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    if not in_main_thread or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _interrupt(_: int, __: Any) -> NoReturn:
    raise KeyboardInterrupt
