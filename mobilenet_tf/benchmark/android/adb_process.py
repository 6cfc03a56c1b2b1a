"""One run of the adb program, whose answer is bounded: in bytes, in time, and in what it writes into a file."""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["MOST_ANSWER_BYTES", "MOST_PULLED_BYTES", "AdbAnswer", "AdbTimeoutError", "AdbTooLongError", "run_adb"]

MOST_ANSWER_BYTES = 16 * 10**6  # the log of benchmark_model has less than one
MOST_PULLED_BYTES = 64 * 10**6  # predictions for 100,000 photos
PIECE = 1 << 16
POLL_S = 0.1
# adb has ended, but a process that it started holds its output open: it is read for so long yet.
GRACE_S = 0.5


@dataclass(frozen=True)
class AdbAnswer:
    """The exit status of adb, and what it printed on both streams."""

    status: int
    printed: str
    errors: str


class AdbTimeoutError(Exception):
    """adb did not end in time."""


class AdbTooLongError(Exception):
    """adb printed or copied more than it may."""


def run_adb(words: Sequence[str], timeout_s: float, *, writes: Path | None = None) -> AdbAnswer:
    """Run adb with its output captured: bytes that are no UTF-8 are replaced, and line ends become \\n.

    writes: the file that it copies to, which may have MOST_PULLED_BYTES.
    Raises AdbTimeoutError, AdbTooLongError, and OSError if it cannot run. It is ended then, with what it started.
    """
    # In a session of its own, so that what it started ends with it. Its server is in another one.
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as process:
        try:
            printed, errors = _read(process, time.monotonic() + timeout_s, writes)
        finally:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        return AdbAnswer(process.wait(), _text(printed), _text(errors))


def _read(process: "subprocess.Popen[bytes]", end: float, writes: Path | None) -> tuple[bytes, bytes]:
    """What the process prints on its two streams until it ends."""
    assert process.stdout
    assert process.stderr
    pieces = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
    ended_at = 0.0
    with selectors.DefaultSelector() as selector:
        for stream in pieces:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(POLL_S):
                piece = os.read(key.fd, PIECE)
                if not piece:
                    selector.unregister(key.fd)
                pieces[key.fd] += piece
            if sum(map(len, pieces.values())) > MOST_ANSWER_BYTES or _size(writes) > MOST_PULLED_BYTES:
                raise AdbTooLongError
            now = time.monotonic()
            if process.poll() is not None:
                ended_at = ended_at or now
                if now - ended_at > GRACE_S:
                    break
            elif now > end:
                raise AdbTimeoutError
    _wait(process, end)
    printed, errors = pieces.values()
    return bytes(printed), bytes(errors)


def _wait(process: "subprocess.Popen[bytes]", end: float) -> None:
    """Wait for a process that has closed its output."""
    try:
        process.wait(max(POLL_S, end - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise AdbTimeoutError from error


def _size(path: Path | None) -> int:
    with contextlib.suppress(OSError):
        return 0 if path is None else path.lstat().st_size
    return 0


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
