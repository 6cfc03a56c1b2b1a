import struct

import numpy as np
import pytest

from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.metadata_reader import embedded_labels, is_own_export, read_normalization
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata

METADATA = Metadata("a name", "a description", imagenet_labels())


@pytest.fixture(scope="module")
def described(small_files):
    model = small_files["int8"]
    return model, pack_with_metadata(parse(model), METADATA)


def field(data, table, slot):
    """Offset of a table's field, or 0: read by the flatbuffer format itself, not by a library."""
    vtable = table - struct.unpack_from("<i", data, table)[0]
    size = struct.unpack_from("<H", data, vtable)[0]
    offset = struct.unpack_from("<H", data, vtable + 4 + 2 * slot)[0] if 4 + 2 * slot < size else 0
    return table + offset if offset else 0


def follow(data, position):
    return position + struct.unpack_from("<I", data, position)[0]


def text(data, position):
    start = follow(data, position)
    return data[start + 4 : start + 4 + struct.unpack_from("<I", data, start)[0]].decode()


def metadata_of(model):
    parsed = parse(model)
    (entry,) = [entry for entry in parsed.metadata if entry.name in (b"TFLITE_METADATA", "TFLITE_METADATA")]
    return bytes(np.asarray(parsed.buffers[entry.buffer].data, np.uint8))


def first_of(data, position):
    """The first table of a vector of tables."""
    return follow(data, follow(data, position) + 4)


def test_the_metadata_says_name_normalization_and_labels_file(described):
    data = metadata_of(described[1])
    assert data[4:8] == b"M001"
    root = follow(data, 0)
    assert text(data, field(data, root, 0)) == "a name"
    assert text(data, field(data, root, 1)) == "a description"
    graph = first_of(data, field(data, root, 3))
    image = first_of(data, field(data, graph, 2))
    unit = first_of(data, field(data, image, 4))
    assert data[field(data, unit, 0)] == 1  # NormalizationOptions
    normalization = follow(data, field(data, unit, 1))
    for slot in (0, 1):
        values = follow(data, field(data, normalization, slot))
        assert struct.unpack_from("<If", data, values) == (1, 127.5)
    scores = first_of(data, field(data, graph, 3))
    labels = first_of(data, field(data, scores, 6))
    assert text(data, field(data, scores, 0)) == "probability"
    assert text(data, field(data, scores, 1)) == "softmax over 1000 classes"
    assert text(data, field(data, labels, 0)) == "labels.txt"
    assert data[field(data, labels, 2)] == 2  # TENSOR_AXIS_LABELS


@pytest.mark.parametrize(
    ("normalization", "low", "high"),
    [
        (Normalization((0,), (255,)), (0,), (1,)),
        (
            Normalization((5, 6, 7), (2, 3, 4)),
            (-2.5, -2, -1.75),
            (125, 83, 62),
        ),
        (Normalization((10, 20, 30), (10,)), (-1, -2, -3), (24.5, 23.5, 22.5)),
    ],
)
def test_another_normalization_and_head_are_said(normalization, low, high, small_files):
    model = parse(small_files["float32"])
    content = pack_with_metadata(model, Metadata("x", "y", ["1 a", "2 b"], normalization, "sigmoid"))
    assert read_normalization(content) == normalization
    assert is_own_export(content)
    data = metadata_of(content)
    graph = first_of(data, field(data, follow(data, 0), 3))
    image, scores = (first_of(data, field(data, graph, slot)) for slot in (2, 3))
    assert text(data, field(data, image, 1)).endswith(f"resized; {normalization}")
    assert text(data, field(data, scores, 1)) == "a sigmoid for each of 2 tags"
    stats = follow(data, field(data, image, 5))
    for slot, expected in ((0, high), (1, low)):
        values = follow(data, field(data, stats, slot))
        count = struct.unpack_from("<I", data, values)[0]
        np.testing.assert_allclose(struct.unpack_from(f"<{count}f", data, values + 4), expected, rtol=1e-6)  # float32


def test_the_labels_travel_inside(described):
    assert embedded_labels(described[1]) == imagenet_labels()


def test_the_model_computes_what_it_did(described, small_job):
    plain, model = (ImageModel.from_bytes(content) for content in described)
    for image in small_job.images.verification.images[:3]:
        np.testing.assert_array_equal(model.output(image), plain.output(image))


def test_every_buffer_is_aligned_to_16_bytes(described):
    model = described[1]
    root = follow(model, 0)
    vector = follow(model, field(model, root, 4))
    count = struct.unpack_from("<I", model, vector)[0]
    sizes = []
    for index in range(count):
        buffer = follow(model, vector + 4 + 4 * index)
        data = field(model, buffer, 0)
        if data:
            start = follow(model, data) + 4
            assert start % 16 == 0
            sizes.append(struct.unpack_from("<I", model, start - 4)[0])
    assert max(sizes) == 1000 * 256  # the classifier's kernel: these are the model's own buffers


def test_the_same_input_gives_the_same_bytes(described):
    model, result = described
    assert pack_with_metadata(parse(model), METADATA) == result
