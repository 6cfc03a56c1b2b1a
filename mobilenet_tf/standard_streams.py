"""Standard output and standard error that end a command with one sentence, or quietly, if they cannot be written."""

import codecs
import errno
import io
import os
import sys
from typing import Any, TextIO

import click

from .interrupts import ended_by_interrupts
from .terminal import escaped, without_controls

__all__ = ["Command", "note_stream"]

BROKEN_PIPE = 141  # the exit status that shells give to a program whose reader has gone: 128 + SIGPIPE
ESCAPED = "mobilenet_tf.escaped"  # the handler of letters that an encoding lacks


class Command(click.Command):
    """A command whose output may be closed, full, a pipe that nobody reads, or of an encoding without accents, and that
    Ctrl-C and SIGTERM end with a sentence at any time.
    """

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run it, as click does; but an interrupt never ends it with click's "Aborted!", whenever it comes."""
        kwargs.setdefault("color", True)  # else click takes escape sequences out of what is piped, and hides them
        if not kwargs.get("standalone_mode", True):
            return super().main(*args, **kwargs)
        try:
            with ended_by_interrupts():
                sys.exit(self._status(*args, **kwargs))
        except click.exceptions.Exit as end:
            sys.exit(end.exit_code)

    def _status(self, *args: Any, **kwargs: Any) -> int:
        """The exit status of a run. Raises KeyboardInterrupt."""
        if sys.stdout is sys.__stdout__:  # not in a test that collects what is printed
            _set_up_streams()
        kwargs["standalone_mode"] = False
        try:
            status: int | None = super().main(*args, **kwargs)
            return status or 0
        except click.ClickException as error:
            error.show()
            return error.exit_code
        except click.Abort as interrupted:
            raise KeyboardInterrupt from interrupted

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Read the arguments, as click does."""
        with ended_by_interrupts():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Do what the command does."""
        with ended_by_interrupts():
            return super().invoke(ctx)


class _Output(io.FileIO):
    """The file that standard output writes to: an error becomes one that click prints in a sentence."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            # What is still in the buffer would fail once more when Python ends.
            with open(os.devnull, "wb") as nothing:
                os.dup2(nothing.fileno(), self.fileno())
            if error.errno == errno.EPIPE:
                raise click.exceptions.Exit(BROKEN_PIPE) from error
            raise _output_error(
                f"cannot write to standard output: {error.strerror or error}.\n"
                "Send it elsewhere, for example to a file with `> FILE`. The files that the command wrote are complete."
            ) from error


class _Notes(io.FileIO):
    """The file that standard error writes to: notes and progress that cannot be written are no reason to stop."""

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError:
            return len(data)


def _set_up_streams() -> None:
    """Make sys.stdout and sys.stderr what this module describes. Ends the process if standard output is closed."""
    is_closed = sys.stdout is None
    for descriptor in range(3):
        _open_if_closed(descriptor)
    sys.stderr = note_stream(2, getattr(sys.stderr, "encoding", "utf-8"), closefd=False)
    if is_closed:
        error = _output_error(
            "standard output is closed, and the results are printed there.\n"
            "Send it to a file with `> FILE`, or nowhere with `> /dev/null`."
        )
        error.show()
        sys.exit(error.exit_code)
    sys.stdout = _text_stream(_Output(1, "w", closefd=False), sys.stdout.encoding)


def _open_if_closed(descriptor: int) -> None:
    """Open /dev/null as a standard stream that is closed: the next file that is opened would take its place."""
    try:
        os.fstat(descriptor)
    except OSError:
        os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is `descriptor`: those below are open


def note_stream(descriptor: int, encoding: str, *, closefd: bool = True) -> TextIO:
    """A text stream for notes and progress. Writing to it raises nothing; closing it closes the file descriptor too, if
    `closefd`.
    """
    return _text_stream(_Notes(descriptor, "w", closefd=closefd), encoding, line_buffering=True)


class _PlainText(io.TextIOWrapper):
    """A text stream that no text can command: escape sequences, of whomever's label or device, are shown."""

    def write(self, text: str) -> int:
        return super().write(without_controls(text))

    def write_controls(self, text: str) -> int:
        """Write text as it is, for what is meant to move the cursor."""
        return super().write(text)


def _text_stream(file: io.FileIO, encoding: str, *, line_buffering: bool = False) -> TextIO:
    return _PlainText(io.BufferedWriter(file), encoding, errors=ESCAPED, line_buffering=line_buffering or file.isatty())


def _output_error(message: str) -> click.ClickException:
    error = click.ClickException(message)
    error.exit_code = 2  # type: ignore[misc]
    return error


def _escape_letters(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: what the encoding lacks, and bytes of file names that are not text, become escapes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(escaped, error.object[error.start : error.end])), error.end


codecs.register_error(ESCAPED, _escape_letters)
