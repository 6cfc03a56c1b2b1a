"""Workers that watch each other, as processes without TensorFlow."""

import sys
import time
from contextlib import ExitStack

import pytest

from tests.support.commands import ROOT, running_process, wait_until
from tests.support.workers import config_of, loopback

# A worker that steps until it is told to stop stepping, or to end: by files.
WORKER = """
import os, pathlib, sys, time
from mobilenet_tf.training import worker_watch
from mobilenet_tf.training.rendezvous import parse_cluster, wait_for_workers
worker_watch.GRACE_S = 1.0
cluster = parse_cluster(os.environ["TF_CONFIG"])
links = wait_for_workers(cluster, lambda _: None, 600)
watch = worker_watch.WorkerWatch(links)
watch.start(lambda: print("lost", flush=True))
pathlib.Path(f"joined{cluster.index}").touch()
while not pathlib.Path(f"end{cluster.index}").exists():
    if not pathlib.Path("hang").exists():
        watch.stepped()
    time.sleep(0.05)
watch.finish(well=True)
print("finished", flush=True)
"""


@pytest.fixture
def workers(tmp_path):
    """Three processes that have found each other."""
    addresses = loopback(3)
    with ExitStack() as stack:
        started = []
        for index in range(3):
            environment = {"TF_CONFIG": config_of(addresses, index), "PYTHONPATH": str(ROOT)}
            process = running_process(sys.executable, "-c", WORKER, env=environment, cwd=tmp_path)
            started.append(stack.enter_context(process))
        wait_until(lambda: all((tmp_path / f"joined{index}").exists() for index in range(3)))
        yield started


@pytest.mark.parametrize("victim", [0, 1, 2])
def test_of_three_workers_one_killed_ends_the_others_if_their_steps_have_stopped(workers, tmp_path, victim):
    (tmp_path / "hang").touch()
    start = time.monotonic()
    workers[victim].kill()
    others = [worker for worker in workers if worker is not workers[victim]]
    assert [(worker.communicate()[0], worker.returncode) for worker in others] == [("lost\n", 1)] * 2
    assert time.monotonic() - start < 30  # as docs/training_distributed.md promises


def test_workers_that_still_step_go_on_and_may_finish(workers, tmp_path):
    """A connection alone may break, as when a firewall forgets it."""
    workers[2].kill()
    time.sleep(3)  # three times as long as they have
    for index in (0, 1):
        assert workers[index].poll() is None
        (tmp_path / f"end{index}").touch()
    assert [(worker.communicate()[0], worker.returncode) for worker in workers[:2]] == [("finished\n", 0)] * 2


def test_a_worker_that_finishes_ends_no_other(workers, tmp_path):
    (tmp_path / "hang").touch()
    (tmp_path / "end1").touch()
    assert workers[1].communicate()[0] == "finished\n"
    time.sleep(3)
    for index in (0, 2):
        assert workers[index].poll() is None
        (tmp_path / f"end{index}").touch()
    assert [workers[index].communicate()[0] for index in (0, 2)] == ["finished\n"] * 2
