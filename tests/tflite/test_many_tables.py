"""Files of a few bytes that name the same tables again and again."""

import time

import pytest

from experiments.fuzz_models import float_model
from mobilenet_tf.errors import WeightsError
from mobilenet_tf.tflite.flatbuffer import pack, parse
from mobilenet_tf.weights.tflite_file import read_tflite


def shared(field, count):
    """The bytes of a model whose graph, or whose field of it, stands `count` times in a vector."""
    model = float_model()
    if field == "subgraphs":
        model.subgraphs = model.subgraphs * count
    else:
        setattr(model.subgraphs[0], field, getattr(model.subgraphs[0], field)[:1] * count)
    return pack(model)


@pytest.mark.parametrize(("field", "count"), [("subgraphs", 4000), ("tensors", 51_000), ("operators", 51_000)])
def test_far_more_tables_than_a_network_has_are_refused_before_they_are_read(tmp_path, field, count):
    content = shared(field, count)
    start = time.process_time()
    with pytest.raises(ValueError, match=r"it has \d+ tensors, ops and other tables"):
        parse(content)
    assert time.process_time() - start < 1  # seconds; to read them all takes ten and more
    (tmp_path / "m.tflite").write_bytes(content)
    with pytest.raises(WeightsError, match="truncated or damaged"):
        read_tflite(tmp_path / "m.tflite")


def test_several_graphs_are_no_fault():
    assert len(parse(shared("subgraphs", 20)).subgraphs) == 20
