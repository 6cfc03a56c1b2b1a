"""The wall time of each command's --help: `python -m experiments.help_time`."""

import statistics
import subprocess
import sys
import time
from importlib.metadata import distribution
from pathlib import Path

from mobilenet_tf.terminal import table

RUNS = 7


def help_seconds(command: str) -> float:
    """The median of RUNS runs, each in a process of its own, after one that fills the caches."""
    path = Path(sys.executable).with_name(command)
    seconds = []
    for _ in range(RUNS + 1):
        start = time.perf_counter()
        subprocess.run([path, "--help"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[1:])


if __name__ == "__main__":
    scripts = distribution("mobilenet-tf").entry_points.select(group="console_scripts")
    rows = [[script.name, f"{help_seconds(script.name):.2f}"] for script in scripts]
    print(table(["command", "--help, s"], rows))
