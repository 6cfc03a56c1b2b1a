"""`make fingerprints`: the sha256 of what the commands write, to compare two commits byte for byte.

`python experiments/fingerprints.py [--bin DIR]` runs the commands in DIR (default: those beside this Python), so that
one copy of this file can serve two checkouts. For that it must import nothing of the package. It prints a line for each
file: its sha256, and what it is. Exports, a deterministic training of two epochs and a report of the saved results in
experiments/saved_results/ are made in a temporary folder. The weights in a .keras file are compared, not the file,
which holds the time at which it was saved.
"""

import argparse
import csv
import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
PHOTOS = HERE.parent / "mobilenet_tf" / "assets" / "cifar10"
EVERY_RECIPE = ("--quant", "float32,float16,dynamic_int8,int8,int16x8")
# Name of the output folder -> options of mobilenet-export.
EXPORTS = {
    "fast_025_128": ("--alpha", "0.25", "--res", "128", *EVERY_RECIPE, "--quant-report"),
    "fast_050_160": ("--alpha", "0.5", "--res", "160", *EVERY_RECIPE, "--quant-report"),
    "per_tensor_025_128": ("--alpha", "0.25", "--res", "128", "--quant", "int8", "--per-tensor"),
    "shufflenet_v1": ("--arch", "shufflenet_v1", "--weights", "cifar10"),
    "effnet": ("--arch", "effnet", "--weights", "cifar10"),
    "best_025_128": ("--alpha", "0.25", "--res", "128", "--correction", "best"),
    "best_050_160": ("--alpha", "0.5", "--res", "160", "--correction", "best"),
}
TRAINING = ("--alpha", "0.25", "--res", "96", "--epochs", "2", "--deterministic", "--output-dir", "train")
TIMES = ("seconds", "images_per_s")  # columns of history.csv that no two runs share


def main() -> None:
    """Run the commands and print each sha256 as soon as it is known."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=Path(sys.executable).parent, help="folder of the commands")
    commands = parser.parse_args().bin.absolute()
    with tempfile.TemporaryDirectory() as temporary:
        for name, sha256 in fingerprints(commands, Path(temporary)):
            print(f"{sha256}  {name}", flush=True)


def fingerprints(commands: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """(name, sha256) of each file that the commands write into `folder`."""
    run(commands / "mobilenet-report", str(HERE / "saved_results"), "-o", "report.html", folder=folder)
    yield "report.html", sha256_of((folder / "report.html").read_bytes())
    run(commands / "mobilenet-train", str(PHOTOS), *TRAINING, folder=folder)
    yield from training_sums(folder / "train")
    for name, options in EXPORTS.items():
        run(commands / "mobilenet-export", *options, "--output-dir", name, folder=folder)
        for path in sorted((folder / name).rglob("*")):
            if path.is_file():
                yield str(path.relative_to(folder)), sha256_of(path.read_bytes())


def training_sums(folder: Path) -> Iterator[tuple[str, str]]:
    """The weights of both models, the classes, and the history without its times."""
    for path in sorted(folder.rglob("*.keras")):
        with zipfile.ZipFile(path) as archive:
            yield f"{path.parent.name}/{path.name} weights", sha256_of(archive.read("model.weights.h5"))
    for path in sorted(folder.rglob("labels.txt")):
        yield f"{path.parent.name}/{path.name}", sha256_of(path.read_bytes())
    for path in sorted(folder.rglob("history.csv")):
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
        kept = [[value for column, value in row.items() if column not in TIMES] for row in rows]
        yield f"{path.parent.name}/{path.name} without times", sha256_of(repr(kept).encode())


def run(command: Path, *options: str, folder: Path) -> None:
    """Run one command in `folder`. Raises CalledProcessError if it fails."""
    subprocess.run([command, *options], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def sha256_of(data: bytes) -> str:
    """Hexadecimal sha256."""
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
