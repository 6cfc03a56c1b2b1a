"""Golden vectors: a few photos, the exact input tensor of each, and the output of each file for it.

The tests in Python and in Kotlin read the same files. Outputs are those of TFLite's built-in kernels without a
delegate on x86-64; docs/manifest.md says where else they are the same. XNNPACK's differ by a few quantization steps.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.contract.preprocessing import load_rgb, preprocess
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.tasks.classification import best_class
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.photo_model import PhotoModel

from .made_file import MadeFile

__all__ = ["WriteTensor", "write_golden", "write_vectors"]

PHOTOS = ("cat", "coffee", "pagoda")

UInt8 = NDArray[np.uint8]
Tensor = NDArray[Any]
WriteTensor = Callable[[str, Tensor], dict[str, Any]]  # (name, tensor) -> the entry of the file that it is written to
Model = TypeVar("Model", bound=PhotoModel)
View = Callable[[UInt8], UInt8]
Answer = Callable[[Model, UInt8, WriteTensor], dict[str, Any]]


def write_golden(folder: Path, files: Sequence[MadeFile], res: int, head: Head = "softmax") -> None:
    """Write the golden vectors of files of this resolution: the output of each, and its best class; an embedding has
    none.
    """
    models = {file.recipe.name: ImageModel.from_bytes(file.content, delegate=False, min_classes=1) for file in files}
    write_vectors(folder, models, lambda pixels: preprocess(pixels, res), partial(_answer, head))


def _answer(head: Head, model: ImageModel, image: UInt8, write: WriteTensor) -> dict[str, Any]:
    output = model.output(image)
    answer = {"output": write("output", output)}
    return answer if head == "embedding" else answer | {"top1": best_class(output)}


def write_vectors(folder: Path, models: Mapping[str, Model], view: View, answer: Answer[Model]) -> None:
    """Write `folder`: PNG photos, raw little-endian tensors, and golden.json, which lists them.

    models: recipe name -> its file, without a delegate. view: pixels -> what the models see of them, (res, res, 3).
    answer: (model, what it sees, how to write a tensor) -> what golden.json says of the model's outputs.
    """
    folder.mkdir()
    entries = [_golden_entry(folder, photo, models, view, answer) for photo in PHOTOS]
    (folder / "golden.json").write_text(json.dumps(entries, indent=2) + "\n")


def _golden_entry(
    folder: Path, photo: str, models: Mapping[str, Model], view: View, answer: Answer[Model]
) -> dict[str, Any]:
    pixels = load_rgb(bundled_photos() / f"{photo}.jpg")
    Image.fromarray(pixels).save(folder / f"{photo}.png", optimize=True)
    image = view(pixels)
    entry: dict[str, Any] = {
        "image": f"{photo}.png",
        "rgb": _write_tensor(folder, photo, "rgb", image),
        "models": {},
    }
    for recipe, model in models.items():
        tensor = model.tensor(image)[0]
        entry["models"][recipe] = {
            "input": _write_tensor(folder, photo, f"{tensor.dtype.name}.input", tensor),
            **answer(model, image, partial(_write_tensor, folder, f"{photo}.{recipe}")),
        }
    return entry


def _write_tensor(folder: Path, of: str, name: str, tensor: Tensor) -> dict[str, Any]:
    """Write a tensor as raw little-endian bytes -> the entry that describes it.

    of: what the tensor belongs to, with which the name of its file begins.
    """
    path = folder / f"{of}.{name}.bin"
    path.write_bytes(tensor.astype(tensor.dtype.newbyteorder("<")).tobytes())
    return {"file": path.name, "dtype": tensor.dtype.name, "shape": list(tensor.shape)}
