"""Run a command on a terminal of a given width, and look at what it does to the screen."""

import contextlib
import fcntl
import os
import pty
import re
import struct
import termios
import time
from dataclasses import dataclass

from .commands import PATIENCE_S, running_process

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class OnTerminal:
    """What a command did to a terminal."""

    columns: int
    text: str  # everything that it wrote, escapes included
    exit_status: int
    longest_silence_s: float

    @property
    def updates(self):
        """The lines that were written, those that were written over included."""
        return re.split(r"[\r\n]+", ESCAPE.sub("", self.text))

    @property
    def screen(self):
        """The lines that stay, with those that have scrolled away."""
        return screen_after(self.text, self.columns)


def screen_after(text, columns):
    """The lines that a terminal of this width shows after `text`: a line that is too long goes on in the next one."""
    lines, column = [""], 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|.", text, re.DOTALL):
        if part == "\n":
            lines.append("")
            column = 0
        elif part == "\r":
            column = 0
        elif part == "\x1b[K":
            lines[-1] = lines[-1][:column]
        elif not part.startswith("\x1b"):
            if column == columns:
                lines.append("")
                column = 0
            lines[-1] = lines[-1][:column].ljust(column) + part + lines[-1][column + 1 :]
            column += 1
    return lines


def run_on_terminal(command, *arguments, columns, **options):
    """Run one of our commands with standard output and standard error on a terminal: an OnTerminal."""
    ours, its = pty.openpty()
    try:
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        with running_process(command, *arguments, stdout=its, stderr=its, stdin=its, **options) as process:
            os.close(its)
            chunks, silence = _read(ours, time.monotonic() + PATIENCE_S)
            return OnTerminal(
                columns, b"".join(chunks).decode().replace("\r\n", "\n"), process.wait(PATIENCE_S), silence
            )
    finally:
        os.close(ours)


def _read(descriptor, deadline):
    """What comes until the command ends, in pieces, and the longest time between two of them."""
    chunks, silence, last = [], 0.0, time.monotonic()
    with contextlib.suppress(OSError):  # the error that Linux gives when the other end is closed
        while chunk := os.read(descriptor, 65536):
            now = time.monotonic()
            chunks.append(chunk)
            silence, last = max(silence, now - last), now
            assert now < deadline, b"".join(chunks)
    return chunks, silence
