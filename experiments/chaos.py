"""`make chaos`: kill every command at seeded moments, start it twice at once, take its disk and its photos away.

Prints the table of docs/reliability.md, and below it what went wrong; ends with status 1 if anything did.
"""

import multiprocessing
import os
import random
import shutil
import signal
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from mobilenet_tf.terminal import table

from .chaos_cases import CASES, Case, make_inputs
from .chaos_process import Ended, Moment, load_everything, run, start
from .chaos_troubles import TROUBLES, make_trouble

__all__ = ["main"]

SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
WRITING_SHARE = 0.5  # of the kills that come as soon as a file is being written
INTERRUPTED = 130
MOST_ENDS = 3  # for each kill, at which a command comes to its end before it is killed
COLUMNS = ["command", "kills", "SIGKILL", "SIGTERM", "SIGINT", "while writing", "pairs", "troubles", "wrong"]


@dataclass
class Found:
    """What came of a command: how often it was killed by which signal, and in how many of these a file was being
    written; how many pairs and troubles there were; sentences on what was wrong.
    """

    name: str
    kills: list[int] = field(default_factory=list)
    writing: int = 0
    pairs: int = 0
    troubles: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other: "Found") -> None:
        """Count another's as its own."""
        self.kills += other.kills
        self.writing, self.pairs = self.writing + other.writing, self.pairs + other.pairs
        self.troubles, self.wrong = self.troubles + other.troubles, self.wrong + other.wrong

    @property
    def row(self) -> list[str]:
        """Its row in the table."""
        counts = [len(self.kills), *map(self.kills.count, SIGNALS), self.writing, self.pairs, self.troubles]
        return [self.name, *map(str, [*counts, len(self.wrong)])]


def measured(case: Case, inputs: Path) -> tuple[float, int]:
    """The seconds of CPU time that a command takes if nothing stops it, and how many files are seen being written."""
    with _prepared(case, inputs) as folder:
        ended = run(folder, *case.words(folder), output=folder / "out")
    return ended.cpu_seconds, ended.partial


def killed_in_a_row(case: Case, inputs: Path, seed: int, kills: int) -> Found:
    """Kill a command `kills` times, each time started again; then let it come to its end. If it does so before, it
    begins anew elsewhere: what it writes so shortly that nobody sees it is no moment to kill it at.
    """
    chance, found = random.Random(f"{case.name} {seed}"), Found(case.name)
    for _ in range(MOST_ENDS * kills):
        if len(found.kills) == kills:
            break
        with _prepared(case, inputs) as folder:
            found.add(_killed_until_it_ends(case, folder, chance, kills - len(found.kills)))
    return found


def _killed_until_it_ends(case: Case, folder: Path, chance: random.Random, kills: int) -> Found:
    found = Found(case.name)
    for _ in range(kills):
        number = chance.choice(SIGNALS)
        while_writing = chance.random() < WRITING_SHARE and case.partial > 0
        when = None if while_writing else chance.uniform(0, case.cpu)
        kill = Moment(partial(_send, number), when, chance.randrange(max(1, case.partial)))
        process = start(folder, *case.words(folder))
        ended = process.wait(kill, folder / "out")
        found.kills += [number] if ended.reached else []
        found.writing += ended.writing
        left = [f"{pid} is left after {number.name}" for pid in process.left_processes()]
        found.wrong += [*_bad_end(ended, number), *case.check(folder, False), *left]
        if not ended.reached:
            break
    ended = run(folder, *case.words(folder))
    end = [] if ended.status == 0 else [f"status {ended.status} at the end: {ended.output[-300:]}"]
    found.wrong += [*end, *case.check(folder, True)]
    return found


def two_at_once(case: Case, inputs: Path, seed: int) -> Found:
    """Start a command twice, the second one at some moment of the first."""
    chance, found = random.Random(f"{case.name} pair {seed}"), Found(case.name, pairs=1)
    with _prepared(case, inputs) as folder:
        words, others = case.words(folder), []
        moment = Moment(lambda _: others.append(start(folder, *words)), chance.uniform(0, 0.5 * case.cpu))
        both = [run(folder, *words, moment=moment), *(other.wait() for other in others)]
        statuses = tuple(ended.status for ended in both)
        if len(both) == 2 and statuses not in case.statuses:
            ends = " / ".join(ended.output[-200:] for ended in both)
            found.wrong.append(f"two at once ended with {statuses}: {ends}")
        found.wrong += [wrong for ended in both for wrong in _traceback(ended)]
        found.wrong += case.check(folder, True)
    return found


def troubled(case: Case, inputs: Path, name: str, seed: int) -> Found:
    """Run a command with one of TROUBLES."""
    with _prepared(case, inputs) as folder:
        ended, wrong = make_trouble(name, case, folder, random.Random(f"{case.name} {name} {seed}"))
    return Found(case.name, troubles=1, wrong=wrong + _traceback(ended))


def _send(number: signal.Signals, pid: int) -> None:
    os.kill(pid, number)


def _bad_end(ended: Ended, number: signal.Signals) -> list[str]:
    """What is wrong with the end of a process that was sent a signal: it may have been done before, too."""
    allowed = (0, -number) if number == signal.SIGKILL else (0, INTERRUPTED)
    wrong = f"status {ended.status} after {number.name}: {ended.output[-300:]}"
    return [wrong] * (ended.reached and ended.status not in allowed) + _traceback(ended)


def _traceback(ended: Ended) -> list[str]:
    return [f"a traceback: {ended.output[-400:]}"] if "Traceback" in ended.output else []


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A temporary folder. That of Python's own would be removed by every process that is forked meanwhile and ends."""
    folder = Path(tempfile.mkdtemp(prefix="chaos"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _prepared(case: Case, inputs: Path) -> Iterator[Path]:
    """A folder with the inputs, and with what the case has in its output before."""
    with temporary_folder() as folder:
        for link, place in (("inputs", inputs), ("photos", inputs / "photos"), ("again", inputs / "again")):
            (folder / link).symlink_to(place)
        if case.earlier is not None and (inputs / case.earlier).is_dir():
            shutil.copytree(inputs / case.earlier, folder / "out")
        elif case.earlier is not None:
            shutil.copy(inputs / case.earlier, folder)
        yield folder


@dataclass(frozen=True)
class Task:
    """What a worker does: kill `case` so many times, start it twice if `kills` is 0, or make `trouble`.

    length: that of the case, see `measured`.
    """

    case: int
    seed: int
    length: tuple[float, int]
    kills: int = 0
    trouble: str | None = None

    def do(self, inputs: Path) -> Found:
        """Do it."""
        cpu, partial_files = self.length
        case = replace(CASES[self.case], cpu=cpu, partial=partial_files)
        if self.trouble is not None:
            return troubled(case, inputs, self.trouble, self.seed)
        if self.kills:
            return killed_in_a_row(case, inputs, self.seed, self.kills)
        return two_at_once(case, inputs, self.seed)


def _tasks(
    lengths: Sequence[tuple[float, int]], seed: int, kills: int, in_a_row: int, pairs: int, troubles: int
) -> list[Task]:
    """So many of each, over all commands in turn. lengths: of each command, see `measured`."""
    rows = [min(in_a_row, kills - done) for done in range(0, kills, in_a_row)]

    def task(case: int, number: int, **options: Any) -> Task:
        return Task(case, seed + number, lengths[case], **options)

    tasks = [task(number % len(CASES), number, kills=row) for number, row in enumerate(rows)]
    tasks += [task(number % len(CASES), number) for number in range(pairs)]
    writing = [index for index, case in enumerate(CASES) if case.writes]
    for number in range(troubles):
        name = [*TROUBLES][number // len(writing) % len(TROUBLES)]
        tasks.append(task(writing[number % len(writing)], number, trouble=name))
    return tasks


def _results(tasks: list[Task], inputs: Path, jobs: int) -> Iterator[Found]:
    """What comes of each task. After Ctrl-C those that run come to their end, and no other begins."""
    ignored = (signal.SIGINT, signal.SIG_IGN)  # by the workers: a terminal sends it to all of them
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), signal.signal, ignored) as pool:
        left = {pool.submit(task.do, inputs) for task in tasks}
        while left:
            try:
                done, left = wait(left, return_when=FIRST_COMPLETED)
            except KeyboardInterrupt:
                click.echo("Interrupted: what runs comes to its end.", err=True)
                left = {future for future in left if not future.cancel()}
                continue
            for future in done:
                found = future.result()
                click.echo(f"{len(tasks) - len(left)} of {len(tasks)} {found.name} {'; '.join(found.wrong)}", err=True)
                yield found


@click.command()
@click.option("--seed", default=0, help="Seed of all moments and signals.")
@click.option("--kills", default=240, help="Number of kills.")
@click.option("--in-a-row", default=8, help="Number of kills after which a command comes to its end.")
@click.option("--pairs", default=45, help="Number of commands that are started twice at once.")
@click.option("--troubles", default=20, help="Number of full and read-only disks, and of photos that vanish or change.")
@click.option("--jobs", default=2, help="Number of commands, or pairs, at the same time.")
def main(seed: int, kills: int, in_a_row: int, pairs: int, troubles: int, jobs: int) -> None:
    """Kill every command at seeded moments, and see what is lost, mixed or left over."""
    load_everything()
    rows = {case.name: Found(case.name) for case in CASES}
    with temporary_folder() as inputs:
        make_inputs(inputs)
        tasks = _tasks([measured(case, inputs) for case in CASES], seed, kills, in_a_row, pairs, troubles)
        for found in _results(tasks, inputs, jobs):
            rows[found.name].add(found)
    total = Found("all")
    for row in rows.values():
        total.add(row)
    click.echo(table(COLUMNS, [row.row for row in (*rows.values(), total)]))
    for wrong in total.wrong:
        click.echo(f"Wrong: {wrong}")
    if total.wrong:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
