import time

import numpy as np
import pytest

from mobilenet_tf.benchmark.latency import MAX_POINTS, MAX_SAMPLES, summarize, sustain, time_runs
from mobilenet_tf.benchmark.op_profile import profile
from mobilenet_tf.tflite.interpreter import Session


@pytest.fixture(scope="module")
def session(small_files):
    session = Session(small_files["int8"])
    session.clear()
    return session


def test_at_least_so_many_runs_and_at_least_so_long(session):
    assert len(time_runs(session, warmup=0, runs=7)) == 7
    reports = []
    start = time.perf_counter()
    times = time_runs(session, warmup=1, runs=1, min_seconds=0.05, on_progress=lambda *report: reports.append(report))
    assert time.perf_counter() - start >= 0.05
    assert len(times) > 1
    assert {task for task, _ in reports} == {"measuring latency"}
    shares = [share for _, share in reports]
    assert shares == sorted(shares)
    assert max(shares) <= 1


def test_the_statistics_are_numpys_own():
    times = list(np.random.default_rng(0).gamma(4, 1, 5000))
    found = summarize(times, warmup=3)
    assert (found.p50, found.p90, found.p99) == tuple(np.percentile(times, [50, 90, 99]))
    assert (found.min, found.mean, found.std) == (min(times), np.mean(times), np.std(times))
    assert (found.runs, found.warmup, len(found.samples)) == (5000, 3, MAX_SAMPLES)
    assert summarize([2.0], warmup=0).samples == [2.0]


def test_a_sustained_load_gives_a_curve_over_its_time(session):
    curve = sustain(session, 0.3)
    assert 1 < len(curve) <= MAX_POINTS + 1
    assert [point.seconds for point in curve] == sorted(point.seconds for point in curve)
    assert 0 < curve[0].seconds < curve[-1].seconds < 0.4
    assert all(point.latency_ms > 0 for point in curve)


def test_every_op_is_timed_alone(small_files, tmp_path):
    path = tmp_path / "x.tflite"
    path.write_bytes(small_files["int8"])
    found = profile(path)
    kinds = [op.type for op in found]
    assert kinds == ["CONV_2D", *["DEPTHWISE_CONV_2D", "CONV_2D"] * 13, "MEAN", "FULLY_CONNECTED", "SOFTMAX"]
    assert all(op.ms > 0 for op in found)
    assert len({op.name for op in found}) == len(found)
