"""`make bench-export`: wall time of `mobilenet-export --alpha 0.5 --res 160` beside experiments/plain_export.py's.

Both run as separate processes and in turn, so that the start-up of each is included.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mobilenet_tf.data.photos import bundled_photos

RUNS = 3


def seconds(command: list[str]) -> float:
    """Wall time of a command that must succeed."""
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    """Print both medians and their ratio."""
    plain, exports = [], []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory() as folder:
            plain.append(seconds([sys.executable, "-m", "experiments.plain_export", str(bundled_photos()), folder]))
            export = Path(sys.executable).with_name("mobilenet-export")
            exports.append(seconds([str(export), "--alpha", "0.5", "--res", "160", "--output-dir", folder]))
    for name, times in (
        ("plain script: convert, no check", plain),
        ("mobilenet-export: convert, correct, verify", exports),
    ):
        print(f"{name:<44} {statistics.median(times):6.1f} s  (of {', '.join(f'{t:.1f}' for t in times)})")
    print(f"ratio {statistics.median(exports) / statistics.median(plain):.2f} (goal: at most 1)")


if __name__ == "__main__":
    main()
