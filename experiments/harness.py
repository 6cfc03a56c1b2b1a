"""`make bench-harness`: mobilenet-benchmark beside litert-benchmark, which ai-edge-litert brings, and a bare script.

The files, threads, warm-up and runs are the same; the commands run separately and in turn. litert-benchmark rounds to
10 us.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from mobilenet_tf.terminal import table

ROUNDS, RUNS, WARMUP = 5, 300, 20
NETWORKS = ((0.5, 160), (1.0, 224))
BIN = Path(sys.executable).parent
BARE = """
import resource, sys
import numpy as np
from PIL import Image
from ai_edge_litert.interpreter import Interpreter
interpreter = Interpreter(sys.argv[1], num_threads=1)
interpreter.allocate_tensors()
details = interpreter.get_input_details()[0]
interpreter.set_tensor(details["index"], np.zeros(details["shape"], details["dtype"]))
for _ in range(320):
    interpreter.invoke()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def main() -> None:
    """Print latency, memory and start-up time of both."""
    with tempfile.TemporaryDirectory() as root:
        models = []
        for alpha, res in NETWORKS:
            options = ["--alpha", str(alpha), "--res", str(res), "--output-dir", root]
            subprocess.run([str(BIN / "mobilenet-export"), *options], check=True, capture_output=True)
        models = sorted(Path(root).rglob("*.tflite"))
        rows = [row_of(model, threads, Path(root)) for model in models for threads in (1, 2)]
        print(f"median latency, ms: medians of {ROUNDS} alternating rounds of {RUNS} runs")
        print(table(["file", "threads", "litert-benchmark", "mobilenet-benchmark", "ratio"], rows))
        print("goal: within 3 %\n")
        print(
            table(["peak memory, MB", "bare script", "mobilenet-benchmark", "ratio"], [memory_row(m) for m in models])
        )
        print("goal: at most 1.3\n")
    for words in (["-c", "import mobilenet_tf.benchmark.cli"], [str(BIN / "mobilenet-benchmark"), "--help"]):
        print(f"{' '.join(words).replace(str(BIN) + '/', ''):<38} {start_up(words):.2f} s (goal: under 0.3)")


def row_of(model: Path, threads: int, root: Path) -> list[str]:
    """Both medians of one file, and their ratio."""
    theirs, ours = [], []
    for _ in range(ROUNDS):
        theirs.append(their_median(model, threads, root / "theirs.json"))
        ours.append(our_result(model, threads)["latency_ms"]["p50"])
    pair = statistics.median(theirs), statistics.median(ours)
    return [model.stem, str(threads), *(f"{ms:.3f}" for ms in pair), f"{pair[1] / pair[0]:.3f}"]


def their_median(model: Path, threads: int, output: Path) -> float:
    """litert-benchmark's median in ms."""
    options = ["--num_threads", str(threads), "--num_runs", str(RUNS), "--warmup_runs", str(WARMUP)]
    command = [str(BIN / "litert-benchmark"), "--model", str(model), *options, "--result_json", str(output)]
    subprocess.run(command, check=True, capture_output=True)
    return float(json.loads(output.read_text())["latency"]["median_ms"])


def our_result(model: Path, threads: int) -> dict[str, Any]:
    """mobilenet-benchmark's document for one file."""
    options = ["--threads", str(threads), "--runs", str(RUNS), "--warmup", str(WARMUP), "--min-seconds", "0"]
    with tempfile.TemporaryDirectory() as folder:
        command = [str(BIN / "mobilenet-benchmark"), str(model), *options, "--json", "--output-dir", folder]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    document: dict[str, Any] = json.loads(done.stdout)[0]
    return document


def memory_row(model: Path) -> list[str]:
    """Peak memory of a script that does nothing but infer, and of ours."""
    done = subprocess.run([sys.executable, "-c", BARE, str(model)], check=True, capture_output=True, text=True)
    pair = int(done.stdout), our_result(model, 1)["peak_memory_bytes"]
    return [model.stem, *(f"{value / 1e6:.0f}" for value in pair), f"{pair[1] / pair[0]:.2f}"]


def start_up(words: list[str]) -> float:
    """Wall time in seconds of a Python command, the median of seven."""
    times = []
    for _ in range(7):
        start = time.perf_counter()
        subprocess.run([sys.executable, *words], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    main()
