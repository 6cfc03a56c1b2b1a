"""`make bench-detection`: detectors trained on people's photos with boxes from ImageNet's weights, float and int8.

`python -m experiments.detection BOXES [options]`: BOXES has the folders raccoon, bccd and facemask. The sides are those
that the annotations name, or else a fifth of the photos, drawn by the seed, validates. Scores are of the last epoch, so
that the validation photos choose nothing: in Keras, of the exported int8 file, and of TensorFlow's own int8 conversion.

Each run that ends is a line of --results, and one that was stopped goes on where it was: its folder is in --runs. The
command prints the table of all lines; --table prints it and trains nothing.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mobilenet_tf.terminal import table

from .detection_runs import PUBLIC, SETS, Run, finish
from .resumable import finish_runs

NETWORKS = ("0.5/300",)


def main() -> None:
    """Do the runs that are not in the results yet, and print the table."""
    options = parsed()
    runs = [] if options.table else chosen(options)
    finished = finish_runs(runs, options.results, lambda run: finish(run, options.boxes, options.runs, options.weights))
    print(results_table(finished))


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("boxes", type=Path)
    parser.add_argument("--networks", nargs="+", default=NETWORKS, metavar="ALPHA/RES")
    parser.add_argument("--sets", nargs="+", default=[*SETS], choices=[*SETS])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--arch", default="ssd_mobilenet_v1")
    parser.add_argument("--weights", default="imagenet", help="what training begins with; as mobilenet-train has it")
    parser.add_argument("--epochs", type=int, default=0, help="0: as many as mobilenet-train takes")
    parser.add_argument("--results", type=Path, default=Path("build/detection.jsonl"))
    parser.add_argument("--runs", type=Path, default=Path("build/detection"))
    parser.add_argument("--table", action="store_true")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> list[Run]:
    """The runs in the order in which they are done: a seed of everything first."""
    pairs = [network.split("/") for network in options.networks]
    begun = Path(options.weights).name
    return [
        Run(photos, options.arch, float(alpha), int(res), begun, options.epochs, seed)
        for alpha, res in pairs
        for seed in options.seeds
        for photos in options.sets
    ]


def results_table(finished: Sequence[dict[str, Any]]) -> str:
    """A line for each run; and the public figures of the same photos, which are of other splits."""
    header = ["run", "AP50", "AP", "VOC AP50", "in int8", "plain int8", "minutes", "boxes"]
    rows = []
    for line in finished:
        name = f"{line['photos']}, {line['arch']} {line['alpha']:g} at {line['res']}, from {line['weights']}"
        cells = [share(line.get(key)) for key in ("ap50", "ap", "voc_ap50", "int8_ap50", "plain_int8_ap50")]
        rows.append([f"{name}, seed {line['seed']}", *cells, f"{line['seconds'] / 60:.0f}", str(line["boxes"])])
        for label, value in line["classes"].items():
            rows.append([f"  {label}", share(value), "", "", "", "", "", ""])
    public = "\n".join(f"{name}: {text}" for name, text in PUBLIC.items())
    return f"{table(header, rows)}\n\nPublic figures:\n{public}"


def share(value: float | None) -> str:
    """`87.9%`; a dash if it is not known."""
    return "-" if value is None else f"{value:.1%}"


if __name__ == "__main__":
    main()
