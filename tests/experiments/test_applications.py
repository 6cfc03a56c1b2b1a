import keras
import numpy as np

from experiments.applications import compared, randomize, row_of
from mobilenet_tf.quantization.keras_graph import float_file

RES = 32
IMAGES = np.random.default_rng(0).integers(0, 256, (4, RES, RES, 3), dtype=np.uint8)


def network():
    image = keras.Input((RES, RES, 3))
    x = keras.layers.Conv2D(8, 3, 2, use_bias=False)(image)
    x = keras.layers.ReLU(6.0)(keras.layers.BatchNormalization()(x))
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.DepthwiseConv2D(3)(x))
    return keras.Model(image, keras.layers.Dense(5, activation="softmax")(x), name="small")


def test_the_int8_file_has_the_ops_of_the_converters():
    model = network()
    inputs = IMAGES.astype(np.float32) / 127.5 - 1
    randomize(model, np.random.default_rng(0), inputs[:2])
    ops, error, integer_ops, difference, ratio = compared(model, float_file(model), IMAGES, inputs)
    assert (ops, integer_ops, difference) == ("5", "5, 5 in integers", "the same")
    assert float(error) < 1e-4
    assert float(ratio) > 0


def test_a_network_that_does_not_exist_is_a_row_with_the_reason():
    name, _, refused, *_ = row_of("MobileNetV9")
    assert name == "MobileNetV9"
    assert refused.startswith("refused: AttributeError")
