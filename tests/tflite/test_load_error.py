import pytest

from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.flatbuffer import pack, parse
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.tflite.load_error import first_line, load_error
from tests.support.tflite_files import classifier_file, custom_op_file, flex_file


def test_ops_of_tensorflow_are_named_with_the_remedy():
    with pytest.raises(ModelError, match=r"x\.tflite has ops that need .* Flex delegate, .*: Tan\.\nConvert .* again"):
        Session(flex_file(), name="x.tflite")


def test_custom_ops_are_named_with_the_remedy():
    with pytest.raises(ModelError, match=r"has custom ops, which ai-edge-litert .* does not know: Erfinv\.\nReplace"):
        Session(custom_op_file())


def test_a_file_for_the_edge_tpu_is_told_from_others():
    model = parse(custom_op_file())
    for code in model.operatorCodes:
        code.customCode = code.customCode and b"edgetpu-custom-op"
    with pytest.raises(ModelError, match=r"x\.tflite is compiled for the Edge TPU"):
        Session(pack(model), name="x.tflite")


def test_another_fault_is_not_laid_on_custom_ops():
    error = load_error(ValueError("out of memory\nsecond line"), custom_op_file(), name="x", backend="y")
    assert str(error).startswith("cannot load x: out of memory\nIt is damaged")
    assert str(load_error(RuntimeError(), classifier_file(), name="x", backend="y")).startswith(
        "cannot load x: RuntimeE"
    )


def test_what_an_interpreter_says_is_cut_between_words():
    assert first_line(ValueError("one\ntwo")) == "one"
    assert first_line(ValueError()) == "ValueError"
    text = first_line(ValueError("tensor " * 40))
    assert text.startswith("tensor tensor")
    assert text.endswith("tensor ...")
    assert len(text) <= 120
