"""Processes of the commands that are killed at chosen moments, each forked from this one, which has loaded TensorFlow.

Loading it takes longer than the commands themselves do on a few photos. A forked process is like any other: it has its
own session, standard streams and working folder, and signals end it alone.
"""

import atexit
import importlib
import os
import pkgutil
import re
import signal
import sys
import tempfile
import time
import tomllib
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Ended", "Moment", "Started", "load_everything", "run", "start"]

POLLED_EVERY = 0.01  # seconds
GRACE = 5.0  # seconds that a killed process may take to be gone, on a busy machine
PATIENCE = 900.0  # seconds, after which a process counts as hanging
TICKS = os.sysconf("SC_CLK_TCK")
COMMANDS = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]["scripts"]


@dataclass(frozen=True)
class Moment:
    """What is done to a process, given its id, and when: at this CPU time in seconds, or else as soon as it is writing.

    skipped: how many files it writes before.
    """

    action: Callable[[int], None]
    cpu_seconds: float | None
    skipped: int = 0


@dataclass(frozen=True)
class Ended:
    """How a process ended. reached: whether the moment came; writing: whether partial files were there then; partial:
    how many of these were seen in all, of a process that was watched.
    """

    status: int
    output: str
    cpu_seconds: float
    reached: bool = False
    writing: bool = False
    partial: int = 0


def load_everything() -> None:
    """Load every module of the commands, so that forked processes have it."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    importlib.import_module("mobilenet_tf.keras_loader")
    importlib.import_module("plotly.graph_objects")
    for package in ("mobilenet_tf", "export"):
        path = importlib.import_module(package).__path__
        for module in pkgutil.walk_packages(path, f"{package}."):
            importlib.import_module(module.name)


class Started:
    """A command that runs, in a session of its own."""

    def __init__(self, words: Sequence[str], folder: Path) -> None:
        self._log = Path(tempfile.gettempdir()) / f"{words[0]}.{os.getpid()}.{time.monotonic_ns()}.log"
        self._log.touch()  # here: the process may be killed before it has opened it
        self._cpu = 0.0
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _become(words, folder, self._log)

    @property
    def cpu_seconds(self) -> float:
        """The CPU time so far of the process and its children."""
        children = _text(f"/proc/{self.pid}/task/{self.pid}/children").split()
        self._cpu = max(self._cpu, sum(map(_cpu_seconds, [str(self.pid), *children])))
        return self._cpu

    def ended(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        return os.waitstatus_to_exitcode(status) if pid else None

    def wait(self, moment: Moment | None = None, output: Path | None = None) -> Ended:
        """Wait until it ends; meanwhile do what is to be done at a moment. output: where it writes."""
        end, seen, reached, writing = time.monotonic() + PATIENCE, set[str](), False, False
        before = partial_names(output) if output is not None else set()  # of processes that were killed
        while (status := self.ended()) is None:
            cpu = self.cpu_seconds
            partial = partial_names(output) - before if output is not None else set()
            seen |= partial
            if moment is not None and not reached and has_begun(self.pid):
                due = cpu >= moment.cpu_seconds if moment.cpu_seconds is not None else len(seen) > moment.skipped
                if due:
                    moment.action(self.pid)
                    reached, writing = True, bool(partial)
            if time.monotonic() > end:
                os.killpg(self.pid, signal.SIGKILL)
            time.sleep(POLLED_EVERY)
        text = self._log.read_text(errors="replace")
        self._log.unlink()
        return Ended(status, text, self._cpu, reached, writing, len(seen))

    def left_processes(self) -> list[str]:
        """The processes of its session that are still there after GRACE: one that was killed with its parent ends a
        moment later, when the system has freed its memory.
        """
        end = time.monotonic() + GRACE
        while (left := self._processes()) and time.monotonic() < end:
            time.sleep(POLLED_EVERY)
        return left

    def _processes(self) -> list[str]:
        """The processes of its session that are there now."""
        stats = {path.parent.name: _text(path) for path in Path("/proc").glob("[0-9]*/stat")}
        fields = {pid: text.rpartition(")")[2].split() for pid, text in stats.items() if text}
        return [pid for pid, values in fields.items() if values[3] == str(self.pid) and values[0] != "Z"]


def start(folder: Path, *words: object) -> Started:
    """Start a command in `folder`."""
    return Started([str(word) for word in words], folder)


def run(folder: Path, *words: object, moment: Moment | None = None, output: Path | None = None) -> Ended:
    """Run a command in `folder` until it ends."""
    return start(folder, *words).wait(moment, output)


def has_begun(pid: int) -> bool:
    """Whether a command has begun: it handles SIGTERM then. Before, while Python starts, signals end it as they end
    every program.
    """
    caught = re.search(r"^SigCgt:\s*(\w+)", _text(f"/proc/{pid}/status"), re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def partial_names(output: Path) -> set[str]:
    """The hidden files and folders in which something is being written, in `output` and its folders."""
    found = set()
    folders = [output]
    for folder in folders:
        try:
            entries = [*os.scandir(folder)]
        except OSError:
            continue
        found |= {entry.path for entry in entries if entry.name.startswith(".") and not entry.name.endswith(".lock")}
        folders += [Path(entry.path) for entry in entries if entry.is_dir() and folder == output]
    return found


def _become(words: Sequence[str], folder: Path, log: Path) -> None:
    """The forked process: run the command, and end as Python does."""
    status = 1
    try:
        os.setsid()
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(descriptor, 1)
        os.dup2(descriptor, 2)
        os.chdir(folder)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        module, _, name = COMMANDS[words[0]].partition(":")
        getattr(importlib.import_module(module), name)(words[1:], prog_name=words[0])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        atexit._run_exitfuncs()
        os._exit(status)


def _cpu_seconds(pid: str) -> float:
    fields = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def _text(path: object) -> str:
    try:
        return Path(str(path)).read_text()
    except OSError:
        return ""
