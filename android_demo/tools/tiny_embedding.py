"""The tiny embedding that android_demo's tests run in a real interpreter: a picture's twelve values, at length 1."""

import json
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from PIL import Image

from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.contract.preprocessing import preprocess


def embedding_manifest(classifier: Manifest) -> str:
    """The manifest's text, from one of a classifier: without labels."""
    fields = json.loads(classifier.to_json())
    fields |= {"task": "embedding", "head": "embedding", "labels": None, "labels_sha256": None}
    for file in fields["files"]:
        file["cosine_error"] = {"mean": 0.0, "p99": 0.0, "max": 0.0}
    return json.dumps(fields, indent=2) + "\n"


def write_embedding_golden(folder: Path, models: dict[str, bytes], res: int) -> None:
    """Golden vectors of one picture, of each recipe's file."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(2).integers(0, 256, (9, 7, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "noise.png")
    image, files = preprocess(pixels, res), {}
    for recipe, content in models.items():
        interpreter = Interpreter(
            model_content=content, experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
        )
        interpreter.allocate_tensors()
        integer = interpreter.get_input_details()[0]["dtype"] == np.int8
        tensor = (image ^ 0x80).view(np.int8) if integer else (image.astype(np.float32) - 127.5) / np.float32(127.5)
        interpreter.set_tensor(interpreter.get_input_details()[0]["index"], tensor[None])
        interpreter.invoke()
        output = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
        for name, values in {"input": tensor, "output": output}.items():
            (folder / f"{recipe}_{name}.bin").write_bytes(values.astype(values.dtype.newbyteorder("<")).tobytes())
        files[recipe] = {name: {"file": f"{recipe}_{name}.bin"} for name in ("input", "output")}
    (folder / "golden.json").write_text(json.dumps([{"image": "noise.png", "models": files}]) + "\n")
