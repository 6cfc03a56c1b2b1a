"""The tiny detector that android_demo's tests run in a real interpreter: TFLite's post-processing over a 2 x 2 picture.

The twelve values of the picture are both the encodings of three boxes and, through a sigmoid, the scores of three
classes and a background for each.
"""

import json
from pathlib import Path
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter
from flatbuffers import flexbuffers
from numpy.typing import NDArray
from PIL import Image

from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.contract.preprocessing import STRETCH_RULE, rule_sha256

ANCHORS, CLASSES, RES = 3, 3, 2
FLOAT32, INT32 = schema.TensorType.FLOAT32, schema.TensorType.INT32
OUTPUTS = ([1, ANCHORS, 4], [1, ANCHORS], [1, ANCHORS], [1])


def detector_bytes() -> bytes:
    """The .tflite file: RESHAPE, LOGISTIC, TFLite_Detection_PostProcess."""
    graph = schema.SubGraphT()
    shapes = [[1, RES, RES, 3], [3], [1, ANCHORS, 4], [1, ANCHORS, 4], [ANCHORS, 4], *OUTPUTS]
    graph.tensors = [_tensor(shape, FLOAT32) for shape in shapes]
    graph.tensors[1].type, graph.tensors[1].buffer, graph.tensors[4].buffer = INT32, 1, 2
    reshape = schema.ReshapeOptionsT()
    reshape.newShape = [1, ANCHORS, 4]
    graph.operators = [_operator(0, [0, 1], [2]), _operator(1, [2], [3]), _operator(2, [2, 3, 4], [5, 6, 7, 8])]
    graph.operators[0].builtinOptionsType = schema.BuiltinOptions.ReshapeOptions
    graph.operators[0].builtinOptions = reshape
    graph.operators[2].customOptions = np.frombuffer(_post_processing(), np.uint8)
    graph.inputs, graph.outputs = [0], [5, 6, 7, 8]
    model = schema.ModelT()
    model.version, model.subgraphs = 3, [graph]
    shape = np.array([1, ANCHORS, 4], "<i4")
    anchors = np.array([[0.25, 0.25, 0.5, 0.5], [0.5, 0.5, 1, 1], [0.75, 0.25, 0.5, 0.25]], "<f4")
    model.buffers = [schema.BufferT(), _buffer(shape), _buffer(anchors)]
    model.operatorCodes = [_code("RESHAPE"), _code("LOGISTIC"), _code("CUSTOM", b"TFLite_Detection_PostProcess")]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), file_identifier=b"TFL3")
    return bytes(builder.Output())


def _post_processing() -> bytes:
    numbers = {"max_detections": ANCHORS, "max_classes_per_detection": 1, "detections_per_class": ANCHORS}
    scales = {"y_scale": 10.0, "x_scale": 10.0, "h_scale": 5.0, "w_scale": 5.0}
    thresholds = {"nms_score_threshold": 0.3, "nms_iou_threshold": 0.6}
    builder = flexbuffers.Builder()
    with builder.Map():
        for name, number in (numbers | {"num_classes": CLASSES}).items():
            builder.Int(name, number)
        for name, value in (scales | thresholds).items():
            builder.Float(name, value)
        builder.Bool("use_regular_nms", False)
    return bytes(builder.Finish())


def _tensor(shape: list[int], dtype: int) -> Any:
    tensor = schema.TensorT()
    tensor.shape, tensor.type, tensor.buffer = shape, dtype, 0
    return tensor


def _buffer(values: NDArray[Any]) -> Any:
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(values.tobytes(), np.uint8)
    return buffer


def _operator(code: int, inputs: list[int], outputs: list[int]) -> Any:
    operator = schema.OperatorT()
    operator.opcodeIndex, operator.inputs, operator.outputs = code, inputs, outputs
    return operator


def _code(name: str, custom: bytes | None = None) -> Any:
    code = schema.OperatorCodeT()
    number = getattr(schema.BuiltinOperator, name)
    code.builtinCode, code.deprecatedBuiltinCode, code.version, code.customCode = number, min(number, 127), 1, custom
    return code


def detector_manifest(classifier: Manifest) -> str:
    """The manifest's text, from one of a classifier: with the task, the rule and all outputs."""
    fields = json.loads(classifier.to_json())
    fields |= {"task": "detection", "classes": CLASSES, "head": "sigmoid"}
    fields |= {"preprocessing": STRETCH_RULE, "preprocessing_sha256": rule_sha256(STRETCH_RULE)}
    (file,) = fields["files"]
    file["ops"] = {"RESHAPE": 1, "LOGISTIC": 1, "TFLite_Detection_PostProcess": 1}
    file["outputs"] = [{"dtype": "float32", "shape": shape, "scale": 0.0, "zero_point": 0} for shape in OUTPUTS]
    file["output"] = file["outputs"][0]
    return json.dumps(fields, indent=2) + "\n"


def write_detector_golden(folder: Path, content: bytes) -> None:
    """Golden vectors of a picture of RES x RES pixels, which the rule leaves as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(1).integers(0, 256, (RES, RES, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(folder / "noise.png")
    tensor = ((pixels.astype(np.float32) - np.float32(127.5)) / np.float32(127.5))[None]
    interpreter = Interpreter(model_content=content)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], tensor)
    interpreter.invoke()
    outputs = [interpreter.get_tensor(details["index"]) for details in interpreter.get_output_details()]
    files = {"input.bin": tensor} | {f"output{number}.bin": output for number, output in enumerate(outputs)}
    for name, values in files.items():
        (folder / name).write_bytes(values.astype("<f4").tobytes())
    tensors = {"input": {"file": "input.bin"}, "outputs": [{"file": f"output{n}.bin"} for n in range(len(outputs))]}
    (folder / "golden.json").write_text(json.dumps([{"image": "noise.png", "models": {"float32": tensors}}]) + "\n")
