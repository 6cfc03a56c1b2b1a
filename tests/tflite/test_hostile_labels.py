"""Archives of labels behind a .tflite that say or unpack to what they should not."""

import tracemalloc

import pytest

from experiments.fuzz_archives import ARCHIVES
from experiments.fuzz_models import float_model
from mobilenet_tf.errors import LabelsError
from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.metadata_reader import embedded_labels

MODEL = pack(float_model())


@pytest.mark.parametrize("archive", [archive for _, archive in ARCHIVES], ids=[name for name, _ in ARCHIVES])
def test_any_archive_of_labels_is_read_or_named_in_little_memory(archive):
    content = archive(MODEL)
    tracemalloc.start()
    try:
        labels = embedded_labels(content, "m.tflite")
    except LabelsError as error:
        labels = None
        assert "m.tflite" in str(error)  # noqa: PT017  (either is right: which one is not the matter here)
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert labels is None or all(label.isprintable() or "\u202e" in label for label in labels)
    # What is unpacked of 600 MB, its text and its lines: ten times the bound on labels.
    assert peak < 200 * 10**6
