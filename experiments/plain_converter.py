"""TensorFlow's own int8 conversion, as its guide shows it: what the corrections here are compared with."""

import contextlib
import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.keras_loader import keras, tf

from tensorflow.lite.python.convert import mlir_quantize  # isort: skip
from tensorflow.lite.python.optimize import calibrator  # isort: skip

__all__ = ["plain_file", "plain_int8", "representative"]


def plain_file(model: keras.Model, images: NDArray[np.uint8] | None = None) -> bytes:
    """The .tflite of a Keras model of ours: int8 if images (n, res, res, 3) are given to calibrate on, else float32."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if images is not None:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: representative(images)
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tf.int8
    with contextlib.redirect_stdout(io.StringIO()):  # it lists every variable
        content: bytes = converter.convert()
    return content


def plain_int8(content: bytes, images: NDArray[np.float32]) -> bytes:
    """The int8 .tflite of a float .tflite: the second half of what TFLiteConverter does, which needs no Keras model.

    images: (n, height, width, channels) to calibrate on, as the float file takes them.
    """
    measured = calibrator.Calibrator(calibrator.add_intermediate_tensors(content))
    calibrated = measured.calibrate(lambda: ([image[None]] for image in images))
    quantized: bytes = mlir_quantize(calibrated, fully_quantize=True, input_data_type=tf.int8, output_data_type=tf.int8)
    return quantized


def representative(images: NDArray[np.uint8]) -> Iterator[list[NDArray[np.float32]]]:
    """One normalized image at a time. Black and white pixels in the first make the input's scale that of a byte."""
    first = images[:1].copy()
    first[0, 0, 0], first[0, -1, -1] = 0, 255
    yield [normalize(first)]
    for index in range(1, len(images)):
        yield [normalize(images[index : index + 1])]
