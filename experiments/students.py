"""`make bench-students`: what distillation and quantization-aware training add at alpha 0.25, on CIFAR-10.

Distillation: a student from random weights, at a small resolution and for few epochs, with and without the bundled
alpha 0.5 as its teacher. Quantization-aware training: the bundled alpha 0.25 in int8 by each correction, and after more
training with `--quantize`. Top-1 is that of the last epoch on the 10,000 test photos, which choose nothing.
`python -m experiments.students CIFAR10 [distillation|quantization]`
"""

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.terminal import table
from mobilenet_tf.weights.load import load_weights

from .cifar10 import measure

TRAIN = str(Path(sys.executable).with_name("mobilenet-train"))
ALPHA, RES = 0.25, 160
STUDENT = ("--weights", "random", "--res", "64", "--epochs", "10", "--learning-rate", "0.09", "--ema", "0.99")
QUANTIZE = ("--weights", "cifar10", "--res", str(RES), "--quantize", "--epochs", "1")
COMMON = ("--alpha", str(ALPHA), "--batch-size", "128", "--min-crop", "0.7", "--color-jitter", "0")
CORRECTIONS = ("none", "fast", "best")


def main(source: str, parts: list[str]) -> None:
    """Print the tables that `parts` names."""
    with tempfile.TemporaryDirectory() as root:
        if "distillation" in parts:
            print_distillation(source, Path(root))
        if "quantization" in parts:
            print_quantization(source, Path(root))


def print_distillation(source: str, root: Path) -> None:
    """Top-1 of the same student with and without a teacher."""
    rows = []
    for name, options in (("labels alone", ()), ("and a teacher of alpha 0.5", ("--teacher", "cifar10"))):
        history = trained(source, root / name, *STUDENT, *options)
        rows.append([name, *(f"{float(row['top1']):.2%}" for row in history[-3:])])
    count = len(history)
    print(table([f"alpha {ALPHA} at 64, top-1", *(f"epoch {n}" for n in range(count - 2, count + 1))], rows))


def print_quantization(source: str, root: Path) -> None:
    """Top-1 of float, of int8 by each correction, and after --quantize."""
    data = load_dataset(source)
    before = measure(load_weights("cifar10", alpha=ALPHA, res=RES), data, CORRECTIONS)
    trained(source, root / "quantized", *QUANTIZE)
    after = measure(load_weights(str(next(root.rglob("*_quantized/last.keras"))), res=RES), data, ("none", "fast"))
    rows = [
        ["as bundled", *(f"{share:.2%}" for share in before)],
        ["after --quantize", *(f"{share:.2%}" for share in after), "-"],
    ]
    print(table([f"alpha {ALPHA} at {RES}, top-1", "float32", *(f"int8, {name}" for name in CORRECTIONS)], rows))


def trained(source: str, folder: Path, *options: str) -> list[dict[str, str]]:
    """The history of a training by mobilenet-train."""
    subprocess.run([TRAIN, source, *COMMON, *options, "--output-dir", str(folder)], check=True, capture_output=True)
    with next(folder.rglob("history.csv")).open() as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:] or ["distillation", "quantization"])
