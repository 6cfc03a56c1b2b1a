"""LiteRT's quantizer on one float .tflite. It runs in build/venv-peers, which `make venv-peers` makes.

`python experiments/litert_peer.py FLOAT.tflite IMAGES.npy ALGORITHM INT8.tflite` prints the seconds that it took.
IMAGES are float32 (n, height, width, channels), as the float file takes them. ALGORITHM is MIN_MAX_UNIFORM_QUANT, OCTAV
or GPTQ. Version 0.11 has GPTQ for fully connected ops alone, so that all others are quantized by min-max. It loses
what GPTQ measures if another op has measured the same tensor, and then writes floats into an int8 tensor: the two are
therefore calibrated separately, and the results put together. Behind a RESHAPE this does not help, and is refused here.
"""

import contextlib
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from litert_quantizer import quantizer, recipe
from litert_quantizer.algorithm_manager import AlgorithmName
from litert_quantizer.qtyping import TFLOperationName
from litert_quantizer.utils.tfl_flatbuffer_utils import read_model

THREADS = 2
INT8 = 9  # TFLite's number of the type


def main(model: str, images: str, algorithm: str, output: str) -> None:
    """Calibrate and quantize, weights and activations in int8."""
    content, chosen = Path(model).read_bytes(), AlgorithmName[algorithm]
    samples = [{"image": image[None]} for image in np.load(images)]
    everywhere = AlgorithmName.MIN_MAX_UNIFORM_QUANT if chosen == AlgorithmName.GPTQ else chosen
    start = time.perf_counter()
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        quantizing = quantizer.Quantizer(content)
        quantizing.load_quantization_recipe(recipe.static_wi8_ai8(everywhere))
        measured = calibrated(quantizing, samples)
        if chosen == AlgorithmName.GPTQ:
            quantizing.add_static_config(".*", TFLOperationName.FULLY_CONNECTED, 8, 8, algorithm_key=chosen)
            alone = quantizer.Quantizer(content)
            alone.add_static_config(".*", TFLOperationName.FULLY_CONNECTED, 8, 8, algorithm_key=chosen)
            more = calibrated(alone, samples)
            measured = {name: more.get(name, {}) | found for name, found in measured.items()}
        quantizing.quantize(measured, enable_progress_report=False).export_model(output, overwrite=True)
    refuse_floats(output)
    print(f"{time.perf_counter() - start:.1f}")


def calibrated(quantizing: Any, samples: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What was measured of each tensor."""
    return quantizing.calibrate({"serving_default": samples}, num_threads=THREADS)


def refuse_floats(file: str) -> None:
    """Raise ValueError if a constant of the file has not as many bytes as its type says."""
    model = read_model(file)
    for tensor in model.subgraphs[0].tensors:
        data = model.buffers[tensor.buffer].data
        if tensor.type == INT8 and data is not None and len(data) != np.prod(tensor.shape):
            raise ValueError(f"an invalid file: {len(data)} bytes in {tensor.name.decode()}, int8 {list(tensor.shape)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
