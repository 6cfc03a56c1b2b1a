"""`make bench-peers`: int8 files of this project beside those of TensorFlow's converter and of LiteRT's quantizer.

`python -m experiments.peers HOSTED`. Every method gets the same float .tflite and the same 100 unlabelled photos, and
the interpreter runs its file on the same photos that did not calibrate. What is measured is appended to a file, a line
for each network, method and seed. What stands there is not measured again, unless --again is given.
"""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from experiments.peer_methods import METHODS, Material, material_of
from experiments.peer_networks import NETWORKS, Network, Pool
from experiments.peer_results import Cell, add_cell, read_cells, summary, tables
from experiments.quantization_gain import compare, scores_of
from export.calibration import ImageSet
from export.recipes import CORRECTIONS
from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.errors import MobilenetError, reason_of
from mobilenet_tf.tflite.interpreter import Session

FOLDER = Path("build/peers")
ROUNDS, RUNS = 10, 20  # of the latency

UInt8 = NDArray[np.uint8]
Float32 = NDArray[np.float32]
Wanted = tuple[str, int]  # a method and a seed


@click.command(help=__doc__)
@click.argument("hosted", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--network", "networks", multiple=True, type=click.Choice([*NETWORKS]), default=[*NETWORKS])
@click.option("--method", "methods", multiple=True, type=click.Choice([*METHODS]), default=[*METHODS])
@click.option("--seeds", default=3, show_default=True, help="How many choices of the photos that calibrate.")
@click.option("--photos", default=3000, show_default=True, help="How many photos are evaluated, at most.")
@click.option("--results", type=click.Path(path_type=Path), default=FOLDER / "results.jsonl", show_default=True)
@click.option("--again", is_flag=True, help="Measure also what was measured before.")
@click.option("--markdown", is_flag=True, help="Measure nothing; print what was measured.")
def main(
    hosted: Path,
    networks: Sequence[str],
    methods: Sequence[str],
    seeds: int,
    photos: int,
    results: Path,
    again: bool,
    markdown: bool,
) -> None:
    """Measure what is asked for and not yet known, and print the tables."""
    for name in () if markdown else networks:
        network, known = NETWORKS[name], {} if again else read_cells(results)
        possible = [method for method in methods if method != "own" or network.own_int8]
        wanted = [(m, s) for s in range(seeds) for m in possible if (name, m, s) not in known]
        if wanted:
            try:
                material = material_of(name, network, hosted)
            except MobilenetError as error:
                print(f"{name} is left out: {error}", flush=True)
                continue
            bench = Bench(name, network, material, Pool.of(network, hosted), photos)
            for cell in bench.measure(wanted):
                add_cell(results, cell)
                print(cell, flush=True)
    cells = [*read_cells(results).values()]
    print(summary(cells, networks, methods), tables(cells, networks, methods), sep="\n\n")


@dataclass(frozen=True)
class Photos:
    """The photos of one seed: those that calibrate, those that are evaluated, and what is known about the latter."""

    calibration: ImageSet
    evaluation: UInt8
    classes: NDArray[np.int64]
    float_scores: Float32


@dataclass(frozen=True)
class Bench:
    """One network and its photos, of which at most `most` are evaluated."""

    name: str
    network: Network
    material: Material
    pool: Pool
    most: int

    def measure(self, wanted: Sequence[Wanted]) -> Iterator[Cell]:
        """The cells of some methods and seeds; a file that cannot be made is a cell with the reason."""
        known: dict[int, Float32] = {}
        for seed in dict.fromkeys(seed for _, seed in wanted):
            photos = self._photos(seed, known)
            for method in (method for method, of_seed in wanted if of_seed == seed):
                try:
                    yield self._measured(method, seed, photos)
                except Exception as error:  # of other packages too: the next method is measured all the same
                    yield Cell(self.name, method, seed, commit(), failure=reason_of(error, 160))

    def _photos(self, seed: int, known: dict[int, Float32]) -> Photos:
        """The photos of a seed. known: the float scores of photos of earlier seeds, which are added to."""
        res, division = self.material.res, self.pool.divide(self.network, seed, self.most)
        calibrating = tuple(self.pool.paths[index] for index in division.calibration)
        calibration = ImageSet(self.pool.images(division.calibration, res), calibrating)
        images = self.pool.images(division.evaluation, res)
        new = [place for place, index in enumerate(division.evaluation) if index not in known]
        if new:
            scores = scores_of(self.material.content, images[new], self.material.normalization)
            known.update(zip(division.evaluation[new].tolist(), scores, strict=True))
        expected = np.stack([known[index] for index in division.evaluation.tolist()])
        classes = self.pool.classes[division.evaluation]
        background = self.network.imagenet and expected.shape[1] > len(imagenet_labels())
        return Photos(calibration, images, np.where(classes < 0, -1, classes + background), expected)

    def _measured(self, method: str, seed: int, photos: Photos) -> Cell:
        """Make a file and measure it."""
        FOLDER.mkdir(parents=True, exist_ok=True)
        file, plain = (FOLDER / f"{self.name}_{name}_{seed}.tflite" for name in (method, "plain"))
        seconds = METHODS[method](self.material, photos.calibration, seed, file)
        if not plain.exists():
            METHODS["plain"](self.material, photos.calibration, seed, plain)
        takes = self.material.graph.normalization if method in CORRECTIONS else self.material.normalization
        scores = scores_of(file.read_bytes(), photos.evaluation, takes)
        found = compare(scores, photos.float_scores)
        labelled_agreement, top1_loss = of_labelled(scores, photos)
        return Cell(
            self.name,
            method,
            seed,
            commit(),
            photos=len(scores),
            agreement=found.agreement,
            divergence=found.divergence,
            labelled_agreement=labelled_agreement,
            top1_loss=top1_loss,
            seconds=seconds,
            size_bytes=file.stat().st_size,
            latency_ratio=latency_ratio(file.read_bytes(), plain.read_bytes()),
        )


def of_labelled(scores: Float32, photos: Photos) -> tuple[float | None, float | None]:
    """(agreement, top-1 that is lost) on the photos whose class is known; None if there are none."""
    labelled = photos.classes >= 0
    if not labelled.any():
        return None, None
    classes = photos.classes[labelled]
    exact, found = (each[labelled].argmax(1) for each in (photos.float_scores, scores))
    return float(np.mean(exact == found)), float(np.mean(exact == classes) - np.mean(found == classes))


def latency_ratio(file: bytes, other: bytes) -> float:
    """The shortest inference of a file, as a share of that of the other; on one thread, the two in turn."""
    sessions = [Session(content) for content in (file, other)]
    for session in sessions:
        session.clear()
    times = [[session.time_invoke() for session in sessions for _ in range(RUNS)] for _ in range(ROUNDS)]
    ours, theirs = np.array(times).reshape(ROUNDS, 2, RUNS).min((0, 2))
    return float(ours / theirs)


def commit() -> str:
    """The commit of this project, with a + if files were changed since."""
    words = ["git", "describe", "--always", "--exclude=*", "--dirty=+"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
