"""TensorFlow's and LiteRT's `benchmark_model`: its command line, and reading what it prints.

https://github.com/tensorflow/tensorflow/tree/master/tensorflow/lite/tools/benchmark; there is a binary for each ABI.
The tool does not print how long each single run took: it prints the mean, standard deviation, extremes and (in newer
builds) median, p5 and p95 of all. So p90 and p99 are not known from it, and there are no samples.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from mobilenet_tf.benchmark.settings import Accelerator
from mobilenet_tf.errors import DeviceError
from mobilenet_tf.results.records import OpTime
from mobilenet_tf.terminal import printable
from mobilenet_tf.tflite.interpreter import Delegation

from .device_run import RunSettings

__all__ = ["MAX_SECONDS", "Report", "Statistics", "command", "delegated_share", "parse"]

# The tool ends its runs after this long, however few there were.
MAX_SECONDS = 150
MEBIBYTE = 2**20
MOST_COUNTS = 100  # lines of statistics, of which a run prints three
MOST_RUNS = 10**9

# A flag that a build does not know is not an error: it logs "Unconsumed cmdline flags" and goes on.
_DELEGATE_FLAGS: dict[Accelerator, list[str]] = {
    # Given explicitly because only then does every build log how much of the graph XNNPACK took.
    "cpu": ["--use_xnnpack=true"],
    "gpu": ["--use_gpu=true"],
    "nnapi": ["--use_nnapi=true"],
}
# In a separate run, because they slow the inference: each op's time (TensorFlow's flag and LiteRT's), peak memory.
_PROFILE_FLAGS = ["--enable_op_profiling=true", "--use_profiler=true", "--report_peak_memory_footprint=true"]
_PROFILE_RUNS = 20


@dataclass(frozen=True)
class Statistics:
    """How many runs there were, and statistics of their times in ms. median: None for builds that do not print it."""

    runs: int
    mean: float
    std: float
    min: float
    max: float
    median: float | None


@dataclass(frozen=True)
class Report:
    """What the tool printed. peak_memory_bytes and ops are known only from a run with `profile`."""

    load_ms: float
    warmup: Statistics
    inference: Statistics
    xnnpack: Delegation
    peak_memory_bytes: int | None
    ops: list[OpTime]


def command(binary: str, graph: str, settings: RunSettings, *, profile: bool) -> list[str]:
    """The command line, for the device's paths `binary` and `graph`.

    The warm-up takes at least half a second, as by the tool's default, for a phone's cores to clock up.
    """
    return [
        binary,
        f"--graph={graph}",
        f"--num_threads={settings.threads}",
        f"--warmup_runs={settings.warmup}",
        f"--num_runs={min(settings.runs, _PROFILE_RUNS) if profile else settings.runs}",
        # By default it goes on for a second, beyond the number of runs.
        "--min_secs=0",
        f"--max_secs={MAX_SECONDS}",
        *_DELEGATE_FLAGS[settings.accelerator],
        *(_PROFILE_FLAGS if profile else []),
    ]


def parse(text: str) -> Report:
    """Read what the tool printed. Raises DeviceError if the figures are not in it."""
    load = re.search(r"Initialized session in ([\d.e+]+?)\s*ms", text)
    load_ms = _number(load[1]) if load else None
    # "Timings (microseconds): count=" and "Memory (bytes): count=" belong to the profile.
    lines = re.findall(r"^(?:INFO: )?(count=.*)$", text, re.MULTILINE)[:MOST_COUNTS]
    counts = [figures for line in lines if (figures := _statistics(line)) is not None]
    if load_ms is None or len(counts) < 2:
        last = text.strip().splitlines()[-1:] or ["nothing"]
        raise DeviceError(
            "benchmark_model: expected its timings of the warm-up and of the runs; it printed, last: "
            f"{printable(last[0][:120])}\n"
            "See that the binary is TensorFlow's or LiteRT's benchmark_model."
        )
    peak = _peak_mebibytes(text)
    return Report(
        load_ms=load_ms,
        warmup=counts[0],
        inference=counts[1],
        xnnpack=delegated_share(text, "XNNPACK"),
        peak_memory_bytes=None if peak is None else round(peak * MEBIBYTE),
        ops=list(_ops(text)),
    )


def _peak_mebibytes(text: str) -> float | None:
    peak = re.search(r"(?:Overall peak memory footprint \(MB\) via periodic monitoring: |Peak memory: +)([\d.]+)", text)
    return _number(peak[1]) if peak else None


def _number(text: str) -> float | None:
    """A finite number; None for anything else."""
    if not re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,18})?(e[+-]?[0-9]{1,3})?", text):
        return None
    return number if math.isfinite(number := float(text)) else None


def delegated_share(text: str, delegate: Literal["XNNPACK", "GPU", "NNAPI"]) -> Delegation:
    """How much of the graph the delegate took, by the log."""
    explicit = re.search(rf"Explicitly applied {delegate} delegate, .* be (completely|partially) executed", text)
    if explicit:
        return "whole" if explicit[1] == "completely" else "part"
    if re.search(rf"Though {delegate} delegate is explicitly applied, .* will not be executed", text):
        return "none"
    replaced = re.findall(rf"Replacing (\d+) out of (\d+) node\(s\) with delegate \(\w*?{delegate}\w*\)", text, re.I)
    if replaced:
        return "whole" if all(taken == nodes for taken, nodes in replaced) else "part"
    return "none" if f"Use {delegate.lower()}: [0]" in text else "unknown"


def _statistics(line: str) -> Statistics | None:
    """From "count=50 first=.. curr=.. min=.. max=.. avg=.. std=.. p5=.. median=.. p95=..", in us; None for a line with
    anything else than numbers.

    One run, or runs that all took as long, print `count` and `curr` alone.
    """
    values = {name: _number(text) for name, text in re.findall(r"(\w+)=(\S*)", line)}
    numbers = {name: value for name, value in values.items() if value is not None}
    if len(numbers) < len(values) or not 1 <= numbers.get("count", 0) <= MOST_RUNS:
        return None
    only = numbers.get("curr", 0.0)
    median = numbers.get("median", None if "min" in numbers else only)
    return Statistics(
        runs=int(numbers["count"]),
        mean=numbers.get("avg", only) / 1000,
        std=numbers.get("std", 0.0) / 1000,
        min=numbers.get("min", only) / 1000,
        max=numbers.get("max", only) / 1000,
        median=None if median is None else median / 1000,
    )


_REGULAR, _INITIAL = "Operator-wise Profiling Info for Regular Benchmark Runs", "Profiling Info for Benchmark Init"


def _ops(text: str) -> Iterator[OpTime]:
    """Each row of the "Run Order" table of the measured runs.

    TensorFlow prints a table of the initialization before it, LiteRT one table of both.
    """
    if _REGULAR in text:
        text = text.partition(_REGULAR)[2]
    elif _INITIAL in text:
        return
    lines = iter(text.partition("= Run Order =")[2].splitlines()[1:])
    # Older builds have a [start] column more.
    columns = [cell.strip() for cell in next(lines, "").split("\t")]
    if not {"[node type]", "[avg ms]", "[times called]", "[Name]"} <= set(columns):
        return
    for line in lines:
        cells = [cell.strip() for cell in line.split("\t")]
        if len(cells) != len(columns):
            return
        row = dict(zip(columns, cells, strict=True))
        latency_ms = _number(row["[avg ms]"])
        # What was called in none of the runs belongs to the initialization.
        if row["[times called]"] != "0" and latency_ms is not None:
            name = re.fullmatch(r"\[(.*)\]:\d+", row["[Name]"])
            yield OpTime(printable(name[1] if name else row["[Name]"]), printable(row["[node type]"]), latency_ms)
