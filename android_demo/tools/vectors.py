"""Makes the files that the Kotlin tests of android_demo/ compare with (`make android-test`).

`python -m android_demo.tools.vectors OUT [--exports FOLDER]` writes

- OUT/preprocess.json: pictures of many sizes in all eight orientations, as ARGB pixels and as YUV planes with gaps, and
  the hash of what `preprocess` makes of each. Their pixels come from `noise`, which Kotlin computes too.
- OUT/photos/: the bundled photos as PNG, and photos.json with the hash of each after preprocessing, in all eight
  orientations.
- OUT/outputs/: for each file of the exports under FOLDER, the outputs for those photos by ai-edge-litert's built-in
  kernels without a delegate and by XNNPACK; raw bytes, one output after the other, listed in outputs.json. Those of
  detectors, by XNNPACK, are listed in detectors.json.

`python -m android_demo.tools.vectors --committed` writes those that are committed.
"""

import argparse
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilenet_tf.contract.manifest import FileRecord, Manifest
from mobilenet_tf.contract.preprocessing import (
    LETTERBOX_RULE,
    STRETCH_RULE,
    letterbox,
    load_rgb,
    preprocess,
    rule_sha256,
    stretch,
    yuv_to_rgb,
)
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.tflite.detector_model import DetectorModel
from mobilenet_tf.tflite.image_model import ImageModel

COMMITTED = Path("android_demo/src/test/resources/preprocess.json")
COMMITTED_SIZES = ((1, 1), (2, 1), (7, 3), (33, 41), (97, 150))
ORIENTATIONS = range(1, 9)
# Sizes of cameras and photos, sizes with an incomplete block in the last row or column, and very thin strips.
SIZES = (
    *COMMITTED_SIZES,
    *((1, 2), (2, 2), (3, 1), (1, 1000), (1000, 3), (5, 4), (64, 64), (65, 64), (160, 160), (183, 183), (299, 300)),
    *((320, 240), (500, 375), (375, 500), (640, 480), (720, 1280), (1279, 719), (1280, 720), (1920, 1080)),
    *((1919, 1081), (2048, 1536), (3000, 400), (4000, 3000), (2999, 3999)),
)
RANDOM_SIZES = 24
RES = (160, 96, 1, 224, 33, 128)
PHOTO_RES = 160

UInt8 = NDArray[np.uint8]
Record = dict[str, Any]


def noise(length: int, seed: int) -> NDArray[np.uint32]:
    """`length` pseudo-random numbers of 32 bits. Kotlin's `noise` computes the same."""
    number = np.arange(length, dtype=np.uint32) * np.uint32(0x9E3779B1) + np.uint32(seed * 0x85EBCA6B & 0xFFFFFFFF)
    number ^= number >> np.uint32(15)
    number *= np.uint32(0x2C1B3C6D)
    return number ^ number >> np.uint32(12)


def upright(pixels: UInt8, orientation: int) -> UInt8:
    """A picture (height, width, 3) stored in EXIF's `orientation` -> the upright picture."""
    rotated = pixels.transpose(1, 0, 2) if orientation >= 5 else pixels
    across = -1 if orientation in (2, 3, 6, 7) else 1
    down = -1 if orientation in (3, 4, 7, 8) else 1
    return rotated[::down, ::across]


def argb_picture(width: int, height: int, seed: int) -> UInt8:
    """(height, width, 3) from the noise's lower three bytes; red is the highest of them."""
    pixels = noise(width * height, seed).reshape(height, width)
    return np.stack([(pixels >> np.uint32(shift)).astype(np.uint8) for shift in (16, 8, 0)], axis=-1)


def yuv_picture(case: Record) -> UInt8:
    """(height, width, 3) from planes of the noise's highest byte, each with its own seed, and noise in the gaps too."""
    width, height, seed = case["width"], case["height"], case["seed"]
    half = (width + 1) // 2, (height + 1) // 2
    y = plane(width, height, case["y_row_stride"], case["y_pixel_stride"], seed)
    u, v = (plane(*half, case["uv_row_stride"], case["uv_pixel_stride"], seed + n) for n in (1, 2))
    return yuv_to_rgb(y, u, v)


def plane(width: int, height: int, row_stride: int, pixel_stride: int, seed: int) -> UInt8:
    """(height, width) from a buffer that ends with the last sample."""
    length = (height - 1) * row_stride + (width - 1) * pixel_stride + 1
    whole = np.zeros(height * row_stride, np.uint8)
    whole[:length] = noise(length, seed) >> np.uint32(24)
    return whole.reshape(height, row_stride)[:, : width * pixel_stride : pixel_stride]


def cases(sizes: tuple[tuple[int, int], ...], res: tuple[int, ...]) -> Iterator[Record]:
    """Each size as ARGB and as YUV, with the hashes of its eight orientations in EXIF's order."""
    rng = np.random.default_rng(7)
    for index, (width, height) in enumerate(sizes):
        case: Record = {"width": width, "height": height, "res": res[index % len(res)], "seed": 10 * index}
        yield {"kind": "argb", **case, **hashes_by_rule(argb_picture(width, height, case["seed"]), case["res"])}
        y_step, uv_step = (1, 1, 2)[index % 3], (2, 1, 2, 3)[index % 4]
        y_gap, uv_gap = (int(gap) for gap in rng.integers(0, 18, 2))
        yuv = case | {
            "y_pixel_stride": y_step,
            "y_row_stride": width * y_step + y_gap,
            "uv_pixel_stride": uv_step,
            "uv_row_stride": (width + 1) // 2 * uv_step + uv_gap,
        }
        yield {"kind": "yuv", **yuv, **hashes_by_rule(yuv_picture(yuv), case["res"])}


def hashes(pixels: UInt8, res: int, rule: Callable[[UInt8, int], UInt8] = preprocess) -> list[str]:
    """The hashes of a stored picture after preprocessing, in each of the eight orientations."""
    return [sha256(rule(upright(pixels, orientation), res)) for orientation in ORIENTATIONS]


def hashes_by_rule(pixels: UInt8, res: int) -> Record:
    """Those of the rule of classifiers, of that of detectors, and of letterboxes."""
    others = {"stretched_sha256": stretch, "letterboxed_sha256": letterbox}
    return {"sha256": hashes(pixels, res)} | {name: hashes(pixels, res, rule) for name, rule in others.items()}


def sha256(pixels: UInt8) -> str:
    """The hash of the bytes in C order."""
    return hashlib.sha256(pixels.tobytes()).hexdigest()


def document(sizes: tuple[tuple[int, int], ...], res: tuple[int, ...]) -> str:
    """The text of preprocess.json, with one case in a line."""
    lines = ",\n".join(json.dumps(case) for case in cases(sizes, res))
    rules = {"rule": rule_sha256(), "stretch_rule": rule_sha256(STRETCH_RULE)}
    rules["letterbox_rule"] = rule_sha256(LETTERBOX_RULE)
    heads = ", ".join(f'"{name}_sha256": "{sha256}"' for name, sha256 in rules.items())
    return f'{{{heads}, "cases": [\n{lines}\n]}}\n'


def random_sizes() -> tuple[tuple[int, int], ...]:
    """The same sizes each time, from 2 to 1200 pixels."""
    sizes = np.exp(np.random.default_rng(3).uniform(np.log(2), np.log(1200), (RANDOM_SIZES, 2))).astype(int)
    return tuple((int(width), int(height)) for width, height in sizes)


def write_photos(out: Path) -> list[UInt8]:
    """Write the bundled photos as PNG, and their hashes after preprocessing -> their pixels."""
    out.mkdir(parents=True, exist_ok=True)
    paths = find_photos(bundled_photos()).paths
    photos = [load_rgb(path) for path in paths]
    records = []
    for path, photo in zip(paths, photos, strict=True):
        Image.fromarray(photo).save(out / f"{path.stem}.png", compress_level=1)
        records.append({"file": f"{path.stem}.png", "res": PHOTO_RES, "sha256": hashes(photo, PHOTO_RES)})
    (out / "photos.json").write_text(json.dumps(records, indent=1))
    return photos


def write_outputs(out: Path, exports: Path, photos: list[UInt8]) -> None:
    """Write the outputs of every file of the exports for every photo, by each kind of kernels."""
    out.mkdir(parents=True, exist_ok=True)
    records, detectors = [], []
    for path in sorted(exports.glob("*/manifest.json")):
        manifest = Manifest.read(path)
        if manifest.task == "detection":
            detectors += [detector_record(out, path.parent, file, manifest.res, photos) for file in manifest.files]
            continue
        if manifest.task == "embedding":
            continue  # its golden vectors are compared
        images = [preprocess(photo, manifest.res) for photo in photos]
        for file in manifest.files:
            record: Record = {"export": path.parent.name, "file": file.path}
            for kind, delegate in (("builtin", False), ("xnnpack", True)):
                outputs = outputs_of(path.parent / file.path, images, delegate=delegate)
                record[kind] = write_output(out, f"{file.path}.{kind}.bin", outputs)
            record["golden_steps"] = golden_steps(path.parent, file)
            records.append(record)
    (out / "outputs.json").write_text(json.dumps(records, indent=1))
    (out / "detectors.json").write_text(json.dumps(detectors, indent=1))


def detector_record(out: Path, export: Path, file: FileRecord, res: int, photos: list[UInt8]) -> Record:
    """Write all outputs of a detector's file for every photo, one photo after the other -> the file's record."""
    model = DetectorModel(export / file.path, (export / file.path).read_bytes())
    name = f"{file.path}.xnnpack.bin"
    with (out / name).open("wb") as written:
        for photo in photos:
            model.session.run(model.tensor(stretch(photo, res)))
            for values in model.session.get_all():
                written.write(values.astype(values.dtype.newbyteorder("<")).tobytes())
    return {"export": export.name, "file": file.path, "outputs": name}


def golden_steps(export: Path, file: FileRecord) -> float:
    """How far XNNPACK's outputs are from the golden ones, in steps of the output; of floats in steps of 1/256."""
    golden = export / "golden"
    entries = json.loads((golden / "golden.json").read_text())
    images = [np.fromfile(golden / entry["rgb"]["file"], np.uint8).reshape(*file.input.shape[1:]) for entry in entries]
    outputs = outputs_of(export / file.path, images, delegate=True)
    names = [entry["models"][file.recipe]["output"]["file"] for entry in entries]
    expected = np.stack([np.fromfile(golden / name, outputs.dtype) for name in names])
    difference = np.abs(outputs.astype(np.float64) - expected.astype(np.float64)).max()
    return float(difference if file.output.scale else difference * 256)


def outputs_of(model: Path, images: list[UInt8], *, delegate: bool) -> NDArray[Any]:
    """The model's raw outputs, (images, classes); `delegate` means by XNNPACK."""
    loaded = ImageModel(model, delegate=delegate)
    return np.stack([loaded.output(image) for image in images])


def write_output(folder: Path, name: str, outputs: NDArray[Any]) -> Record:
    """Write the outputs -> the file's record: its name and the top-1 class of each photo."""
    (folder / name).write_bytes(outputs.astype(outputs.dtype.newbyteorder("<")).tobytes())
    return {"file": name, "top1": [int(output.argmax()) for output in outputs]}


def main() -> None:
    """Write what the command line names."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path, nargs="?")
    parser.add_argument("--exports", type=Path)
    parser.add_argument("--committed", action="store_true")
    arguments = parser.parse_args()
    if arguments.committed:
        COMMITTED.write_text(document(COMMITTED_SIZES, (16,)))
    if arguments.out is not None:
        arguments.out.mkdir(parents=True, exist_ok=True)
        (arguments.out / "preprocess.json").write_text(document(SIZES + random_sizes(), RES))
        photos = write_photos(arguments.out / "photos")
        if arguments.exports is not None:
            write_outputs(arguments.out / "outputs", arguments.exports, photos)


if __name__ == "__main__":
    main()
