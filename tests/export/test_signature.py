"""LiteRT's own tools call a model by the names of its signature."""

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from export.recipes import RECIPES
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.model_builder import INPUT_NAME, OUTPUT_NAME, SIGNATURE


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_file_is_run_by_its_signature(small_files, recipe):
    model = ImageModel.from_bytes(small_files[recipe])
    pixels = np.random.default_rng(0).integers(0, 256, (model.res, model.res, 3), dtype=np.uint8)
    interpreter = Interpreter(model_content=small_files[recipe])
    interpreter.allocate_tensors()
    run = interpreter.get_signature_runner(SIGNATURE)
    answers = run(**{INPUT_NAME: model.tensor(pixels)})
    np.testing.assert_array_equal(answers[OUTPUT_NAME][0], model.output(pixels))
