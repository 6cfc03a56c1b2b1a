"""What the inverses of GPTQ's Hessians take by NumPy and by TensorFlow, on this machine as it is and while it is busy.

`python -m experiments.inverses`: for stacks as layers of MobileNet V1 have them, milliseconds, the median of RUNS.
"""

import multiprocessing
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.terminal import table

STACKS = ((256, 9), (1024, 9), (1, 64), (1, 256), (1, 1024))  # (matrices, rows)
RUNS = 5


def main() -> None:
    """Print the table."""
    rng, rows = np.random.default_rng(0), []
    for busy in (False, True):
        others = [
            multiprocessing.Process(target=_compute, daemon=True) for _ in range(busy * multiprocessing.cpu_count())
        ]
        for process in others:
            process.start()
        for count, size in STACKS:
            inputs = rng.normal(size=(count, 2 * size, size))
            hessian = np.swapaxes(inputs, 1, 2) @ inputs
            times = [milliseconds(inverse, hessian) for inverse in (np.linalg.inv, tf.linalg.inv)]
            rows.append([f"{count} of {size} x {size}", "busy" if busy else "as it is", *(f"{ms:.2f}" for ms in times)])
        for process in others:
            process.terminate()
    print(table(["matrices", "machine", "NumPy", "TensorFlow"], rows))


def milliseconds(inverse: Callable[[Any], Any], matrices: np.ndarray[Any, Any]) -> float:
    """The median time of a call, after one that does not count."""
    times = []
    for _ in range(RUNS + 1):
        begun = time.perf_counter()
        np.asarray(inverse(matrices))
        times.append(1000 * (time.perf_counter() - begun))
    return statistics.median(times[1:])


def _compute() -> None:
    while True:
        pass


if __name__ == "__main__":
    main()
