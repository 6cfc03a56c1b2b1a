"""`make bench-detector-latency`: a published SSD for COCO beside the int8 file that mobilenet-export makes of it.

`python -m experiments.detector_latency DETECT_TFLITE [--rounds N]`. Both files are the same network with the same
Mult-Adds. Inference is measured on one thread, the files in turns; with their post-processing, which chooses 10 boxes
in the published file and 100 in ours, and of ours without it too. Then each stage, as mobilenet-benchmark measures it
and in a plain loop over the same photos: Pillow's resizing, the interpreter, and reading the outputs.
"""

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image

from export.detection.job import prepare_detector
from export.detection.pipeline import export_detector
from export.recipes import parse_recipes
from export.settings import ExportSettings
from mobilenet_tf.benchmark.environment import host_environment
from mobilenet_tf.benchmark.measure import measure
from mobilenet_tf.benchmark.settings import MeasurementSettings
from mobilenet_tf.contract.preprocessing import load_rgb
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.networks.cost import totals
from mobilenet_tf.terminal import table

from .latency import medians_in_turns

ROUNDS = 200
PUBLISHED, OURS, RAW = "published", "our int8", "our int8, raw outputs"
PHOTOS = 20  # of those bundled, that the stages are measured on
STAGES = ("load", "preprocess", "inference", "postprocess")


def main() -> None:
    """Print the latencies with their ratio, then the stages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("published", type=Path)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        files, mult_adds = exported(options.published, Path(root))
        print(latency_table(files, options.rounds))
        print(f"\nms: median of {options.rounds} inferences on one thread of {host_environment().cpu}, all files in")
        print(f"turns; {mult_adds / 1e6:.0f} M Mult-Adds each.\n")
        print(stages_table({name: files[name] for name in (PUBLISHED, OURS)}, options.rounds))


def exported(published: Path, root: Path) -> tuple[dict[str, Path], int]:
    """(The published file and the int8 files made of it, by their names; Mult-Adds without post-processing)."""
    files, mult_adds = {PUBLISHED: published}, 0
    settings = ExportSettings(weights=str(published), recipes=parse_recipes("int8"), num_calibration=24)
    for name, raw in ((OURS, False), (RAW, True)):
        job = prepare_detector(replace(settings, raw_outputs=raw, output_dir=root / name))
        made, mult_adds = export_detector(job), totals(job.weights.spec)[0]
        files[name] = made.folder / made.files[0].name
    return files, mult_adds


def latency_table(files: dict[str, Path], rounds: int) -> str:
    """The median latency of each file, and its share of that of the published one."""
    latencies = medians_in_turns({name: path.read_bytes() for name, path in files.items()}, rounds)
    rows = [
        [
            name,
            f"{path.stat().st_size / 1e6:.2f}",
            f"{latencies[name]:.2f}",
            f"{latencies[name] / latencies[PUBLISHED]:.2f}",
        ]
        for name, path in files.items()
    ]
    return table(["file", "MB", "ms", "ratio"], rows)


def stages_table(files: dict[str, Path], rounds: int) -> str:
    """The median of each stage, of mobilenet-benchmark and of the plain loop, in ms."""
    rows = []
    for name, path in files.items():
        settings = MeasurementSettings(runs=rounds, min_seconds=0.0)
        measured = measure(path, settings).stages_ms
        plain = plain_stages(path)
        rows.append([f"{name}, mobilenet-benchmark", *(f"{getattr(measured, stage):.2f}" for stage in STAGES)])
        rows.append([f"{name}, plain loop", *(f"{plain[stage]:.2f}" for stage in STAGES)])
    return table(["stage in ms", *STAGES], rows)


def plain_stages(path: Path) -> dict[str, float]:
    """The median of each stage over the photos, as a script would do it with Pillow and LiteRT."""
    start = time.perf_counter()
    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    load_ms = (time.perf_counter() - start) * 1e3
    (given,) = interpreter.get_input_details()
    places = [one["index"] for one in interpreter.get_output_details()]
    size = (int(given["shape"][2]), int(given["shape"][1]))
    photos = [load_rgb(file) for file in find_photos(bundled_photos()).paths[:PHOTOS]]
    times = [plain_times(interpreter, photo, given, places, size) for photo in [photos[0], *photos]]
    medians = np.median(times[1:], axis=0).tolist()  # the first inference makes what the others use
    return dict(zip(STAGES, [load_ms, *medians], strict=True))


def plain_times(
    interpreter: Interpreter, photo: Any, given: dict[str, Any], places: list[int], size: tuple[int, int]
) -> tuple[float, ...]:
    """(preprocessing, inference, reading the outputs) of one photo, in ms."""
    begun = time.perf_counter()
    small = np.asarray(Image.fromarray(photo).resize(size, Image.Resampling.BILINEAR))[None]
    # int8 files store a byte less 128.
    interpreter.set_tensor(
        given["index"], (small.astype(np.int16) - 128).astype(np.int8) if given["dtype"] == np.int8 else small
    )
    prepared = time.perf_counter()
    interpreter.invoke()
    invoked = time.perf_counter()
    outputs = [interpreter.get_tensor(place) for place in places]
    keep = outputs[2 if len(outputs) == 4 else 0] >= 0.5
    keep.sum()
    return tuple((b - a) * 1e3 for a, b in ((begun, prepared), (prepared, invoked), (invoked, time.perf_counter())))


if __name__ == "__main__":
    main()
