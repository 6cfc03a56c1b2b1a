import pytest

from mobilenet_tf.tflite.flatbuffer import describe_ops, op_names, pack, parse


@pytest.mark.parametrize(("recipe", "dtype"), [("int8", "INT8"), ("int16x8", "INT16"), ("float32", "FLOAT32")])
def test_the_activations_of_every_op_have_the_recipes_dtype(small_files, recipe, dtype):
    assert {frozenset(dtypes) for _, dtypes in describe_ops(parse(small_files[recipe]))[1]} == {frozenset({dtype})}


def test_ops_are_counted_and_listed_in_order(small_files):
    model = parse(small_files["int8"])
    counts, ops = describe_ops(model)
    assert [name for name, _ in ops] == op_names(model)
    assert op_names(model)[:3] == ["CONV_2D", "DEPTHWISE_CONV_2D", "CONV_2D"]
    assert sum(counts.values()) == len(ops)
    assert counts["DEPTHWISE_CONV_2D"] == 13


def test_what_was_packed_and_parsed_packs_to_the_same_bytes(small_files):
    once = pack(parse(small_files["int8"]))
    assert pack(parse(once)) == once
