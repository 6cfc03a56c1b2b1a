"""Golden vectors: a few photos, the exact input tensor each becomes, and the output each file gives for it.

The Python and the Kotlin tests read the same files. Outputs are those of TFLite's built-in kernels without a
delegate on x86-64; docs/manifest.md says where else they are the same. XNNPACK's differ by a few quantization steps.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mobilenet_tf.contract.preprocessing import load_rgb, preprocess, to_input
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.tflite.image_model import Runner

__all__ = ["PHOTOS", "write_golden"]

PHOTOS = ("cat", "coffee", "pagoda")


def write_golden(folder: Path, models: Mapping[str, bytes], res: int) -> None:
    """Write `folder`: PNG photos, raw little-endian tensors, and golden.json that says which is which.

    models: recipe name -> .tflite bytes.
    """
    folder.mkdir()
    runners = {recipe: Runner(model, delegate=False) for recipe, model in models.items()}
    entries = [_golden_entry(folder, photo, runners, res) for photo in PHOTOS]
    (folder / "golden.json").write_text(json.dumps(entries, indent=2) + "\n")


def _golden_entry(folder: Path, photo: str, runners: Mapping[str, Runner], res: int) -> dict[str, Any]:
    pixels = load_rgb(bundled_photos() / f"{photo}.jpg")
    Image.fromarray(pixels).save(folder / f"{photo}.png", optimize=True)
    image = preprocess(pixels, res)
    entry: dict[str, Any] = {
        "image": f"{photo}.png",
        "rgb": _write_tensor(folder / f"{photo}.rgb.bin", image),
        "models": {},
    }
    for recipe, runner in runners.items():
        dtype, output = runner.input.dtype.name, runner.raw(image)
        entry["models"][recipe] = {
            "input": _write_tensor(
                folder / f"{photo}.{dtype}.input.bin", to_input(image, np.dtype(dtype), runner.input.scale)
            ),
            "output": _write_tensor(folder / f"{photo}.{recipe}.output.bin", output),
            "top1": int(output.argmax()),
        }
    return entry


def _write_tensor(path: Path, tensor: np.ndarray[Any, Any]) -> dict[str, Any]:
    path.write_bytes(tensor.astype(tensor.dtype.newbyteorder("<")).tobytes())
    return {"file": path.name, "dtype": tensor.dtype.name, "shape": list(tensor.shape)}
