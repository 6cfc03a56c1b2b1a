"""`make bench-applications`: which networks of Keras Applications are read, quantized and written in integers.

`python -m experiments.applications [--markdown] [NETWORK...]`: all networks under 30 M parameters, with random weights,
at 80 x 80, each in a process of its own. The float file is compared with Keras, and the int8 file with the one of
TensorFlow's converter: its ops, and its latency in one run. Nothing is said of accuracy: the weights are random.
"""

import json
import subprocess
import sys
import time
from collections import Counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.terminal import table

NETWORKS = (
    *("MobileNet", "MobileNetV2", "MobileNetV3Small", "MobileNetV3Large", "NASNetMobile"),
    *("EfficientNetB0", "EfficientNetB1", "EfficientNetB2", "EfficientNetB3", "EfficientNetB4"),
    *("EfficientNetV2B0", "EfficientNetV2B1", "EfficientNetV2B2", "EfficientNetV2B3", "EfficientNetV2S"),
    *("DenseNet121", "DenseNet169", "DenseNet201", "InceptionV3", "Xception", "ResNet50", "ResNet50V2", "ConvNeXtTiny"),
)
RES, IMAGES, ROUNDS = 80, 10, 15
HEADER = ["network", "M parameters", "ops", "float error", "int8 ops", "the converter's", "latency ratio"]
LEGEND = (
    "float error: the largest difference between the float file's scores and Keras's, as a share of the largest score.",
    "int8 ops: how many, and how many of them in integers. the converter's: the ops that the int8 file has more or",
    "fewer than that of TensorFlow's converter, which may keep the layers that normalize the image. latency ratio: of",
    "our int8 file to the converter's, medians in turn.",
)

Pixels = NDArray[np.uint8]


def main(arguments: list[str]) -> None:
    """Print the table."""
    if "--help" in arguments:
        print(__doc__)
        return
    markdown = "--markdown" in arguments
    names = [argument for argument in arguments if not argument.startswith("--")] or NETWORKS
    rows = []
    for name in names:
        start = time.monotonic()
        rows.append(row_of(name))
        print(f"{', '.join(rows[-1])}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    if markdown:
        print("\n".join(f"| {' | '.join(line)} |" for line in [HEADER, ["---"] * len(HEADER), *rows]))
    else:
        print(table(HEADER, rows))
    print()
    print("\n".join(LEGEND))


def row_of(name: str) -> list[str]:
    """The row of one network, measured in a process of its own, which bounds the memory."""
    command = [sys.executable, "-m", "experiments.applications", "--one", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return [name, "", f"refused: {reason}", "", "", "", ""]
    row: list[str] = json.loads(done.stdout.splitlines()[-1])
    return row


def measured(name: str) -> list[str]:
    """The cells of one network's row."""
    from mobilenet_tf.errors import ModelError
    from mobilenet_tf.keras_loader import keras
    from mobilenet_tf.quantization.keras_graph import float_file

    rng = np.random.default_rng(0)
    model = getattr(keras.applications, name)(weights=None, input_shape=(RES, RES, 3))
    images = rng.integers(0, 256, (IMAGES, RES, RES, 3), dtype=np.uint8)
    inputs = images.astype(np.float32) if takes_bytes(model) else images.astype(np.float32) / 127.5 - 1
    randomize(model, rng, inputs[:2])
    cells = [name, f"{model.count_params() / 1e6:.1f}"]
    content = float_file(model)
    try:
        return cells + compared(model, content, images, inputs)
    except ModelError as error:
        return [*cells, f"refused: {str(error).splitlines()[0]}", "", "", "", ""]


def compared(model: Any, content: bytes, images: Pixels, inputs: NDArray[np.float32]) -> list[str]:
    """The cells from the third: what is read and written, beside Keras and beside TensorFlow's converter."""
    from mobilenet_tf.quantization.correction import quantize_uncorrected
    from mobilenet_tf.quantization.file_writer import write_float, write_integer
    from mobilenet_tf.quantization.graph_reader import read_graph
    from mobilenet_tf.quantization.prologue import for_bytes, without_prologue
    from mobilenet_tf.tflite.flatbuffer import describe_ops, op_names, pack, parse
    from mobilenet_tf.tflite.interpreter import Session

    graph = read_graph(content, model.name)
    written = Session(pack(write_float(graph, "float32", model.name)), threads=2)
    expected = np.asarray(model(inputs, training=False))
    found = np.concatenate([written.run(image[None]) for image in inputs])
    error = float(np.abs(found - expected).max() / expected.max())
    quantized = quantize_uncorrected(for_bytes(without_prologue(graph)), images)
    integer = pack(write_integer(quantized, "int8", model.name))
    Session(integer).run(np.zeros((1, *images.shape[1:]), np.int8))  # it loads, and runs
    _, types = describe_ops(parse(integer))
    whole = sum(dtypes <= {"INT8", "INT32"} for _, dtypes in types)
    cells = [str(len(op_names(parse(content)))), f"{error:.0e}", f"{len(types)}, {whole} in integers"]
    return cells + beside_converter(model, integer, inputs)


def beside_converter(model: Any, integer: bytes, inputs: NDArray[np.float32]) -> list[str]:
    """How the ops and the latency of our int8 file differ from those of the converter's."""
    from experiments.latency import medians_in_turns
    from mobilenet_tf.tflite.flatbuffer import op_names, parse

    try:
        plain = plain_integer_file(model, inputs)
    except Exception as error:  # the converter raises errors of many kinds
        return [f"refuses: {str(error).strip().splitlines()[-1][:60]}", ""]
    ours, theirs = Counter(op_names(parse(integer))), Counter(op_names(parse(plain)))
    more, fewer = ours - theirs, theirs - ours
    difference = [f"+{count} {op}" for op, count in more.items()] + [f"-{count} {op}" for op, count in fewer.items()]
    medians = medians_in_turns({"ours": integer, "theirs": plain}, ROUNDS)
    return [", ".join(difference) or "the same", f"{medians['ours'] / medians['theirs']:.2f}"]


def plain_integer_file(model: Any, inputs: NDArray[np.float32]) -> bytes:
    """The int8 .tflite that TensorFlow's converter makes."""
    import contextlib
    import io

    from mobilenet_tf.keras_loader import tf

    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2  # isort: skip

    image = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32)  # as ours: one image
    concrete = tf.function(lambda image: model(image, training=False)).get_concrete_function(image)
    converter = tf.lite.TFLiteConverter.from_concrete_functions([convert_variables_to_constants_v2(concrete)])
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([image[None]] for image in inputs)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    with contextlib.redirect_stdout(io.StringIO()):  # it lists every variable
        content: bytes = converter.convert()
    return content


def takes_bytes(model: Any) -> bool:
    """Whether a model normalizes the image itself."""
    from mobilenet_tf.keras_loader import keras

    return any(isinstance(layer, keras.layers.Rescaling | keras.layers.Normalization) for layer in model.layers[:4])


def randomize(model: Any, rng: np.random.Generator, inputs: NDArray[np.float32]) -> None:
    """Random weights under which the activations of every layer vary, and the scores too."""
    from mobilenet_tf.keras_loader import keras

    layers = [layer for layer in model.layers if not isinstance(layer, keras.layers.Normalization)]
    for weight in (weight for layer in layers for weight in layer.weights):
        shape, name = tuple(weight.shape), weight.name
        if "kernel" in name:
            fan_in = np.prod(shape[:-2]) if "depthwise" in name else np.prod(shape[:-1])
            weight.assign(rng.normal(0, np.sqrt(2 / fan_in), shape))
        elif "variance" in name or "gamma" in name:
            weight.assign(rng.uniform(0.5, 1.5, shape))
        else:
            weight.assign(rng.normal(0, 0.1, shape))
    last = [layer for layer in layers if hasattr(layer, "kernel")][-1]
    features = np.asarray(keras.Model(model.input, last.input)(inputs, training=False))
    spread = np.sqrt(np.square(features).mean() * np.prod(last.kernel.shape[:-1]))
    last.kernel.assign(rng.normal(0, 3 / max(spread, 1e-30), last.kernel.shape))  # logits of about -6 to 6


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measured(sys.argv[2])))
    else:
        main(sys.argv[1:])
