"""`make bench-transfer`: training on people's photos from the bundled ImageNet weights, in four ways.

`python -m experiments.transfer PHOTOS [options]`: PHOTOS has the folders flowers, trashnet and cat_breeds. A set
without validation photos of its own gives a fifth, drawn by the seed. The ways: the classifier alone, which begins with
the linear probe; `mobilenet-train --recipe paper`; `--recipe fine-tuning`, the default; experiments/tutorial.py. All
train on the same files; top-1 is of the last epoch, so that the validation photos choose nothing.

Each run that ends is a line of --results: the command goes on where it was stopped. It prints the table of all lines;
--table prints it and trains nothing.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mobilenet_tf.networks.spec import DEFAULT_ARCH
from mobilenet_tf.terminal import table

from .resumable import finish_runs, run_of, spread
from .transfer_runs import SETS, WAYS, Run, finish, write_photos

NETWORKS = ("0.25/128", "0.5/160")


def main() -> None:
    """Do the runs that are not in the results yet, and print the table."""
    options = parsed()
    runs = [] if options.table else chosen(options)
    print(results_table(finish_runs(runs, options.results, lambda run: finish_one(run, options.photos))))


def finish_one(run: Run, photos: Path) -> dict[str, Any]:
    """See transfer_runs.finish; its photos are links that go away."""
    with tempfile.TemporaryDirectory() as folder:
        data = write_photos(photos, run, Path(folder))
        return finish(run, data, Path(folder))


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--networks", nargs="+", default=NETWORKS, metavar="[ARCH:]ALPHA/RES")
    parser.add_argument("--sets", nargs="+", default=[*SETS], choices=[*SETS])
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=0, help="of mobilenet-train; 0: as many as the recipe takes")
    parser.add_argument("--results", type=Path, default=Path("build/transfer.jsonl"))
    parser.add_argument("--table", action="store_true")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> list[Run]:
    """The runs in the order in which they are done: a seed of everything first."""
    return [
        Run(photos, alpha, res, way, seed, arch, options.epochs)
        for arch, alpha, res in map(network_named, options.networks)
        for seed in options.seeds
        for photos in options.sets
        for way in options.ways
    ]


def network_named(name: str) -> tuple[str, float, int]:
    """`0.5/160` or `mobilenet_v2:1.0/224` -> its architecture, alpha and resolution."""
    arch, _, sizes = name.rpartition(":")
    alpha, res = sizes.split("/")
    return arch or DEFAULT_ARCH, float(alpha), int(res)


def results_table(finished: Sequence[dict[str, Any]]) -> str:
    """Mean and standard deviation over the seeds for each network, set and way; and the means over the sets."""
    rows = []
    for network in sorted({network_of(line) for line in finished}):
        of_network = [line for line in finished if network_of(line) == network]
        means: dict[str, list[float]] = {column: [] for column in (*WAYS, "int8")}
        for photos in [name for name in SETS if any(line["photos"] == name for line in of_network)]:
            lines = [line for line in of_network if line["photos"] == photos]
            values = {way: [line["top1"] for line in lines if line["way"] == way] for way in WAYS}
            values["int8"] = [line["int8"] for line in lines if "int8" in line]
            for column, shares in values.items():
                means[column] += [statistics.mean(shares)] if shares else []
            name = f"{network[0]} {network[1]:.2f} at {network[2]}, {photos}".removeprefix(f"{DEFAULT_ARCH} ")
            seeds = f"{min(len(shares) for shares in values.values() if shares)}"
            fine = [line for line in lines if line["way"] == "fine-tuning"]
            cells = [spread(shares) for shares in values.values()]
            rows.append([name, *cells, _mean_of("seconds", fine), _mean_of("cpu_seconds", fine), seeds])
        most = max(map(len, means.values()))
        complete = [means[column] if len(means[column]) == most else [] for column in means]
        rows.append(["mean", *(f"{statistics.mean(m):.1%}" if m else "-" for m in complete), "", "", ""])
    return table(["top-1", *WAYS, "in int8", "seconds", "of CPU", "seeds"], rows)


def _mean_of(field: str, lines: Sequence[dict[str, Any]]) -> str:
    """The mean of a field of the lines that have it; older ones say no CPU time."""
    values = [line[field] for line in lines if field in line]
    return f"{statistics.mean(values):.0f}" if values else "-"


def network_of(line: dict[str, Any]) -> tuple[str, float, int]:
    """Architecture, alpha and resolution of a line of the results."""
    run = run_of(Run, line)
    return run.arch, run.alpha, run.res


if __name__ == "__main__":
    main()
