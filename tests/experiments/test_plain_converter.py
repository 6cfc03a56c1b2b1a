"""The int8 conversion that the corrections are compared with is TensorFlow's own, also of a float .tflite."""

import numpy as np
import pytest

from experiments.plain_converter import plain_file, plain_int8, representative
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.quantization.keras_graph import float_file
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.tflite.flatbuffer import describe_ops, parse
from mobilenet_tf.tflite.image_model import ImageModel

pytestmark = pytest.mark.slow


def test_a_float_file_is_converted_as_its_keras_model_is():
    model = build_model(ModelSpec("mobilenet_v1", 0.25, 32, 5))
    images = np.random.default_rng(0).integers(0, 256, (12, 32, 32, 3), np.uint8)
    float_images = np.concatenate([image for (image,) in representative(images)])
    theirs, ours = plain_file(model, images), plain_int8(float_file(model), float_images)
    assert describe_ops(parse(theirs)) == describe_ops(parse(ours))
    expected, found = (ImageModel.from_bytes(content).predict(images) for content in (theirs, ours))
    assert np.array_equal(expected, found)
