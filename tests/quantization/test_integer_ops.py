"""The integer file of each op beside the simulation: within one step of its output."""

import numpy as np
import pytest

from mobilenet_tf.errors import ModelError
from mobilenet_tf.quantization.correction import quantize_uncorrected
from mobilenet_tf.quantization.file_writer import write_integer
from mobilenet_tf.quantization.graph_reader import read_graph
from mobilenet_tf.quantization.keras_graph import convert_function
from mobilenet_tf.quantization.ops import OPS as KNOWN
from mobilenet_tf.tflite.flatbuffer import op_names, pack
from mobilenet_tf.tflite.interpreter import Session

from .test_graph_reader import OPS, SHAPE

IMAGES = np.random.default_rng(1).integers(0, 256, (12, *SHAPE), dtype=np.uint8)
# Steps of the output that kernels may be off, if it is more than one.
STEPS_OFF = {
    ("MUL", "int16"): 2,  # a step of the gate, and one of the product
    ("TANH", "int16"): 2,  # interpolated from a table
    ("RESIZE_BILINEAR", "int16"): 192,  # its positions have 10 bits: 3 * 2**-10 of up to 65535 steps
}


def ran(content, graph):
    """What the interpreter gives for IMAGES, as real numbers."""
    session = Session(content)
    tensor = session.input
    if tensor.dtype == np.int8:
        batch = (IMAGES.astype(np.int16) - 128).astype(np.int8)
    else:
        batch = np.clip(np.rint(graph.normalize(IMAGES) / tensor.scale), -32768, 32767).astype(np.int16)
    outputs = np.concatenate([session.run(image[None]) for image in batch]).astype(np.float64)
    return (outputs - session.output.zero_point) * session.output.scale


@pytest.mark.parametrize("activations", ["int8", "int16"])
@pytest.mark.parametrize("name", OPS)
def test_each_integer_op_computes_what_the_simulation_computes(name, activations):
    graph = read_graph(convert_function(OPS[name], SHAPE))
    quantized = quantize_uncorrected(graph, IMAGES, activations=activations)
    ops = {node.op for node in graph.nodes}
    missing = [op for op in ops if op in KNOWN and activations == "int16" and not KNOWN[op].int16]
    if missing:
        with pytest.raises(ModelError, match=f"TFLite has no int16 kernel for ({'|'.join(missing)})"):
            write_integer(quantized, activations, "x")
        return
    model = write_integer(quantized, activations, "x")
    assert not {"QUANTIZE", "DEQUANTIZE"} & set(op_names(model))
    found = ran(pack(model), graph)
    *_, (index, simulated) = quantized.outputs(graph.normalize(IMAGES))
    step = float(quantized.steps_of(index, activations).scale[0])
    difference = np.abs(found - np.asarray(simulated, np.float64)) / step
    assert np.ptp(simulated) > 20 * step
    # The simulation takes an int16 image before it is rounded to a step of 2**-15.
    assert difference.max() < STEPS_OFF.get((name, activations), 1) + 0.01
