"""Tags and vectors are measured on photos that the training knew: which it learned from, and by which it was chosen."""

import hashlib

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.benchmark.measure import measure
from mobilenet_tf.benchmark.settings import MeasurementSettings
from mobilenet_tf.contract.manifest import SPLIT_FILE, SplitRecord
from mobilenet_tf.data.digests import photo_digest
from mobilenet_tf.data.split import Split
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.given_input import GivenInput
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata
from tests.support.tflite_files import extractor_file

SETTINGS = {"runs": 3, "warmup": 1, "min_seconds": 0.0, "given": GivenInput.of(127.5, 127.5, None)}


@pytest.fixture
def photos(tmp_path):
    """Six photos of each of two people."""
    rng = np.random.default_rng(0)
    for number in range(12):
        place = tmp_path / "people" / ("ann", "bob")[number % 2]
        place.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (40, 40, 3), np.uint8)).save(place / f"{number:02}.png")
    return tmp_path / "people"


def trained_model(folder, photos, *, epochs, validation):
    """A file of vectors beside the split of a run that trained on four photos, and validated on so many others."""
    digests = [photo_digest(path.read_bytes()) for path in sorted(photos.rglob("*.png"))]
    split = Split("people", epochs, frozenset(digests[:4]), frozenset(digests[4 : 4 + validation]))
    text = split.to_json()
    (folder / SPLIT_FILE).write_text(text)
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    record = SplitRecord(SPLIT_FILE, sha256, "people", epochs, len(split.train), len(split.validation))
    metadata = Metadata("x", record.describe(), [], head="embedding", dimensions=6)
    (folder / "net.tflite").write_bytes(pack_with_metadata(parse(extractor_file()), metadata))
    return folder / "net.tflite"


@pytest.mark.parametrize(
    ("epochs", "validation", "some"), [(7, 8, "these"), (7, 3, "3 of these"), (7, 0, None), (1, 8, None)]
)
def test_that_the_epoch_was_chosen_on_these_photos_is_said(tmp_path, photos, epochs, validation, some):
    result = measure(
        trained_model(tmp_path, photos, epochs=epochs, validation=validation),
        MeasurementSettings(images=photos, **SETTINGS),
    )
    assert (result.embedding.images, result.embedding.trained_left_out) == (8, 4)
    said = [note for note in result.notes if note.startswith("recall@1: the weights were chosen as the best of")]
    expected = f"the best of 7 epochs on {some} photos: expect a little less on new ones."
    assert [note.endswith(expected) for note in said] == [True] * (some is not None)


def test_a_split_that_is_not_there_is_a_doubt(tmp_path, photos):
    model = trained_model(tmp_path, photos, epochs=7, validation=8)
    (tmp_path / SPLIT_FILE).unlink()
    notes = measure(model, MeasurementSettings(images=photos, **SETTINGS)).notes
    assert any(note.startswith("recall@1: the model was trained on 4 photos, but split.json") for note in notes)
