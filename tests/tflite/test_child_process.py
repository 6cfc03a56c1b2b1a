import functools
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from mobilenet_tf.errors import LabelsError, ModelError
from mobilenet_tf.tflite import child_process
from mobilenet_tf.tflite.child_process import kept_alive, run_in_child_process
from tests.support.commands import ROOT, run_process, running_process, wait_until

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
from mobilenet_tf.tflite import child_process
from mobilenet_tf.tflite.child_process import kept_alive, run_in_child_process
signal.signal(signal.SIGINT, signal.default_int_handler)
os.register_at_fork(after_in_parent=lambda: os.kill(os.getpid(), signal.SIGINT))
run_in_child_process(Path("m.tflite"), print)
"""
    done = run_process("python", "-c", script, cwd=ROOT)
    assert done.stderr.rstrip().endswith("KeyboardInterrupt")
    assert done.returncode == -signal.SIGINT


def take_3_gb(_):
    return len(bytearray(3 * 10**9))


def fail_unexpectedly(_):
    raise KeyError("\x1b[31mlabels")


def sleep_long(_):
    time.sleep(60)


def sleep_alive(seconds, on_progress):
    with kept_alive(on_progress, "reading the photos"):
        time.sleep(seconds)
    return "done"


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is of Linux")
def test_work_that_asks_for_too_much_memory_is_an_error_and_gets_none_of_it():
    with pytest.raises(ModelError, match=r"m\.tflite needs more than the 1\.2 GB of memory"):
        run_in_child_process(MODEL, take_3_gb)


def test_an_error_that_nobody_thought_of_is_one_of_a_model_in_a_sentence():
    with pytest.raises(ModelError, match=r"cannot work on m\.tflite: KeyError: .*\nIt is damaged"):
        run_in_child_process(MODEL, fail_unexpectedly)


def test_silence_ends_the_work_but_not_that_on_photos(monkeypatch):
    monkeypatch.setattr(child_process, "SILENCE_LIMIT_S", 1.0)
    monkeypatch.setattr(child_process, "ALIVE_INTERVAL_S", 0.1)
    with pytest.raises(ModelError, match=r"reported nothing for 1 s: its inference hangs"):
        run_in_child_process(MODEL, sleep_long)
    assert run_in_child_process(MODEL, functools.partial(sleep_alive, 2.0)) == "done"


@pytest.mark.skipif(sys.platform != "linux", reason="it reads /proc")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_that_spins_ends_with_its_parent_however_that_ends(tmp_path, number):
    script = """import os, pathlib, sys
from mobilenet_tf.tflite.child_process import run_in_child_process
def spin(_):
    place = pathlib.Path(sys.argv[1])
    place.with_suffix(".partial").write_text(str(os.getpid()))
    place.with_suffix(".partial").rename(place)
    while True:
        pass
run_in_child_process(pathlib.Path("m.tflite"), spin)
"""
    place = tmp_path / "child"
    with running_process("python", "-c", script, place, cwd=ROOT) as parent:
        wait_until(place.exists)
        child = int(place.read_text())
        assert is_running(child)
        parent.send_signal(number)
        parent.wait()
        wait_until(lambda: not is_running(child))


def is_running(process):
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # nobody may wait for a process whose parent has ended
