"""The tiny classifier that android_demo's tests run in a real interpreter, without an export.

`python -m android_demo.tools.tiny_model` writes android_demo/src/test/resources/models/: tiny/ as an export folder
without golden vectors, RESHAPE and SOFTMAX over a picture of 2 x 2, as int8 and float32; tags/, as an export of a model
of other people's kind: a sigmoid for each of twelve tags, and a mean and std for each channel, with golden vectors;
rank2.tflite, whose input has two dimensions; newer.tflite, with an operator that is newer than every runtime;
found/, a detector (tiny_detector.py); and vector/, an embedding (tiny_embedding.py).
"""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from PIL import Image

from mobilenet_tf.contract.manifest import (
    MANIFEST_FILE,
    SCHEMA_VERSION,
    CalibrationRecord,
    FileRecord,
    Manifest,
    TensorRecord,
    WeightsRecord,
)
from mobilenet_tf.contract.preprocessing import MEAN, RULE, STD, preprocess, rule_sha256
from mobilenet_tf.tflite.flatbuffer import pack, parse
from mobilenet_tf.tflite.given_input import GivenInput
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.interpreter import Session

from .tiny_detector import detector_bytes, detector_manifest, write_detector_golden
from .tiny_embedding import embedding_manifest, write_embedding_golden

FOLDER = Path("android_demo/src/test/resources/models")
RES, CLASSES = 2, 12
# The golden picture has the tags 6 and 7 alone, a white picture eight.
THRESHOLDS = [0.95, 0.9, 0.6, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.95, 0.5, 1.0]
TAGS_MEAN, TAGS_STD = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]
# The scale and the zero point of an int8 output: a probability, or the part of a vector of length 1.
STEPS = {"SOFTMAX": (1 / 256, -128), "L2_NORMALIZATION": (1 / 128, 0)}
FLOAT32, INT32, INT8 = schema.TensorType.FLOAT32, schema.TensorType.INT32, schema.TensorType.INT8


def tensor(shape: list[int], dtype: int, scale: float, zero_point: int, buffer: int = 0) -> Any:
    """A tensor of the graph; a scale of 0 means that it is not quantized."""
    new = schema.TensorT()
    new.shape, new.type, new.buffer = shape, dtype, buffer
    if scale:
        new.quantization = schema.QuantizationParametersT()
        new.quantization.scale, new.quantization.zeroPoint = [scale], [zero_point]
    return new


def operator(code: int, inputs: list[int], outputs: list[int], kind: int, options: Any) -> Any:
    """An operator of the graph."""
    new = schema.OperatorT()
    new.opcodeIndex, new.inputs, new.outputs = code, inputs, outputs
    new.builtinOptionsType, new.builtinOptions = kind, options
    return new


def build(input_shape: list[int], dtype: int, end: str = "SOFTMAX") -> bytes:
    """A .tflite file that flattens a picture's values and applies `end`: a softmax, a sigmoid to each
    (LOGISTIC), or a division by their length (L2_NORMALIZATION).
    """
    integer = dtype == INT8
    steps = (1 / 127.5, 0) if integer else (0.0, 0)
    graph = schema.SubGraphT()
    graph.tensors = [
        tensor(input_shape, dtype, *steps),
        tensor([2], INT32, 0.0, 0, buffer=1),
        tensor([1, CLASSES], dtype, *steps),
        tensor([1, CLASSES], dtype, *(STEPS[end] if integer else (0.0, 0))),
    ]
    reshape, softmax = schema.ReshapeOptionsT(), schema.SoftmaxOptionsT()
    reshape.newShape, softmax.beta = [1, CLASSES], 1.0
    options = schema.BuiltinOptions
    ends = {
        "SOFTMAX": (options.SoftmaxOptions, softmax),
        "L2_NORMALIZATION": (options.L2NormOptions, schema.L2NormOptionsT()),
    }
    graph.operators = [
        operator(0, [0, 1], [2], options.ReshapeOptions, reshape),
        operator(1, [2], [3], *ends.get(end, (options.NONE, None))),
    ]
    graph.inputs, graph.outputs = [0], [3]
    model = schema.ModelT()
    model.version, model.subgraphs, model.buffers = 3, [graph], [schema.BufferT(), schema.BufferT()]
    model.buffers[1].data = np.frombuffer(np.array([1, CLASSES], "<i4").tobytes(), np.uint8)
    model.operatorCodes = [operator_code(code, integer) for code in ("RESHAPE", end)]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def newer() -> bytes:
    """The tiny classifier with a SOFTMAX of a version that no runtime has yet."""
    model = parse(build([1, RES, RES, 3], INT8))
    model.operatorCodes[1].version = 99
    return pack(model)


def operator_code(name: str, integer: bool) -> Any:
    """The operator's code, with the first version that supports the dtype."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
    code.version = 2 if integer and name in STEPS else 1
    return code


def record(path: str, recipe: str, model: bytes, end: str = "SOFTMAX") -> FileRecord:
    """A file's record in the manifest. The file is not verified, which `images` shows by 0."""
    session = Session(model, backend="ai-edge-litert", delegate=False)
    tensors = [
        TensorRecord(info.dtype.name, list(info.shape), info.scale, info.zero_point)
        for info in (session.input, session.outputs[0])
    ]
    return FileRecord(
        path=path,
        recipe=recipe,
        correction="none",
        per_tensor=False,
        size_bytes=len(model),
        sha256=hashlib.sha256(model).hexdigest(),
        input=tensors[0],
        output=tensors[1],
        ops={"RESHAPE": 1, end: 1},
        images=0,
        agreement=1.0,
        max_abs_error=0.0,
        mean_step_error=None,
        max_step_error=None,
        probability_change=None,
        accuracy=None,
    )


def manifest_of(name: str, labels: str, files: list[FileRecord]) -> Manifest:
    """The manifest of an export whose labels are this text."""
    return Manifest(
        schema_version=SCHEMA_VERSION,
        name=name,
        arch=name,
        alpha=1.0,
        res=RES,
        classes=CLASSES,
        background=False,
        head="softmax",
        mean=[MEAN],
        std=[STD],
        converted_from=None,
        weights=WeightsRecord("random", None, {}),
        calibration=CalibrationRecord("bundled", 0, 0, "", 0),
        verification=None,
        split=None,
        preprocessing=dict(RULE),
        preprocessing_sha256=rule_sha256(),
        labels="labels.txt",
        labels_sha256=hashlib.sha256(labels.encode()).hexdigest(),
        files=files,
        golden="golden",
        notes=[],
        versions={},
    )


def write_tiny(folder: Path) -> None:
    """Write tiny/."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = "".join(f"value {index}\n" for index in range(CLASSES))
    models = {"int8": build([1, RES, RES, 3], INT8), "float32": build([1, RES, RES, 3], FLOAT32)}
    for recipe, model in models.items():
        (folder / f"tiny_{recipe}.tflite").write_bytes(model)
    (folder / "labels.txt").write_text(labels)
    files = [record(f"tiny_{recipe}.tflite", recipe, model) for recipe, model in models.items()]
    (folder / MANIFEST_FILE).write_text(manifest_of("tiny", labels, files).to_json())


def write_tags(folder: Path) -> None:
    """Write tags/, with the golden vectors of one picture."""
    golden = folder / "golden"
    golden.mkdir(parents=True, exist_ok=True)
    labels, content = (
        "".join(f"tag {index}\n" for index in range(CLASSES)),
        build([1, RES, RES, 3], FLOAT32, "LOGISTIC"),
    )
    (folder / "tags_float32.tflite").write_bytes(content)
    (folder / "labels.txt").write_text(labels)
    manifest = manifest_of("tags", labels, [record("tags_float32.tflite", "float32", content, "LOGISTIC")])
    own = dataclasses.replace(manifest, alpha=None, head="sigmoid", mean=TAGS_MEAN, std=TAGS_STD, thresholds=THRESHOLDS)
    (folder / MANIFEST_FILE).write_text(own.to_json())
    model = ImageModel.from_bytes(content, delegate=False, given=GivenInput.of(TAGS_MEAN, TAGS_STD))
    pixels = np.random.default_rng(0).integers(0, 256, (7, 9, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(golden / "noise.png")
    image = preprocess(pixels, RES)
    tensors = {"input": model.tensor(image)[0], "output": model.output(image)}
    for name, tensor_values in tensors.items():
        (golden / f"{name}.bin").write_bytes(tensor_values.astype("<f4").tobytes())
    files = {name: {"file": f"{name}.bin"} for name in tensors}
    (golden / "golden.json").write_text(json.dumps([{"image": "noise.png", "models": {"float32": files}}]) + "\n")


def write_detector(folder: Path) -> None:
    """Write found/, with the golden vectors of one picture."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = "one\ntwo\nthree\n"
    content = detector_bytes()
    (folder / "found_float32.tflite").write_bytes(content)
    (folder / "labels.txt").write_text(labels)
    classifier = manifest_of("found", labels, [record("found_float32.tflite", "float32", content)])
    (folder / MANIFEST_FILE).write_text(detector_manifest(classifier))
    write_detector_golden(folder / "golden", content)


def write_embedding(folder: Path) -> None:
    """Write vector/, with the golden vectors of one picture."""
    folder.mkdir(parents=True, exist_ok=True)
    end = "L2_NORMALIZATION"
    models = {name: build([1, RES, RES, 3], dtype, end) for name, dtype in (("int8", INT8), ("float32", FLOAT32))}
    for recipe, content in models.items():
        (folder / f"vector_{recipe}.tflite").write_bytes(content)
    files = [record(f"vector_{recipe}.tflite", recipe, content, end) for recipe, content in models.items()]
    (folder / MANIFEST_FILE).write_text(embedding_manifest(manifest_of("vector", "", files)))
    write_embedding_golden(folder / "golden", models, RES)


def main() -> None:
    """Write the folders."""
    write_tiny(FOLDER / "tiny")
    write_tags(FOLDER / "tags")
    write_detector(FOLDER / "found")
    write_embedding(FOLDER / "vector")
    (FOLDER / "rank2.tflite").write_bytes(build([1, CLASSES], FLOAT32))
    (FOLDER / "newer.tflite").write_bytes(newer())


if __name__ == "__main__":
    main()
