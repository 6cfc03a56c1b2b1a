"""Golden vectors: a few photos, the exact input tensor of each, and the output of each file for it.

The tests in Python and in Kotlin read the same files. Outputs are those of TFLite's built-in kernels without a
delegate on x86-64; docs/manifest.md says where else they are the same. XNNPACK's differ by a few quantization steps.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mobilenet_tf.contract.preprocessing import load_rgb, preprocess
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.tasks.classification import best_class
from mobilenet_tf.tflite.image_model import ImageModel

__all__ = ["PHOTOS", "write_golden", "write_tensor"]

PHOTOS = ("cat", "coffee", "pagoda")


def write_golden(folder: Path, contents: Mapping[str, bytes], res: int) -> None:
    """Write `folder`: PNG photos, raw little-endian tensors, and golden.json, which lists them.

    contents: recipe name -> .tflite bytes.
    """
    folder.mkdir()
    models = {
        recipe: ImageModel.from_bytes(content, delegate=False, min_classes=1) for recipe, content in contents.items()
    }
    entries = [_golden_entry(folder, photo, models, res) for photo in PHOTOS]
    (folder / "golden.json").write_text(json.dumps(entries, indent=2) + "\n")


def _golden_entry(folder: Path, photo: str, models: Mapping[str, ImageModel], res: int) -> dict[str, Any]:
    pixels = load_rgb(bundled_photos() / f"{photo}.jpg")
    Image.fromarray(pixels).save(folder / f"{photo}.png", optimize=True)
    image = preprocess(pixels, res)
    entry: dict[str, Any] = {
        "image": f"{photo}.png",
        "rgb": write_tensor(folder / f"{photo}.rgb.bin", image),
        "models": {},
    }
    for recipe, model in models.items():
        tensor, output = model.tensor(image)[0], model.output(image)
        entry["models"][recipe] = {
            "input": write_tensor(folder / f"{photo}.{tensor.dtype.name}.input.bin", tensor),
            "output": write_tensor(folder / f"{photo}.{recipe}.output.bin", output),
            "top1": best_class(output),
        }
    return entry


def write_tensor(path: Path, tensor: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Write a tensor as raw little-endian bytes -> the entry that describes it."""
    path.write_bytes(tensor.astype(tensor.dtype.newbyteorder("<")).tobytes())
    return {"file": path.name, "dtype": tensor.dtype.name, "shape": list(tensor.shape)}
