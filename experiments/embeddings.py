"""`make bench-embeddings`: an extractor distilled onto smaller networks, from photos without their labels.

`python -m experiments.embeddings PHOTOS TEACHER [options]`: PHOTOS has the folders flowers, trashnet and cat_breeds,
with a sub-folder for each class, and dogs with photos alone. A part of each class is kept back; the networks learn the
teacher's vectors of all other photos, whose classes they are not told. Recall@1 on the photos that are kept back: the
share whose nearest other one is of the same class, for the teacher's file as it is, the network in Keras and in int8,
and as a baseline the features of the network that training begins with, ImageNet's.

Each run that ends is a line of --results, and one that was stopped goes on where it was: its folder is in --runs. The
command prints the table of all lines; --table prints it and trains nothing.
"""

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mobilenet_tf.terminal import table

from .embeddings_runs import MODELS, SETS, Run, finish
from .resumable import finish_runs, spread

NETWORKS = ("0.25/128", "0.5/160")


def main() -> None:
    """Do the runs that are not in the results yet, and print the table."""
    options = parsed()
    runs = [] if options.table else chosen(options)
    finished = finish_runs(
        runs, options.results, lambda run: finish(run, options.photos, options.teacher, options.runs)
    )
    for alpha, res in dict.fromkeys((line["alpha"], line["res"]) for line in finished):
        lines = [line for line in finished if (line["alpha"], line["res"]) == (alpha, res)]
        print(f"\n{alpha:.2f} at {res}, seeds: {len(lines)}")
        print(results_table(lines))
        cosine, seconds = (statistics.mean(line[key] for line in lines) for key in ("cosine", "seconds"))
        errors = "; ".join(
            f"{model} {statistics.mean(line['cosine_error'][model]['mean'] for line in lines):.4f}"
            for model in lines[0]["cosine_error"]
        )
        print(
            f"\n{lines[0]['photos']} photos to train on, {lines[0]['kept_back']} kept back. Mean cosine to the teacher "
            f"{cosine:.3f}; training {seconds / 60:.1f} minutes. 1 - cosine to the student: {errors}."
        )


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("teacher", type=Path, help="a .tflite that gives one vector")
    parser.add_argument("--networks", nargs="+", default=NETWORKS, metavar="ALPHA/RES")
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--epochs", type=int, help="as of mobilenet-train")
    parser.add_argument("--results", type=Path, default=Path("build/embeddings.jsonl"))
    parser.add_argument("--runs", type=Path, default=Path("build/embeddings"))
    parser.add_argument("--table", action="store_true")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> list[Run]:
    """The runs in the order in which they are done: a seed of everything first."""
    pairs = [network.split("/") for network in options.networks]
    return [Run(float(alpha), int(res), seed, options.epochs) for seed in options.seeds for alpha, res in pairs]


def results_table(lines: Sequence[dict[str, Any]]) -> str:
    """For each model the mean and the standard deviation over the seeds of recall@1, on all photos and in each set."""
    rows = []
    for model in MODELS:
        shares = [spread([line["recall_at_1"][model][name] for line in lines]) for name in ("all", *SETS)]
        size, latency = lines[0]["size_bytes"].get(model), [line["latency_ms"].get(model) for line in lines]
        rows.append(
            [
                *(model, *shares),
                *(
                    "-" if size is None else f"{size / 1e6:.2f}",
                    "-" if size is None else f"{statistics.mean(latency):.1f}",
                ),
            ]
        )
    return table(["recall@1", "all", *SETS, "MB", "ms"], rows)


if __name__ == "__main__":
    main()
