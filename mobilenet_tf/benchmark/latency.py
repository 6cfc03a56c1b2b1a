"""How long one inference takes: the interpreter's invoke alone, not the copies of input and output."""

import gc
import time
from collections.abc import Sequence

import numpy as np

from mobilenet_tf.progress import OnProgress, ignore_progress
from mobilenet_tf.results.records import Latency, SustainedPoint
from mobilenet_tf.tflite.interpreter import Session

__all__ = ["summarize", "sustain", "time_runs"]

MAX_SAMPLES = 1000  # in a result
MAX_POINTS = 120  # of a sustained curve
RUNS_PER_REPORT = 10
SLOW_MS = 500.0  # beyond, each run is reported: a process that reports nothing for long counts as one that hangs


def time_runs(
    session: Session,
    *,
    warmup: int,
    runs: int,
    min_seconds: float = 0.0,
    on_progress: OnProgress = ignore_progress,
) -> list[float]:
    """ms of each of at least `runs` inferences that last at least `min_seconds` together, after `warmup` others."""
    for _ in range(warmup):
        session.invoke()
        on_progress("measuring latency", 0.0)
    times: list[float] = []
    collecting = gc.isenabled()
    gc.disable()
    try:
        start = time.perf_counter()
        while len(times) < runs or time.perf_counter() - start < min_seconds:
            times.append(session.time_invoke())
            if len(times) % RUNS_PER_REPORT == 0 or times[-1] > SLOW_MS:
                elapsed = (time.perf_counter() - start) / min_seconds if min_seconds else 1.0
                on_progress("measuring latency", min(len(times) / runs, elapsed, 1.0))
    finally:
        if collecting:
            gc.enable()
    return times


def summarize(times: Sequence[float], warmup: int) -> Latency:
    """The statistics of these runs, in ms; percentiles are linear between samples, as NumPy's."""
    p50, p90, p99 = np.percentile(times, [50, 90, 99])
    sampled = np.unique(np.linspace(0, len(times) - 1, min(MAX_SAMPLES, len(times))).round().astype(int))
    return Latency(
        p50=float(p50),
        p90=float(p90),
        p99=float(p99),
        min=float(np.min(times)),
        mean=float(np.mean(times)),
        std=float(np.std(times)),
        runs=len(times),
        warmup=warmup,
        samples=[round(times[index], 4) for index in sampled],
    )


def sustain(session: Session, seconds: float, on_progress: OnProgress = ignore_progress) -> list[SustainedPoint]:
    """Infer without a pause for `seconds`: the median latency of each of up to 120 equal spans of that time."""
    start = time.perf_counter()
    runs: list[tuple[float, float]] = []  # (seconds after the start, ms)
    while (now := time.perf_counter() - start) < seconds:
        runs.append((now, session.time_invoke()))
        on_progress("measuring under sustained load", now / seconds)
    span = max(seconds / MAX_POINTS, runs[-1][0] / len(runs) * 3) if runs else seconds
    spans: dict[int, list[float]] = {}
    for begun, latency_ms in runs:
        spans.setdefault(int(begun / span), []).append(latency_ms)
    return [SustainedPoint(round((number + 0.5) * span, 3), float(np.median(times))) for number, times in spans.items()]
