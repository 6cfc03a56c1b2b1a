"""Hostile inputs, given to every command that reads them: `make fuzz`.

    python -m experiments.fuzz [GENERATOR...] [--sample N] [--seed N] [--seconds N] [--keep DIR]

Each call of a command runs in a process of its own. None may end with a traceback or by a signal, take over 2 GB or
over 30 s, print the escape codes of a terminal or JSON that is none, or leave a process behind. Printed is a table of
what did, after each such call. The exit status is 1 if there was any.

A generator is a module with `inputs(rng)`, which yields `Hostile`s, and WARM, the modules to load once, before all
calls.
"""

import contextlib
import importlib
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np

from mobilenet_tf.terminal import printable, table

from .fuzz_case import MOST_SECONDS, Call, Hostile, Outcome, faults_of, load_command, run_call

# Name -> its module.
GENERATORS = {
    "tflite": "experiments.fuzz_tflite",
    "keras": "experiments.fuzz_keras",
    "json": "experiments.fuzz_json",
    "adb": "experiments.fuzz_adb",
}
FAULTS = ("traceback", "signal", "over 2 GB", "too long", "exit status", "escape codes", "no JSON", "process left")
MOST_PRINTED = 400  # characters of what a call printed


@click.command()
@click.argument("generators", nargs=-1, type=click.Choice([*GENERATORS]))
@click.option("--sample", type=click.IntRange(min=1), help="Only so many inputs of each generator, chosen by the seed.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--seconds", default=MOST_SECONDS, show_default=True, help="End a call that takes longer.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the inputs that a command did not survive here.")
def fuzz(generators: Sequence[str], sample: int | None, seed: int, seconds: float, keep: Path | None) -> None:
    """Give hostile inputs to every command that reads them, and print what went wrong."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    tallies: Counter[tuple[str, str, str]] = Counter()  # (generator, command, what) -> calls
    failed = False
    for name in generators or GENERATORS:
        module = importlib.import_module(GENERATORS[name])
        for warm in module.WARM:
            importlib.import_module(warm)
        hostiles = _sampled([*module.inputs(np.random.default_rng(seed))], sample, seed)
        for hostile, call, outcome, faults in _outcomes(name, hostiles, seconds, keep):
            command = call.words[0]
            tallies.update((name, command, what) for what in ("calls", *faults))
            tallies[name, command, "slowest, s"] = max(tallies[name, command, "slowest, s"], round(outcome.seconds))
            most_mb = round(outcome.peak_bytes / 1e6)
            tallies[name, command, "most MB"] = max(tallies[name, command, "most MB"], most_mb)
            if faults:
                failed = True
                print(_failure(name, hostile, call, outcome, faults), flush=True)
    print(_table(tallies))
    sys.exit(1 if failed else 0)


def _sampled(hostiles: list[Hostile], sample: int | None, seed: int) -> list[Hostile]:
    if sample is None or sample >= len(hostiles):
        return hostiles
    chosen = np.random.default_rng(seed).choice(len(hostiles), sample, replace=False)
    return [hostiles[index] for index in sorted(chosen)]


def _outcomes(
    name: str, hostiles: Sequence[Hostile], seconds: float, keep: Path | None
) -> Iterator[tuple[Hostile, Call, Outcome, list[str]]]:
    """Every call of every input, with how it ended and what is wrong with that."""
    start, stderr = time.monotonic(), sys.stderr
    for number, hostile in enumerate(hostiles):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fuzz-"))
            given = Path(folder) / "input"
            given.mkdir()
            for call in hostile.write(given):
                load_command(call.words[0])
                outcome = run_call(call, Path(folder), seconds)
                faults = faults_of(call, outcome)
                if faults and keep is not None:
                    _keep(given, keep / f"{name}-{number:03d}")
                yield hostile, call, outcome, faults
        if stderr.isatty():
            elapsed = time.monotonic() - start
            print(f"\r{name}: {number + 1} of {len(hostiles)}, {elapsed:.0f} s\033[K", end="", file=stderr, flush=True)
    if stderr.isatty():
        print(file=stderr)


def _keep(given: Path, place: Path) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for path in given.iterdir():
        if path.is_file():
            (place / path.name).write_bytes(path.read_bytes())


def _failure(name: str, hostile: Hostile, call: Call, outcome: Outcome, faults: Sequence[str]) -> str:
    words = " ".join(printable(Path(word).name if "/" in word else word) for word in call.words)
    end = f"status {outcome.status}, {outcome.seconds:.1f} s, {outcome.peak_bytes / 1e6:.0f} MB"
    printed = printable(" | ".join(outcome.errors.strip().splitlines())[-MOST_PRINTED:])
    return f"{name}, {hostile.name}: {', '.join(faults)} ({end})\n  {words}\n  {printed}"


def _table(tallies: Counter[tuple[str, str, str]]) -> str:
    """A row for each generator and command; a column for each fault that a call may have."""
    rows = dict.fromkeys((generator, command) for generator, command, _ in tallies)
    header = ["input", "command", "calls", *FAULTS, "slowest, s", "most MB"]
    return table(header, [[*row, *(str(tallies[*row, what]) for what in header[2:])] for row in rows])


if __name__ == "__main__":
    fuzz()
