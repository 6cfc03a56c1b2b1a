import functools
import os
import signal
from pathlib import Path

import pytest

from mobilenet_tf.benchmark.child_process import run_in_child_process
from mobilenet_tf.errors import LabelsError, ModelError
from tests.support.commands import ROOT, run_process

MODEL = Path("m.tflite")


def parent_of(_):
    return os.getppid()


def crash(_):
    os.kill(os.getpid(), signal.SIGKILL)


def refuse(_):
    raise LabelsError("no labels")


def report(shares, on_progress):
    for share in shares:
        on_progress("measuring", share)


def test_it_returns_what_another_process_found():
    assert run_in_child_process(MODEL, parent_of) == os.getpid()


def test_an_error_of_ours_is_raised_here_and_a_crash_names_the_model():
    with pytest.raises(LabelsError, match="no labels"):
        run_in_child_process(MODEL, refuse)
    with pytest.raises(ModelError, match=r"the interpreter crashed on m\.tflite \(SIGKILL\)"):
        run_in_child_process(MODEL, crash)


def test_progress_comes_through_but_not_every_report_of_it():
    reports = []
    shares = [number / 1000 for number in range(1000)]
    run_in_child_process(MODEL, functools.partial(report, shares), lambda *one: reports.append(one))
    assert reports[0] == ("measuring", 0.0)
    assert len(reports) < 1000


def test_an_interrupt_during_the_fork_is_not_lost():
    """Python prints and then forgets what is raised in the functions that it calls after a fork."""
    script = """import os, signal
from pathlib import Path
from mobilenet_tf.benchmark.child_process import run_in_child_process
signal.signal(signal.SIGINT, signal.default_int_handler)
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
run_in_child_process(Path("m.tflite"), print)
"""
    done = run_process("python", "-c", script, cwd=ROOT)
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
    assert done.returncode == -signal.SIGINT
