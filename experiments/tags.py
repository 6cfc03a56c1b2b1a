"""`make bench-tags`: networks of tags, of which several are true of a photo, from ImageNet's weights, float and int8.

`python -m experiments.tags PPE [options]`: PPE has the folders train and valid, each with a `_classes.csv`. The ways of
training: from the labels; from the labels and a 1.0/224 teacher, which was trained from the labels; from the teacher
alone, without the labels of the photos to train on; and from labels, teacher and the photos in --unlabelled, of which
the teacher alone says something. The last three are of the smallest network. Scores are of the last epoch, so that the
validation photos choose nothing: mean average precision in Keras, and of the exported int8 file.

Each run that ends is a line of --results, and one that was stopped goes on where it was: its folder is in --runs. The
command prints the table of all lines; --table prints it and trains nothing.
"""

import argparse
import statistics
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mobilenet_tf.terminal import table

from .resumable import finish_runs, spread
from .tags_runs import LABELS, WAYS, Run, finish

NETWORKS = ("0.25/128", "0.5/160", "1.0/224")
STUDENT = "0.25/128"  # the only network with the ways that have a teacher


def main() -> None:
    """Do the runs that are not in the results yet, and print the table."""
    options = parsed()
    runs = [] if options.table else chosen(options)
    finished = finish_runs(
        runs, options.results, lambda run: finish(run, options.photos, options.runs, options.unlabelled)
    )
    print(results_table(finished))


def parsed() -> argparse.Namespace:
    """The options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path)
    parser.add_argument("--networks", nargs="+", default=NETWORKS, metavar="ALPHA/RES")
    parser.add_argument("--ways", nargs="+", default=WAYS, choices=WAYS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--unlabelled", type=Path, help="more photos, for the way that has them")
    parser.add_argument("--results", type=Path, default=Path("build/tags.jsonl"))
    parser.add_argument("--runs", type=Path, default=Path("build/tags"))
    parser.add_argument("--table", action="store_true")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> list[Run]:
    """The runs in the order in which they are done: a seed of everything first."""
    runs = []
    for seed in options.seeds:
        for network in options.networks:
            alpha, res = network.split("/")
            ways = [way for way in options.ways if way == LABELS or network == STUDENT]
            runs += [Run(way, float(alpha), int(res), seed) for way in ways]
    return [run for run in runs if run.way != WAYS[-1] or options.unlabelled is not None]


def results_table(finished: Sequence[dict[str, Any]]) -> str:
    """Mean and standard deviation over the seeds for each network and way; and the average precision of each tag."""
    rows = []
    for alpha, res, way in dict.fromkeys((line["alpha"], line["res"], line["way"]) for line in finished):
        lines = [line for line in finished if (line["alpha"], line["res"], line["way"]) == (alpha, res, way)]
        columns = [[line[key] for line in lines] for key in ("mean_ap", "int8_mean_ap", "agreement")]
        seconds = statistics.mean(line["seconds"] for line in lines)
        cells = [*map(spread, columns), f"{seconds / 60:.1f}", str(len(lines))]
        rows.append([f"{alpha:.2f} at {res}, {way}", *cells])
        for tag in lines[0]["tags"]:
            of_tag = [[line[key][tag] for line in lines] for key in ("tags", "int8_tags", "tag_agreement")]
            rows.append([f"  {tag}", *map(spread, of_tag), "", ""])
    return table(["mean AP", "float", "in int8", "agreement", "minutes", "seeds"], rows)


if __name__ == "__main__":
    main()
