"""One hostile input, the commands that read it, and whether each of them ends as a command should."""

import contextlib
import importlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import NoReturn

__all__ = ["MOST_BYTES", "MOST_SECONDS", "Call", "Hostile", "Outcome", "faults_of", "load_command", "run_call"]

MOST_SECONDS, MOST_BYTES = 30.0, 2 * 10**9
STATUSES = (0, 1, 2)  # done, a check failed, wrong input
POLL_S = 0.005


@dataclass(frozen=True)
class Call:
    """A command with its arguments: `words[0]` is one of this project's commands."""

    words: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Hostile:
    """One hostile input. write: write it into this empty folder -> the calls that read it.

    name: what is wrong with it, in words.
    """

    name: str
    write: Callable[[Path], Sequence[Call]]


@dataclass(frozen=True)
class Outcome:
    """How a call ended. status: its exit status, or minus the number of the signal that ended it.

    peak_bytes: of that process of the call which had the most memory. left: whether a process of it still ran.
    """

    status: int
    seconds: float
    peak_bytes: int
    printed: str
    errors: str
    timed_out: bool = False
    left: bool = False


def run_call(call: Call, folder: Path, most_seconds: float = MOST_SECONDS) -> Outcome:
    """Run a call in a process that is forked off this one, which has loaded the command already, in `folder`.

    It is ended if it takes longer than `most_seconds`. This process must have one thread only.
    """
    command = load_command(call.words[0])
    start = time.monotonic()
    process = os.fork()
    if process == 0:
        _be(command, call, folder)
    status, peak_bytes, timed_out = _wait(process, start + most_seconds)
    seconds = time.monotonic() - start
    left = _end_group(process)
    printed, errors = ((folder / name).read_text("utf-8", "replace") for name in ("stdout", "stderr"))
    return Outcome(status, seconds, peak_bytes, printed, errors, timed_out, left)


def faults_of(call: Call, outcome: Outcome) -> list[str]:
    """What is wrong with the way in which a call ended; nothing for a result or an error of ours."""
    faults = []
    if outcome.timed_out:
        faults.append("too long")
    elif outcome.status < 0:
        faults.append("signal")
    elif outcome.status not in STATUSES:
        faults.append("exit status")
    if "Traceback (most recent call last)" in outcome.errors:
        faults.append("traceback")
    if outcome.peak_bytes > MOST_BYTES:
        faults.append("over 2 GB")
    if "\x1b" in outcome.printed + outcome.errors:
        faults.append("escape codes")
    if "--json" in call.words and outcome.status == 0 and not _is_json(outcome.printed):
        faults.append("no JSON")
    if outcome.left:
        faults.append("process left")
    return faults


def load_command(name: str) -> Callable[..., object]:
    """The function of one of this project's commands."""
    (point,) = entry_points(group="console_scripts", name=name)
    loaded: Callable[..., object] = getattr(importlib.import_module(point.module), point.attr)
    return loaded


def _be(command: Callable[..., object], call: Call, folder: Path) -> NoReturn:
    """Become the process of the call: its own process group, its output in files."""
    status = 1
    try:
        os.setsid()
        os.chdir(folder)
        os.environ.update(call.environment)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for number, name in ((0, os.devnull), (1, "stdout"), (2, "stderr")):
            os.dup2(os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), number)
        sys.stdin, sys.stdout, sys.stderr = map(os.fdopen, (0, 1, 2), "rww")
        sys.argv = list(call.words)
        command(args=list(call.words[1:]), prog_name=call.words[0])
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 1 if end.code else 0
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status & 255)


def _wait(process: int, end: float) -> tuple[int, int, bool]:
    """(the status, the peak memory in bytes, whether it had to be ended) of a process, ended if it runs past `end`."""
    timed_out = False
    while True:
        ended, status, usage = os.wait4(process, 0 if timed_out else os.WNOHANG)
        if ended:
            scale = 1 if sys.platform == "darwin" else 1024
            return os.waitstatus_to_exitcode(status), usage.ru_maxrss * scale, timed_out
        if time.monotonic() > end:
            timed_out = True
            os.kill(process, signal.SIGKILL)
        time.sleep(POLL_S)


def _end_group(process: int) -> bool:
    """End what is left of a call's process group; whether there was any."""
    time.sleep(POLL_S)
    try:
        os.killpg(process, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _is_json(text: str) -> bool:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True
