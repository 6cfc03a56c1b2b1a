"""How many planted copies the examination of photos finds, and how many pairs of different photos it takes for copies.

    python -m experiments.duplicates PHOTOS [PHOTOS...]

PHOTOS: folders of photos with few copies among them. Of each, 30 photos are copied: exactly, resized, saved again at a
lower quality, mirrored, and mirrored and resized, six of each. What is found without them is listed, to be looked at.
"""

import io
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from PIL import Image, ImageOps

from mobilenet_tf.data.copies import groups_of_copies
from mobilenet_tf.data.photo_looks import PhotoLooks
from mobilenet_tf.data.photos import find_photos
from mobilenet_tf.data.scan import find_broken
from mobilenet_tf.terminal import table

PLANTED = 30
QUALITY = 40  # of the copies that are saved again


def _saved(change: Callable[[Image.Image], Image.Image], quality: int = 90) -> Callable[[bytes], bytes]:
    def copy(content: bytes) -> bytes:
        file = io.BytesIO()
        change(Image.open(io.BytesIO(content)).convert("RGB")).save(file, "JPEG", quality=quality)
        return file.getvalue()

    return copy


def _halved(image: Image.Image) -> Image.Image:
    return image.resize((max(1, image.width // 2), max(1, image.height // 2)))


KINDS: dict[str, Callable[[bytes], bytes]] = {
    "exact": lambda content: content,
    "resized": _saved(_halved),
    "saved again": _saved(lambda image: image, QUALITY),
    "mirrored": _saved(ImageOps.mirror),
    "mirrored, resized": _saved(lambda image: ImageOps.mirror(_halved(image))),
}


def looks_of(paths: list[Path]) -> PhotoLooks:
    """What is known of the photos, all of which can be read."""
    looks = PhotoLooks.blank(len(paths))
    find_broken(lambda index: looks.look(index, paths[index].read_bytes()), len(paths))
    return looks


def plant(paths: list[Path], folder: Path, rng: np.random.Generator) -> dict[Path, tuple[Path, str]]:
    """Copy -> (its original, its kind), written into `folder`."""
    chosen = rng.choice(len(paths), PLANTED, replace=False)
    planted = {}
    for number, index in enumerate(chosen):
        kind = [*KINDS][number % len(KINDS)]
        copy = folder / f"{number}.jpg"
        copy.write_bytes(KINDS[kind](paths[index].read_bytes()))
        planted[copy] = paths[index], kind
    return planted


def measured(photos: Path, seed: int) -> tuple[list[str], list[str]]:
    """(a row of the table, a line for each group of copies that was there before)."""
    paths = [*find_photos(photos).paths]
    start = time.monotonic()
    groups = groups_of_copies(looks_of(paths))
    seconds = time.monotonic() - start
    there = [np.flatnonzero(groups == first) for first in np.unique(groups)]
    lines = [" = ".join(str(paths[index].relative_to(photos)) for index in group) for group in there if len(group) > 1]
    with tempfile.TemporaryDirectory() as folder:
        planted = plant(paths, Path(folder), np.random.default_rng(seed))
        both = [*paths, *planted]
        found = dict(zip(both, groups_of_copies(looks_of(both)), strict=True))
    of_kind = {kind: [0, 0] for kind in KINDS}
    for copy, (original, kind) in planted.items():
        of_kind[kind][0] += found[copy] == found[original]
        of_kind[kind][1] += 1
    total = sum(right for right, _ in of_kind.values())
    cells = [f"{right}/{count}" for right, count in of_kind.values()]
    return [photos.name, str(len(paths)), *cells, f"{total}/{PLANTED}", str(len(lines)), f"{seconds:.1f} s"], lines


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--seed", default=0, help="Seed of the choice of the copied photos.")
def duplicates(photos: tuple[Path, ...], seed: int) -> None:
    """Print how many of 30 planted copies are found in each folder of PHOTOS, and what is found without them."""
    results = [measured(folder, seed) for folder in photos]
    header = ["photos", "count", *KINDS, "found", "others", "time"]
    click.echo(table(header, [row for row, _ in results]))
    for folder, (_, lines) in zip(photos, results, strict=True):
        click.echo(f"\nFound in {folder} without them:")
        click.echo("\n".join(f"  {line}" for line in lines) or "  none")


if __name__ == "__main__":
    duplicates()
