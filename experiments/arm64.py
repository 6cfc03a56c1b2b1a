"""`make bench-arm64`: an int8 file on an emulated ARM64 processor beside this x86-64, on the bundled photos.

`python -m experiments.arm64 MODEL [--photos N] [--json]`. The exit status is 69 if qemu-aarch64-static or
build/arm64-root (`make arm64-root`) is missing. Each interpreter is compared with itself, with the same kernels on both
sides.
"""

import argparse
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import load_rgb, preprocess, to_input
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.terminal import table
from mobilenet_tf.tflite.interpreter import Session

QEMU = "qemu-aarch64-static"
ROOT = Path("build/arm64-root")
UNAVAILABLE = 69  # EX_UNAVAILABLE of sysexits.h
# (interpreter, kernels, emulated processor): cortex-a53 has no dot product instructions, cortex-a76 has them.
# Not qemu's default, `max`: with qemu 7.2 XNNPACK's int8 outputs are noise there (perhaps because of SME kernels), and
# without such a processor it is not known whose error that is.
RUNS = (
    ("tflite-runtime", "default", "cortex-a76"),
    ("ai-edge-litert", "default", "cortex-a53"),
    ("ai-edge-litert", "default", "cortex-a76"),
    ("ai-edge-litert", "built-in", "cortex-a76"),
    ("ai-edge-litert", "reference", "cortex-a76"),
)


@dataclass(frozen=True)
class Comparison:
    """ARM64 beside x86-64.

    ran:                 whose kernels ran, on ARM64 and on x86-64.
    agreement:           share of photos with the same top-1.
    differing:           photos with any difference.
    max_step_difference: the largest difference of an output, in quantization steps.
    """

    interpreter: str
    kernels: str
    cpu: str
    ran: tuple[str, str]
    photos: int
    agreement: float
    differing: int
    max_step_difference: int


def main(model: Path, photos: int, as_json: bool) -> None:
    """Print the comparisons, as a table or as JSON."""
    reason = missing()
    if reason:
        print(reason, file=sys.stderr)
        raise SystemExit(UNAVAILABLE)
    comparisons = compare(model, photos)
    if as_json:
        print(json.dumps([asdict(comparison) for comparison in comparisons]))
        return
    print(f"{model.name}: {comparisons[0].photos} photos, ARM64 ({QEMU}) beside x86-64")
    rows = []
    for row in comparisons:
        figures = f"{row.agreement:.1%}", str(row.differing), str(row.max_step_difference)
        rows.append([f"{row.interpreter} {row.kernels}", row.ran[0], row.cpu, *figures])
    print(table(["interpreter and kernels", "ran", "cpu", "same top-1", "photos that differ", "largest step"], rows))


def missing() -> str | None:
    """Why this machine cannot emulate, or None."""
    if platform.machine() != "x86_64":
        return f"ARM64 is compared with x86-64; this machine is {platform.machine()}"
    if not shutil.which(QEMU):
        return f"{QEMU} is not installed (Debian's package qemu-user-static)"
    return None if ROOT.is_dir() else f"{ROOT} does not exist; `make arm64-root` makes it"


def compare(model: Path, photos: int) -> list[Comparison]:
    """A comparison for each of RUNS whose interpreter is installed (tflite-runtime needs Python 3.11)."""
    comparisons = []
    with tempfile.TemporaryDirectory() as folder:
        inputs = Path(folder) / "inputs.npy"
        np.save(inputs, bundled_tensors(model, photos))
        for interpreter, kernels, cpu in RUNS:
            if importlib.util.find_spec(interpreter.replace("-", "_")) is None:
                continue
            here, expected = infer(None, interpreter, kernels, model, inputs)
            there, outputs = infer(cpu, interpreter, kernels, model, inputs)
            steps = np.abs(outputs - expected).max(1)
            same = float(np.mean(outputs.argmax(1) == expected.argmax(1)))
            differing, most = int(np.count_nonzero(steps)), int(steps.max())
            comparisons.append(Comparison(interpreter, kernels, cpu, (there, here), len(steps), same, differing, most))
    return comparisons


def bundled_tensors(model: Path, count: int) -> NDArray[np.int8]:
    """The first bundled photos as the model takes them: (count, res, res, 3)."""
    tensor = Session(model.read_bytes()).input
    photos = find_photos(bundled_photos()).paths[:count]
    images = np.stack([preprocess(load_rgb(photo), tensor.shape[1]) for photo in photos])
    return to_input(images, tensor.dtype, tensor.scale)


def infer(cpu: str | None, interpreter: str, kernels: str, model: Path, inputs: Path) -> tuple[str, NDArray[np.int64]]:
    """Run infer.py on an emulated ARM64 processor, or here: (whose kernels ran, outputs in quantization steps)."""
    outputs = inputs.with_name("outputs.npy")
    arguments = [str(Path(__file__).with_name("infer.py")), interpreter, kernels, *map(str, (model, inputs, outputs))]
    command, environment = [sys.executable], dict(os.environ)
    if cpu:
        root = ROOT.resolve()
        command = [QEMU, "-cpu", cpu, "-L", str(root), str(root / "usr/bin/python3.11")]
        environment |= {"PYTHONPATH": str(root / "site"), "PYTHONHOME": str(root / "usr")}
    done = subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{interpreter}, {kernels} kernels, on {cpu or 'this machine'}:\n{done.stderr}")
    return done.stdout.strip(), np.load(outputs).astype(np.int64)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m experiments.arm64")
    parser.add_argument("model", type=Path)
    parser.add_argument("--photos", type=int, default=80)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    main(chosen.model, chosen.photos, chosen.json)
