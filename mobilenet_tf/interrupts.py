"""Ctrl-C and SIGTERM end a command alike: with one sentence, and the exit status that shells give to Ctrl-C."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Any, NoReturn

import click

__all__ = ["ended_by_interrupts"]

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
