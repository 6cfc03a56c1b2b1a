"""`make bench-accuracy`: accuracy over the photos in HOSTED beside a plain loop, its speed and its top-1.

Speed: images/s of both with alpha 1.0 at 224 in int8, in turn, and beside the upper bound that decoding and inference
alone would allow on all cores. Top-1: Google's hosted uint8 files, with every interpreter.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from mobilenet_tf.benchmark.class_names import class_names
from mobilenet_tf.benchmark.labelled_photos import LabelledPhotos, labelled_photos
from mobilenet_tf.contract.preprocessing import load_rgb, preprocess, to_input
from mobilenet_tf.results.records import Accuracy, Result
from mobilenet_tf.terminal import table
from mobilenet_tf.tflite.interpreter import BACKENDS, Session

ROUNDS = 3
BIN = Path(sys.executable).parent


def main(data: Path) -> None:
    """Print the speed, then top-1 of the hosted files."""
    images = data / "imagenet_sample" / "images"
    with tempfile.TemporaryDirectory() as root:
        options = ["--alpha", "1.0", "--res", "224", "--quant", "float32,int8", "--output-dir", root]
        subprocess.run([str(BIN / "mobilenet-export"), *options], check=True, capture_output=True)
        print_speed(next(Path(root).rglob("*_int8.tflite")), images, Path(root))
        rows = [top1_row(file, images, Path(root)) for file in sorted((data / "weights").glob("*_quant.tflite"))]
    print(table(["top-1", "plain loop", *BACKENDS], rows))
    print("goal: as the plain loop, and all within 0.4 points")


def print_speed(model: Path, images: Path, root: Path) -> None:
    """Images/s of a plain loop and of mobilenet-benchmark, and the latter as a share of the bound."""
    photos = labelled_photos(images, class_names(None, 1000, None, model.name))
    plain, ours = [], []
    for number in range(ROUNDS):
        plain.append(len(photos.paths) / loop_seconds(model, photos))
        ours.append(our_result(model, images, root / f"{number}", "ai-edge-litert").images_per_s)
    decode, inference = stage_seconds(model, photos)
    bound = (os.cpu_count() or 1) / (decode + inference)
    loop, threads = statistics.median(plain), statistics.median(ours)
    print(f"{len(photos.paths)} photos, {model.stem}, {os.cpu_count()} cores, medians of {ROUNDS} alternating rounds")
    print(f"plain loop           {loop:6.0f} images/s")
    print(f"mobilenet-benchmark  {threads:6.0f} images/s, ratio {threads / loop:.2f} (goal: 1.7)")
    print(
        f"bound                {bound:6.0f} images/s, of which {threads / bound:.0%} is reached (goal: 85 %): "
        f"decode {decode * 1e3:.2f} ms, inference {inference * 1e3:.2f} ms\n",
        flush=True,
    )


def loop_seconds(model: Path, photos: LabelledPhotos) -> float:
    """Open with Pillow, crop, resize, set_tensor and invoke, one photo after the other."""
    session = Session(model.read_bytes())
    res = session.input.shape[1]
    start = time.perf_counter()
    for path in photos.paths:
        with Image.open(path) as image:
            rgb = image.convert("RGB")
        side = min(rgb.size) * 7 // 8
        left, top = (rgb.width - side) // 2, (rgb.height - side) // 2
        small = rgb.crop((left, top, left + side, top + side)).resize((res, res), Image.Resampling.BILINEAR)
        session.run(to_input(np.asarray(small)[None], session.input.dtype)).argmax()
    return time.perf_counter() - start


def stage_seconds(model: Path, photos: LabelledPhotos) -> tuple[float, float]:
    """Mean seconds that a photo takes to decode and preprocess, and to infer, each alone on one core."""
    session = Session(model.read_bytes())
    start = time.perf_counter()
    tensors = [preprocess(load_rgb(path), session.input.shape[1]) for path in photos.paths]
    middle = time.perf_counter()
    for pixels in tensors:
        session.run(to_input(pixels[None], session.input.dtype))
    end = time.perf_counter()
    return (middle - start) / len(tensors), (end - middle) / len(tensors)


def our_result(model: Path, images: Path, output: Path, backend: str, *options: str) -> Accuracy:
    """The accuracy that the command measures."""
    fixed = ["--runs", "1", "--min-seconds", "0", "--images", str(images), "--backend", backend]
    command = [str(BIN / "mobilenet-benchmark"), str(model), *fixed, *options, "--output-dir", str(output)]
    subprocess.run(command, check=True, capture_output=True)
    accuracy = Result.read(next(output.glob(f"{model.stem}-*"))).accuracy
    assert accuracy is not None
    return accuracy


def top1_row(model: Path, images: Path, root: Path) -> list[str]:
    """Top-1 of a plain loop with the same crop, and of mobilenet-benchmark with each interpreter."""
    photos = labelled_photos(images, class_names(None, 1001, 1, model.name))
    session = Session(model.read_bytes())
    right = [
        session.run(preprocess(load_rgb(path), session.input.shape[1])[None]).argmax() == true
        for path, true in zip(photos.paths, photos.classes, strict=True)
    ]
    found = [
        our_result(model, images, root / f"{model.stem}-{backend}", backend, "--background-offset", "1").top1
        for backend in BACKENDS
    ]
    return [model.stem, *(f"{share:.1%}" for share in (np.mean(right), *found))]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
