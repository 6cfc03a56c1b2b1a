"""`make bench-train`: images/s of mobilenet-train beside experiments/plain_train.py's, at alpha 0.5, res 160, batch 32.

The photos are those of the bundled folder: at their own size, and enlarged to 12 megapixels, as cameras write them.
Both run as separate processes and in turn. Validation is not counted. The first epoch is shown separately: in it
TensorFlow builds its graphs, and mobilenet-train reads the photos that it keeps in memory.
"""

import csv
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.terminal import table

RUNS, EPOCHS = 3, 4
CAMERA = (4000, 3000)


def main() -> None:
    """Print the speed of both scripts on both folders, and the ratios."""
    for name, size, copies, goal in (("as they are", None, 6, 1.0), ("of 12 megapixels", CAMERA, 2, 1.3)):
        with tempfile.TemporaryDirectory() as root:
            photos = Path(root) / "photos"
            count = write_photos(photos, size, copies)
            plain, ours = [], []
            for run in range(RUNS):
                plain.append(plain_speeds(photos, count))
                ours.append(our_speeds(photos, Path(root) / str(run)))
        print(f"{count} photos {name}, images/s: medians of {RUNS} alternating runs")
        rows, ratios = [], []
        for label, place in (("first epoch", 0), (f"epochs 2 to {EPOCHS}", 1)):
            both = [statistics.median(speeds[place] for speeds in runs) for runs in (plain, ours)]
            ratios.append(both[1] / both[0])
            rows.append([label, *(f"{speed:.0f}" for speed in both), f"{ratios[-1]:.2f}"])
        print(table(["", "plain script", "mobilenet-train", "ratio"], rows))
        print(f"goal: {goal} after the first epoch\n", flush=True)


def write_photos(folder: Path, size: tuple[int, int] | None, copies: int) -> int:
    """Write a folder of two classes of JPEGs; how many photos it has."""
    count = 0
    for number, path in enumerate(find_photos(bundled_photos()).paths):
        with Image.open(path) as image:
            pixels = image.convert("RGB").resize(size) if size else image.convert("RGB")
        for copy in range(copies):
            target = folder / ("even" if number % 2 == 0 else "odd") / f"{path.stem}_{copy}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            pixels.save(target, quality=90)
            count += 1
    return count


def plain_speeds(photos: Path, count: int) -> tuple[float, float]:
    """Images/s of the baseline's first epoch, and of the later ones."""
    command = [sys.executable, "-m", "experiments.plain_train", str(photos), str(EPOCHS)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    first, *later = (float(seconds) for seconds in printed.split())
    return count / first, count / statistics.median(later)


def our_speeds(photos: Path, output: Path) -> tuple[float, float]:
    """The same for mobilenet-train, from its history."""
    command = Path(sys.executable).with_name("mobilenet-train")
    options = ["--alpha", "0.5", "--res", "160", "--weights", "random", "--epochs", str(EPOCHS), "--batch-size", "32"]
    subprocess.run([str(command), str(photos), *options, "--output-dir", str(output)], check=True, capture_output=True)
    with next(output.glob("*/history.csv")).open() as file:
        first, *later = (float(row["images_per_s"]) for row in csv.DictReader(file))
    return first, statistics.median(later)


if __name__ == "__main__":
    main()
