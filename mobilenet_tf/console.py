"""What all commands share: options, errors without a traceback, quiet libraries, progress, notes."""

import contextlib
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from typing import Any, ClassVar, TextIO

import click

from .errors import INSTALLED_BY, MobilenetError, missing_package, require
from .interrupts import ended_by_interrupts
from .progress import OnProgress
from .progress_bar import ProgressBar
from .standard_streams import note_stream
from .terminal import wrapped

__all__ = [
    "NumberList",
    "Size",
    "command_edge",
    "progress_shown",
    "task_shown",
    "warn",
]


class NumberList(click.ParamType[list[Any]]):
    """Comma-separated numbers: `0.25,0.5`."""

    def __init__(self, kind: type) -> None:
        self.kind = kind
        self.name = f"{kind.__name__}[,...]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[Any]:
        if isinstance(value, list):
            return value
        try:
            return [self.kind(part) for part in value.split(",")]
        except ValueError:
            self.fail(f"expected one or more numbers, comma-separated; got {value!r}.", param, ctx)


class Size(click.ParamType[int]):
    """A size in bytes: `1500000`, or with a unit, `1.5MB` (of a million bytes) or `2MiB` (of 1024 * 1024)."""

    name = "size"
    units: ClassVar = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d{1,15}(?:\.\d{1,15})?) ?([a-z]*)", value.strip().lower(), re.ASCII)
        if not match or match[2] not in self.units:
            self.fail(f"expected bytes, or a size like 500kB, 2MB or 1.5MiB; got {value!r}.", param, ctx)
        return int(float(match[1]) * self.units[match[2]])


class CommandError(click.ClickException):
    """One of our errors in the form that click prints: the message without a traceback, and the error's exit status."""

    def __init__(self, error: MobilenetError) -> None:
        super().__init__(str(error))
        self.exit_code = error.exit_status  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        stream = file or sys.stderr
        click.echo(wrapped(f"Error: {self.message}", stream), file=stream)


@contextlib.contextmanager
def command_edge(verbose: bool, *packages: str) -> Iterator[TextIO]:
    """Run the body of a command: our errors become a message and an exit status; libraries are quiet unless `verbose`.

    packages: modules of extras that the command always needs: if one is missing, it ends at once. Without this, the
              missing package is an error too, but only when it is imported.

    The native code of TensorFlow and TFLite writes directly to file descriptors 1 and 2, so these are redirected.
    Yields the real standard error, for progress and notes. Standard output is restored when the block ends: print
    results after it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "0" if verbose else "3")
    try:
        with ended_by_interrupts():
            for name in packages:
                require(name)
            with contextlib.nullcontext(sys.stderr) if verbose else _quiet() as stderr:
                yield stderr
    except MobilenetError as error:
        raise CommandError(error) from error
    except ModuleNotFoundError as error:
        if error.name not in INSTALLED_BY:
            raise  # no extra installs this module: the installation is broken
        raise CommandError(missing_package(error.name)) from error


@contextlib.contextmanager
def _quiet() -> Iterator[TextIO]:
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(1), os.dup(2)]
    with (
        tempfile.TemporaryFile() as sink,
        note_stream(os.dup(2), sys.stderr.encoding) as stderr,
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        os.dup2(sink.fileno(), 1)
        os.dup2(sink.fileno(), 2)
        try:
            yield stderr
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for descriptor, copy in zip((1, 2), saved, strict=True):
                os.dup2(copy, descriptor)
                os.close(copy)


@contextlib.contextmanager
def progress_shown(stderr: TextIO, at_first: str | None = None) -> Iterator[OnProgress]:
    """Yield a function that shows progress as a bar on standard error while the block runs, if that is a terminal.

    at_first: what is being done until the first progress is reported.
    """
    bar = ProgressBar(stderr)
    if at_first is not None:
        bar.show(at_first)
    try:
        yield bar.show
    finally:
        bar.close()


@contextlib.contextmanager
def task_shown(task: str, stderr: TextIO) -> Iterator[None]:
    """Show on standard error what is being done while the block runs, if that is a terminal: for a task of which nobody
    knows how much is done, such as loading a library.
    """
    with progress_shown(stderr, at_first=task):
        yield


def warn(message: str, stderr: TextIO) -> None:
    """Print a note to standard error."""
    click.echo(wrapped(f"Note: {message}", stderr), file=stderr)
