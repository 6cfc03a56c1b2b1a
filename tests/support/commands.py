"""Run the project's commands, and write small photos for them."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from click.testing import CliRunner

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 600  # after which what is waited for counts as hanging: on a machine that is busy with other work, too


def run_export(*arguments):
    from export.cli import export

    return CliRunner().invoke(export, [str(argument) for argument in arguments])


def run_train(*arguments):
    from mobilenet_tf.training.cli import train

    return CliRunner().invoke(train, [str(argument) for argument in arguments])


@contextlib.contextmanager
def running_process(command, *arguments, env=None, cwd=None, **options):
    """Start a command (one of ours, or a path) as a process of its own. On leaving, it and all that it started are
    killed if they still run: a test that fails or times out leaves no process behind.
    """
    path = Path(sys.executable).with_name(command) if "/" not in command else command
    words = [str(path), *map(str, arguments)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    environment = os.environ | (env or {})
    # A shell that runs the tests in its background ignores Ctrl-C, and so would all that they start.
    of_its_own = {"start_new_session": True, "preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}
    with subprocess.Popen(words, env=environment, cwd=cwd, **of_its_own, **pipes | options) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def run_process(command, *arguments, timeout=PATIENCE_S, **options):
    """Run a command (one of ours, or a path) as a process of its own, with what it prints captured."""
    with running_process(command, *arguments, **options) as process:
        stdout, stderr = process.communicate(timeout=timeout)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def wait_until(condition):
    """Return when `condition()` is true, which is asked again and again."""
    end = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.002)


def images_in(folder, count, *, size=(48, 40), seed=0):
    """Write `count` different small JPEGs."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    for index in range(count):
        coarse = rng.integers(0, 256, (6, 5, 3), dtype=np.uint8)
        Image.fromarray(coarse).resize(size).save(folder / f"photo_{index:03d}.jpg")
    return folder


def contents_of(folder):
    """The content of every file under `folder`."""
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
