"""What `make bench-peers` measured: one line of JSON a cell, and the tables of it."""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

__all__ = ["Cell", "add_cell", "read_cells", "summary", "tables"]

COLUMNS = ("int8 file", "agreement", "on labelled photos", "divergence", "loss of top-1", "seconds", "MB", "latency")


@dataclass(frozen=True)
class Cell:
    """One file.

    commit:        of this project when it was measured.
    failure:       what went wrong, if there is no file; then the numbers are 0.
    photos:        that were evaluated.
    agreement:     the share of them with the float model's best class.
    divergence:    of the scores from the float ones, Kullback-Leibler, in nats a photo.
    labelled_agreement, top1_loss: of the photos whose class is known, as shares of them; None if there are none.
    latency_ratio: to the plain converter's file, the two in turn in one process.
    """

    network: str
    method: str
    seed: int
    commit: str
    failure: str = ""
    photos: int = 0
    agreement: float = 0.0
    divergence: float = 0.0
    labelled_agreement: float | None = None
    top1_loss: float | None = None
    seconds: float = 0.0
    size_bytes: int = 0
    latency_ratio: float = 0.0


def add_cell(file: Path, cell: Cell) -> None:
    """Append a cell to a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as stream:
        stream.write(json.dumps(asdict(cell)) + "\n")


def read_cells(file: Path) -> dict[tuple[str, str, int], Cell]:
    """The last cell of each network, method and seed."""
    lines = file.read_text().splitlines() if file.exists() else []
    cells = [Cell(**json.loads(line)) for line in lines]
    return {(cell.network, cell.method, cell.seed): cell for cell in cells}


def summary(cells: Sequence[Cell], networks: Sequence[str], methods: Sequence[str]) -> str:
    """A Markdown table of all networks and methods: the mean agreement, in per cent; of a failure a dash."""
    shares: dict[tuple[str, str], list[float]] = defaultdict(list)
    for cell in cells:
        if not cell.failure:
            shares[cell.network, cell.method].append(100 * cell.agreement)
    rows = [
        [
            network,
            *(f"{np.mean(shares[network, method]):.1f}" if shares[network, method] else "-" for method in methods),
        ]
        for network in networks
        if any(shares[network, method] for method in methods)
    ]
    header = ["agreement, %", *methods]
    return "\n".join([_line(header), _line(["---"] * len(header)), *map(_line, rows)])


def tables(cells: Sequence[Cell], networks: Sequence[str], methods: Sequence[str]) -> str:
    """A Markdown table for each network that was measured."""
    parts = []
    for network in networks:
        of_method: dict[str, list[Cell]] = defaultdict(list)
        for cell in cells:
            if cell.network == network:
                of_method[cell.method].append(cell)
        rows = [_row(method, of_method[method]) for method in methods if of_method[method]]
        if rows:
            all_cells = [cell for found in of_method.values() for cell in found]
            photos = max(cell.photos for cell in all_cells)
            commits = ", ".join(sorted({cell.commit for cell in all_cells}))
            lines = [f"### {network}", "", f"{photos} photos that did not calibrate; commit {commits}.", ""]
            parts.append("\n".join([*lines, _line(COLUMNS), _line(["---"] * len(COLUMNS)), *map(_line, rows)]))
    return "\n\n".join(parts)


def _row(method: str, cells: Sequence[Cell]) -> list[str]:
    """The row of one method: the means over its seeds, with the least and the greatest."""
    made = [cell for cell in cells if not cell.failure]
    if not made:
        return [method, f"no file: {cells[0].failure}", *["-"] * (len(COLUMNS) - 2)]
    return [
        method,
        _points([cell.agreement for cell in made], " %"),
        _points([cell.labelled_agreement for cell in made], " %"),
        _spread([cell.divergence for cell in made], "{:.4f}".format),
        _points([cell.top1_loss for cell in made], " points"),
        f"{max(cell.seconds for cell in made):.0f}",
        f"{made[-1].size_bytes / 1e6:.2f}",
        f"{np.median([cell.latency_ratio for cell in made]):.2f}",
    ]


def _points(shares: Sequence[float | None], unit: str) -> str:
    known = [100 * share for share in shares if share is not None]
    return _spread(known, "{:.1f}".format, unit) if known else "-"


def _spread(values: Sequence[float], text: Callable[[float], str], unit: str = "") -> str:
    mean, low, high = text(float(np.mean(values))), text(min(values)), text(max(values))
    return f"{mean}{unit}" if len(values) == 1 else f"{mean}{unit} ({low} to {high})"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
