"""How long one inference takes: the interpreter's invoke alone, not the copies of input and output."""

import gc
import time
from collections.abc import Callable, Sequence

import numpy as np

from mobilenet_tf.results.records import Latency, SustainedPoint
from mobilenet_tf.tflite.interpreter import Session, time_invoke

__all__ = ["summarize", "sustain", "time_runs"]

KEPT = 1000  # samples in a result
POINTS = 120  # of a sustained curve


def time_runs(
    session: Session,
    *,
    warmup: int,
    runs: int,
    min_seconds: float = 0.0,
    tell: Callable[[float], None] = lambda _: None,
) -> list[float]:
    """ms of each of at least `runs` inferences that last at least `min_seconds` together, after `warmup` others.

    tell: told the share that is done.
    """
    for _ in range(warmup):
        session.invoke()
    times: list[float] = []
    collecting = gc.isenabled()
    gc.disable()
    try:
        start = time.perf_counter()
        while len(times) < runs or time.perf_counter() - start < min_seconds:
            times.append(time_invoke(session))
            if len(times) % 10 == 0:
                elapsed = (time.perf_counter() - start) / min_seconds if min_seconds else 1.0
                tell(min(len(times) / runs, elapsed, 1.0))
    finally:
        if collecting:
            gc.enable()
    return times


def summarize(times: Sequence[float], warmup: int) -> Latency:
    """The statistics of these runs, in ms; percentiles are linear between samples, as NumPy's."""
    p50, p90, p99 = np.percentile(times, [50, 90, 99])
    kept = np.unique(np.linspace(0, len(times) - 1, min(KEPT, len(times))).round().astype(int))
    return Latency(
        p50=float(p50),
        p90=float(p90),
        p99=float(p99),
        min=float(np.min(times)),
        mean=float(np.mean(times)),
        std=float(np.std(times)),
        runs=len(times),
        warmup=warmup,
        samples=[round(times[index], 4) for index in kept],
    )


def sustain(session: Session, seconds: float, tell: Callable[[float], None] = lambda _: None) -> list[SustainedPoint]:
    """Infer without a pause for `seconds`: the median latency of each of up to 120 equal spans of that time."""
    start = time.perf_counter()
    stamped: list[tuple[float, float]] = []
    while (now := time.perf_counter() - start) < seconds:
        stamped.append((now, time_invoke(session)))
        tell(now / seconds)
    span = max(seconds / POINTS, stamped[-1][0] / len(stamped) * 3) if stamped else seconds
    groups: dict[int, list[float]] = {}
    for at, taken in stamped:
        groups.setdefault(int(at / span), []).append(taken)
    return [
        SustainedPoint(round((number + 0.5) * span, 3), float(np.median(group))) for number, group in groups.items()
    ]
