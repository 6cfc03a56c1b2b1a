"""The tiny classifier that android_demo's tests run in a real interpreter, without an export.

`python -m android_demo.tools.tiny_model` writes android_demo/src/test/resources/models/: tiny/ as an export folder
without golden vectors, RESHAPE and SOFTMAX over a picture of 2 x 2, as int8 and float32; and rank2.tflite, whose
input has two dimensions.
"""

import hashlib
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

from mobilenet_tf.contract.manifest import (
    MANIFEST_FILE,
    SCHEMA_VERSION,
    CalibrationRecord,
    FileRecord,
    Manifest,
    TensorRecord,
    WeightsRecord,
)
from mobilenet_tf.contract.preprocessing import MEAN, RULE, STD, rule_sha256
from mobilenet_tf.tflite.image_model import ImageModel

FOLDER = Path("android_demo/src/test/resources/models")
RES, CLASSES = 2, 12
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


def build(input_shape: list[int], dtype: int) -> bytes:
    """A .tflite file that flattens a picture's values and applies a softmax."""
    integer = dtype == INT8
    steps = (1 / 127.5, 0) if integer else (0.0, 0)
    graph = schema.SubGraphT()
    graph.tensors = [
        tensor(input_shape, dtype, *steps),
        tensor([2], INT32, 0.0, 0, buffer=1),
        tensor([1, CLASSES], dtype, *steps),
        tensor([1, CLASSES], dtype, *((1 / 256, -128) if integer else (0.0, 0))),
    ]
    reshape, softmax = schema.ReshapeOptionsT(), schema.SoftmaxOptionsT()
    reshape.newShape, softmax.beta = [1, CLASSES], 1.0
    options = schema.BuiltinOptions
    graph.operators = [
        operator(0, [0, 1], [2], options.ReshapeOptions, reshape),
        operator(1, [2], [3], options.SoftmaxOptions, softmax),
    ]
    graph.inputs, graph.outputs = [0], [3]
    model = schema.ModelT()
    model.version, model.subgraphs, model.buffers = 3, [graph], [schema.BufferT(), schema.BufferT()]
    model.buffers[1].data = np.frombuffer(np.array([1, CLASSES], "<i4").tobytes(), np.uint8)
    model.operatorCodes = [operator_code(code, integer) for code in ("RESHAPE", "SOFTMAX")]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def operator_code(name: str, integer: bool) -> Any:
    """The operator's code, with the first version that supports the dtype."""
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, name)
    code.version = 2 if integer and name == "SOFTMAX" else 1
    return code


def record(path: str, recipe: str, model: bytes) -> FileRecord:
    """A file's record in the manifest. The file is not verified, which `images` shows by 0."""
    session = ImageModel.from_bytes(model).session
    tensors = [
        TensorRecord(info.dtype.name, list(info.shape), info.scale, info.zero_point)
        for info in (session.input, session.output)
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
        ops={"RESHAPE": 1, "SOFTMAX": 1},
        images=0,
        agreement=1.0,
        max_abs_error=0.0,
        mean_step_error=None,
        max_step_error=None,
        probability_change=None,
        accuracy=None,
    )


def main() -> None:
    """Write the folder."""
    folder = FOLDER / "tiny"
    folder.mkdir(parents=True, exist_ok=True)
    labels = "".join(f"value {index}\n" for index in range(CLASSES))
    models = {"int8": build([1, RES, RES, 3], INT8), "float32": build([1, RES, RES, 3], FLOAT32)}
    for recipe, model in models.items():
        (folder / f"tiny_{recipe}.tflite").write_bytes(model)
    (folder / "labels.txt").write_text(labels)
    manifest = Manifest(
        schema_version=SCHEMA_VERSION,
        name="tiny",
        arch="tiny",
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
        files=[record(f"tiny_{recipe}.tflite", recipe, model) for recipe, model in models.items()],
        golden="golden",
        notes=[],
        versions={},
    )
    (folder / MANIFEST_FILE).write_text(manifest.to_json())
    (FOLDER / "rank2.tflite").write_bytes(build([1, CLASSES], FLOAT32))


if __name__ == "__main__":
    main()
