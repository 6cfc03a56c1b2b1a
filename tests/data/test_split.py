import hashlib
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from mobilenet_tf.data.digests import photo_digest
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.data.split import Split, split_of
from mobilenet_tf.errors import DataError
from tests.support.commands import images_in
from tests.support.datasets import package_in

DIGESTS = [f"{number:016x}" for number in range(4)]
SPLIT = Split("pets", 3, frozenset(DIGESTS[:2]), frozenset(DIGESTS[2:]), 0.75, 2)


@pytest.fixture
def pets(tmp_path):
    for seed, name in enumerate(("cat", "dog")):
        images_in(tmp_path / "pets" / name, 5, seed=seed)
    return tmp_path / "pets"


def digests_of(paths):
    return {hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in paths}


def test_a_split_names_every_photo_by_its_content(pets):
    data = load_dataset(str(pets))
    split = split_of(data, "pets")
    paths = [[data.train.photos.paths[i] for i in side.indices] for side in (data.train, data.validation)]
    assert [split.train, split.validation] == [digests_of(map(Path, side)) for side in paths]
    assert (split.dataset, split.epochs, split.top1, split.validation_photos) == ("pets", 0, None, 2)
    assert split.trained_validation == frozenset()
    assert split.classes == ("cat", "dog")
    assert Split.from_json(split.to_json()) == split


def test_the_validation_photos_are_named_as_they_were_when_they_were_read(pets):
    shutil.copy(pets / "cat" / "photo_000.jpg", pets / "cat" / "z_copy.jpg")
    os.rename(pets / "dog" / "photo_001.jpg", os.fsencode(pets / "dog") + b"/caf\xe9.jpg")
    data = load_dataset(str(pets), validation_share=0.8)
    split = split_of(data, "pets", folder=pets)
    names = {name: digests_of([pets / name]).pop() for name in split.validation_names.values() if "caf" not in name}
    assert names.items() <= {name: digest for digest, name in split.validation_names.items()}.items()
    assert set(split.validation_names) == split.validation
    assert "dog/caf\\xe9.jpg" in split.validation_names.values()
    assert Split.from_json(split.to_json()) == split
    elsewhere = split_of(data, "pets", folder=pets / "cat").validation_names.values()
    assert any(name.startswith(str(pets / "dog")) for name in elsewhere)


def test_photos_are_sorted_out_wherever_they_have_been_copied_to(pets, tmp_path):
    split = split_of(load_dataset(str(pets)), "pets")
    copied = [shutil.copy(path, tmp_path / f"{index}.jpg") for index, path in enumerate(sorted(pets.rglob("*.jpg")))]
    new = sorted(images_in(tmp_path / "new", 2, seed=9).iterdir())
    gone = tmp_path / "gone.jpg"
    validation, trained, others = split.sort_out([*copied, *new, gone])
    assert digests_of(validation) == split.validation
    assert digests_of(trained) == split.train
    assert trained == sorted(trained, key=copied.index)
    assert others == [*new, gone]


def test_what_an_earlier_run_trained_on_counts_as_trained_on(pets):
    first, second = (split_of(load_dataset(str(pets), seed=seed), "pets") for seed in (0, 1))
    assert first.validation != second.validation
    both = split_of(load_dataset(str(pets), seed=1), "pets", earlier=first)
    assert both.train == first.train | second.train
    assert both.validation == second.validation
    assert both.trained_validation == second.validation - first.validation
    validation, trained, others = both.sort_out(sorted(pets.rglob("*.jpg")))
    assert digests_of(validation) == first.validation & second.validation
    assert len(trained) + len(validation) == 10
    assert others == []


def test_a_training_photo_with_a_copy_among_the_validation_photos_is_not_trained_on(pets, tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / "held" / name).mkdir(parents=True)
        shutil.copy(pets / name / "photo_000.jpg", tmp_path / "held" / name / "other_name.jpg")
    split = split_of(load_dataset(str(pets), validation=tmp_path / "held"), "pets")
    assert split.trained_validation == frozenset()
    assert (len(split.train), len(split.validation)) == (8, 2)


def test_photos_in_memory_are_named_by_their_pixels(tmp_path):
    folder, pixels, _ = package_in(tmp_path / "package")
    split = split_of(load_dataset(str(folder)), "cifar10")
    assert split.train | split.validation == {photo_digest(photo.tobytes()) for photo in pixels}
    assert split.validation == {photo_digest(photo.tobytes()) for photo in pixels[-12:]}


def test_it_survives_being_written_and_read():
    assert Split.from_json(SPLIT.to_json()) == SPLIT
    assert json.loads(SPLIT.to_json())["train"] == DIGESTS[:2]


def test_a_name_that_is_no_text_is_written_without_what_cannot_be(pets):
    split = split_of(load_dataset(str(pets)), "caf\udce9" + 300 * "x")
    assert split.dataset == "caf?" + 196 * "x"
    assert Split.from_json(split.to_json()) == split


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"train": ["x"]}, "train: expected 16 hex digits for each photo; got 'x'"),
        ({"validation": [3]}, r"validation\[0\]: expected str"),
        ({"epochs": -1}, "epochs: expected 0 or more; got -1"),
        ({"validation_photos": True}, "validation_photos: expected int"),
        ({"top1": 1.5}, "top1: expected a share from 0 to 1; got 1.5"),
        ({"dataset": "x" * 201}, "dataset: expected at most 200 characters; got 201"),
        ({"schema_version": 2}, "expected version 1; got 2"),
        ({"more": 1}, "unknown"),
        ({"validation_names": {DIGESTS[0]: "a.jpg"}}, "validation_names: expected names of the validation photos only"),
    ],
)
def test_another_record_is_refused_and_named(change, message):
    with pytest.raises(DataError, match=message) as caught:
        Split.from_json(json.dumps(json.loads(SPLIT.to_json()) | change), "run/split.json")
    assert str(caught.value).startswith("run/split.json")


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"schema_version": 1}', '{"top1": NaN}'])
def test_text_that_is_no_record_is_refused(text):
    with pytest.raises(DataError, match=r"split\.json"):
        Split.from_json(text)


def test_the_hash_of_a_data_set_covers_the_content_of_its_photos(pets):
    before = load_dataset(str(pets))
    images_in(pets / "cat", 5, seed=7)
    after = load_dataset(str(pets))
    assert before.labels_sha256 == after.labels_sha256
    assert before.photos_sha256 != after.photos_sha256
    assert after.photos_sha256 == load_dataset(str(pets)).photos_sha256
    assert np.array_equal(before.train.digests[4:], after.train.digests[4:])  # the dogs are the same


def test_records_of_before_the_classes_were_kept_are_read_and_bad_names_are_not():
    record = json.loads(SPLIT.to_json())
    del record["classes"], record["validation_names"]
    assert Split.from_json(json.dumps(record)) == SPLIT
    with pytest.raises(DataError, match=r"classes: .* holds a line break"):
        Split.from_json(json.dumps(record | {"classes": ["cat", "a\nb"]}))
