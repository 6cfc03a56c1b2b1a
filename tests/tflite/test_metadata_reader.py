import zipfile

import numpy as np
import pytest

from mobilenet_tf.contract.labels import BACKGROUND, imagenet_labels
from mobilenet_tf.errors import LabelsError
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.metadata_reader import embedded_labels, read_normalization
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata
from tests.support.archives import with_archive
from tests.support.tflite_files import classifier_file


@pytest.fixture(scope="module")
def described(small_files):
    return pack_with_metadata(parse(small_files["int8"]), Metadata("x", "y", ["a"] * 1000))


def test_an_export_tells_its_normalization(described):
    assert read_normalization(described) == Normalization((127.5,), (127.5,))


def test_a_plain_conversion_tells_none(small_files):
    assert read_normalization(small_files["float32"]) is None


def test_damage_is_no_news(described):
    """Whatever is cut off or flipped: an answer or none, never an error."""
    rng = np.random.default_rng(0)
    for _ in range(300):
        cut = bytearray(described[: rng.integers(0, len(described))])
        for _ in range(min(8, len(cut))):
            cut[rng.integers(len(cut))] ^= 1 << rng.integers(8)
        found = read_normalization(bytes(cut))
        assert found is None or len(found.mean) >= 1


def test_a_model_without_labels_has_none():
    assert embedded_labels(b"no zip archive here") is None


# As long as labels.txt, so that it can take its place in the metadata.
ANOTHER_NAME = "dogs en.md"


@pytest.fixture(scope="module")
def without_archive():
    """A file whose metadata calls its labels by ANOTHER_NAME, without its archive."""
    content = pack_with_metadata(parse(classifier_file(classes=2)), Metadata("x", "y", ["a", "b"]))
    content = content[: content.index(b"PK\x03\x04")]
    assert content.count(b"labels.txt") == 1
    return content.replace(b"labels.txt", ANOTHER_NAME.encode())


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_labels_are_in_the_file_that_the_metadata_names(without_archive, compression):
    files = {"labels.txt": b"wrong\n", ANOTHER_NAME: "cät\ndog\n".encode("utf-8-sig"), "vocabulary.txt": b"wrong\n"}
    assert embedded_labels(with_archive(without_archive, files, compression)) == ["cät", "dog"]


def test_labels_that_are_packed_by_another_method_are_refused(without_archive):
    with pytest.raises(LabelsError, match="is packed in a way that labels are not: only deflate is read"):
        embedded_labels(with_archive(without_archive, {"labels.txt": b"a\nb"}, zipfile.ZIP_LZMA))


def test_without_a_name_they_are_in_the_usual_file_or_the_only_one(without_archive):
    assert embedded_labels(with_archive(without_archive, {"labels.txt": b"a\nb", "other.txt": b"c"})) == ["a", "b"]
    assert embedded_labels(with_archive(classifier_file(), {"dict.txt": b"a\nb", "info.json": b"{}"})) == ["a", "b"]


@pytest.mark.parametrize(
    "files",
    [
        {"a.txt": b"1", "b.txt": b"2"},
        {"labels.txt": b"\xff\xfe\x00"},
        {"model.json": b"{}"},
    ],
)
def test_what_is_no_list_of_labels_is_not_taken_for_one(files):
    assert embedded_labels(with_archive(classifier_file(), files)) is None


@pytest.mark.parametrize("content", [b"a\n\nb\n", b"a\x1b[2J\nb\n"])
def test_what_is_a_bad_list_of_labels_is_named(content):
    with pytest.raises(LabelsError, match=r"labels\.txt in x\.tflite"):
        embedded_labels(with_archive(classifier_file(), {"labels.txt": content}), "x.tflite")


def test_labels_are_read_as_any_editor_writes_them():
    content = "0 cat\r\n1 dog\r\n\r\n".encode("utf-16")
    assert embedded_labels(with_archive(classifier_file(), {"labels.txt": content})) == ["0 cat", "1 dog"]


def test_an_archive_that_unpacks_to_far_more_is_left_alone():
    bomb = with_archive(classifier_file(), {"labels.txt": bytes(20_000_000)}, zipfile.ZIP_DEFLATED)
    assert len(bomb) < 100_000
    with pytest.raises(LabelsError, match=r"labels\.txt in the model has 20000000 bytes or more: these are no labels"):
        embedded_labels(bomb)


@pytest.mark.parametrize("name", ["mobilenet_v2_1.0_224_quant", "tf2_mobilenet_v2_1.0_224_ptq"])
def test_the_labels_of_corals_files_are_found(shared, name):
    labels = embedded_labels((shared / "models" / "coral" / f"{name}.tflite").read_bytes())
    assert labels == [BACKGROUND, *imagenet_labels()]
