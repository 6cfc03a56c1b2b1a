"""A detector in TensorFlow's own int8 conversion, as its guide shows it: what the exports here are compared with."""

from collections.abc import Callable
from typing import Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import dequantize, to_input
from mobilenet_tf.keras_loader import keras

from .plain_converter import plain_file

__all__ = ["plain_int8_predictor"]


def plain_int8_predictor(
    model: keras.Model, images: NDArray[np.uint8]
) -> Callable[[NDArray[np.uint8]], tuple[Any, Any]]:
    """What the int8 conversion of a detector gives: (n, res, res, 3) uint8 -> (encodings of boxes, scores).

    images: (n, res, res, 3) to calibrate on.
    """
    interpreter = Interpreter(model_content=plain_file(model, images), num_threads=2)
    interpreter.allocate_tensors()
    (given,) = interpreter.get_input_details()
    outputs = sorted(interpreter.get_output_details(), key=lambda one: one["shape"][-1] != 4)
    if outputs[1]["shape"][-1] == 4:  # four classes: the names tell them apart
        outputs.sort(key=lambda one: str(one["name"]))

    def predict(batch: NDArray[np.uint8]) -> tuple[Any, Any]:
        rows: tuple[list[Any], list[Any]] = [], []
        for image in to_input(batch, given["dtype"]):
            interpreter.set_tensor(given["index"], image[None])
            interpreter.invoke()
            for row, one in zip(rows, outputs, strict=True):
                row.append(dequantize(interpreter.get_tensor(one["index"])[0], *one["quantization"]))
        return np.stack(rows[0]), np.stack(rows[1])

    return predict
