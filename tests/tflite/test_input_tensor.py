import numpy as np
import pytest

from mobilenet_tf.errors import InputError
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.input_tensor import choose_normalization, input_of_byte
from mobilenet_tf.tflite.interpreter import TensorInfo

SHAPE = (1, 8, 8, 3)
FLOAT = TensorInfo(np.dtype(np.float32), SHAPE, 0.0, 0)
BYTES = np.arange(256)


def quantized(dtype, scale, zero_point):
    return TensorInfo(np.dtype(dtype), SHAPE, scale, zero_point)


@pytest.mark.parametrize(
    ("mean", "std", "low", "high"),
    [((0.0,), (1.0,), 0, 255), ((0.0,), (255.0,), 0, 1), ((127.5,), (127.5,), -1, 1)],
)
def test_floats_of_any_range(mean, std, low, high):
    chosen, notes = choose_normalization("x.tflite", FLOAT, None, Normalization(mean, std))
    table = input_of_byte(FLOAT, chosen)
    assert (table[0], table[255], table.dtype, notes) == (low, high, np.float32, [])


@pytest.mark.parametrize(
    ("tensor", "first"),
    [
        (quantized(np.uint8, 1 / 128, 128), 0),  # -1 to 1
        (quantized(np.int8, 1 / 255, -128), -128),  # 0 to 1
        (quantized(np.int8, 1.0, -128), -128),  # 0 to 255
        (quantized(np.uint8, 0.0, 0), 0),  # no scale: the network takes bytes
    ],
)
def test_a_quantized_input_of_a_usual_range_takes_bytes_without_a_word(tensor, first):
    chosen, notes = choose_normalization("x.tflite", tensor, None, None)
    assert (chosen, notes) == (None, [])
    np.testing.assert_array_equal(input_of_byte(tensor, chosen).astype(int), BYTES + first)


def test_a_quantized_input_of_another_range_gets_a_note():
    (note,) = choose_normalization("x.tflite", quantized(np.int8, 0.0187, -14), None, None)[1]
    assert "takes values from -2.13 to 2.64" in note
    assert "--mean and --std" in note


def test_a_given_normalization_is_quantized_by_the_files_own_scale():
    tensor = quantized(np.uint8, 1 / 64, 128)  # -2 to 2
    chosen, _ = choose_normalization("x.tflite", tensor, None, Normalization((127.5,), (127.5,)))
    table = input_of_byte(tensor, chosen)
    np.testing.assert_allclose((table.astype(float) - 128) / 64, (BYTES - 127.5) / 127.5, atol=0.5 / 64)


def test_the_right_step_with_another_offset_is_no_step_of_bytes():
    tensor = quantized(np.uint8, 1 / 255, 0)  # 0 to 1
    table = input_of_byte(tensor, Normalization((51.0,), (255.0,)))
    np.testing.assert_array_equal(table, (BYTES - 51).clip(0, 255))


def test_what_is_given_replaces_what_the_metadata_says_and_a_note_says_so():
    carried, given = Normalization((127.5,), (127.5,)), Normalization((0.0,), (255.0,))
    assert choose_normalization("x.tflite", FLOAT, carried, given) == (
        given,
        ["x.tflite says that its input is (byte - 127.5) / 127.5; (byte - 0) / 255 is used, as given."],
    )
    assert choose_normalization("x.tflite", FLOAT, carried, carried) == (carried, [])


def test_bytes_that_stand_for_themselves_take_no_normalization():
    with pytest.raises(InputError, match="takes uint8 values without a scale, that is bytes as they are"):
        choose_normalization("x.tflite", quantized(np.uint8, 0.0, 0), None, Normalization((0.0,), (255.0,)))
