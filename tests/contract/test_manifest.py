import dataclasses
import hashlib
import json
import re
from dataclasses import replace

import pytest

from mobilenet_tf.contract.manifest import (
    CalibrationRecord,
    CosineError,
    FileRecord,
    Manifest,
    ProbabilityChange,
    SplitRecord,
    TensorRecord,
    VerificationRecord,
    WeightsRecord,
)
from mobilenet_tf.errors import ManifestError
from tests.contract.test_file_names import LEADS_ELSEWHERE
from tests.support.commands import ROOT


@pytest.fixture(scope="module")
def text(exported):
    return (exported[0] / "manifest.json").read_text()


def test_json_and_back_is_the_same(text):
    assert Manifest.from_json(text).to_json() == text


def test_it_names_every_file_with_its_hash(exported, text):
    folder, manifest = exported[0], Manifest.from_json(text)
    for record in manifest.files:
        data = (folder / record.path).read_bytes()
        assert (record.sha256, record.size_bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert manifest.labels_sha256 == hashlib.sha256((folder / manifest.labels).read_bytes()).hexdigest()
    assert (folder / manifest.golden / "golden.json").exists()


def test_it_says_what_was_exported_and_from_what(text):
    manifest = Manifest.from_json(text)
    assert (manifest.arch, manifest.alpha, manifest.res, manifest.classes) == ("mobilenet_v1", 0.25, 96, 1000)
    assert manifest.weights.source == "imagenet"
    assert manifest.weights.trained_res == 128
    assert manifest.calibration.count == 100
    assert [(f.recipe, f.correction, f.input.dtype) for f in manifest.files] == [
        ("float32", "none", "float32"),
        ("int8", "fast", "int8"),
    ]
    assert any("trained at 128x128" in note for note in manifest.notes)


RECORDS = [
    Manifest, WeightsRecord, CalibrationRecord, VerificationRecord, SplitRecord, FileRecord, ProbabilityChange,
    CosineError, TensorRecord,
]  # fmt: skip


@pytest.mark.parametrize("kind", RECORDS)
def test_every_field_is_documented(kind):
    page = (ROOT / "docs" / "manifest.md").read_text()
    for field in dataclasses.fields(kind):
        assert re.search(rf"^\| `(\w+\.)*{field.name}` \|", page, re.MULTILINE), field.name


def as_version_4(text):
    """The fields that version 4 had, and the manifest that is read from them."""
    fields = json.loads(text) | {"schema_version": 4}
    for name in ("head", "mean", "std", "converted_from"):
        del fields[name]
    return fields, replace(Manifest.from_json(text), converted_from=None)


def test_version_4_is_read_as_one_of_our_networks(text):
    older, expected = as_version_4(text)
    manifest = Manifest.from_json(json.dumps(older))
    assert manifest == expected
    assert (manifest.head, manifest.mean, manifest.std) == ("softmax", [127.5], [127.5])


def as_version_3(text):
    """The fields that version 3 had, and the manifest that is read from them."""
    fields, manifest = as_version_4(text)
    fields |= {"schema_version": 3}
    for name in ("verification", "split"):
        del fields[name]
    for file in fields["files"]:
        del file["probability_change"]
    files = [replace(file, probability_change=None) for file in manifest.files]
    return fields, replace(manifest, files=files, verification=None, split=None)


def test_version_3_is_read(text):
    older, expected = as_version_3(text)
    assert Manifest.from_json(json.dumps(older)) == expected


@pytest.mark.parametrize(("variant", "arch"), [("separable", "mobilenet_v1"), ("conv", "mobilenet_v1_conv")])
def test_version_2_which_had_a_variant_is_read(text, variant, arch):
    older, expected = as_version_3(text)
    older |= {"schema_version": 2, "variant": variant}
    assert Manifest.from_json(json.dumps(older)) == replace(expected, arch=arch)


def test_a_foreign_network_has_no_width_and_may_have_a_normalization_of_each_channel(text):
    fields = json.loads(text) | {"alpha": None, "head": "sigmoid", "mean": [124, 116.5, 104], "std": [58, 57, 57.5]}
    manifest = Manifest.from_json(json.dumps(fields))
    assert (manifest.alpha, manifest.head, manifest.mean) == (None, "sigmoid", [124, 116.5, 104])


@pytest.mark.parametrize("field", ["mean", "std"])
@pytest.mark.parametrize("values", [[], [1, 2], [1, 2, 3, 4]])
def test_a_normalization_of_other_than_one_or_three_channels_is_refused(text, field, values):
    with pytest.raises(ManifestError, match=f"{field}: expected one number, or three"):
        Manifest.from_json(json.dumps(json.loads(text) | {field: values}))


def test_another_version_is_refused(text):
    with pytest.raises(ManifestError, match=r"version 5; got 1"):
        Manifest.from_json(text.replace('"schema_version": 5', '"schema_version": 1'))


@pytest.mark.parametrize("broken", ["", "[]", "{", '{"schema_version": 5}', '{"schema_version": 3, "files": [1]}'])
def test_what_is_no_manifest_is_refused(broken):
    with pytest.raises(ManifestError):
        Manifest.from_json(broken)


@pytest.mark.parametrize(
    ("path", "value"),
    [(("res",), "160"), (("background",), 1), (("files",), {}), (("files", 0, "ops"), []), (("calibration",), None)],
)
def test_a_field_of_the_wrong_type_is_named(text, path, value):
    data = json.loads(text)
    place = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(ManifestError, match=str(path[-1])):
        Manifest.from_json(json.dumps(data))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ManifestError, match="cannot read"):
        Manifest.read(tmp_path / "manifest.json")


@pytest.mark.parametrize("name", LEADS_ELSEWHERE)
def test_a_file_that_lies_elsewhere_is_refused(text, name):
    fields = json.loads(text)
    split = {"file": name, "sha256": "", "dataset": "pets", "epochs": 1, "train": 1, "validation": 1}
    files = [fields["files"][0] | {"path": name}]
    changes = {"labels": name, "golden": name, "files": files, "split": split}
    for field, value in changes.items():
        with pytest.raises(ManifestError, match=rf"manifest\.{field}.*expected|is not JSON|manifest is not"):
            Manifest.from_json(json.dumps(fields | {field: value}))


def test_thresholds_of_tags_are_kept_and_others_have_none(text):
    manifest = Manifest.from_json(text)
    assert manifest.thresholds is None
    assert "thresholds" not in text
    assert "tag_agreement" not in text
    files = [replace(file, tag_agreement=[0.5, 1.0]) for file in manifest.files]
    tags = replace(manifest, head="sigmoid", classes=2, thresholds=[0.25, 1.0], files=files)
    assert Manifest.from_json(tags.to_json()) == tags


@pytest.mark.parametrize("thresholds", [[0.5], [0.5, 1.5], [0.5, -0.1]])
def test_thresholds_that_cannot_be_are_refused(text, thresholds):
    manifest = replace(Manifest.from_json(text), classes=2, thresholds=thresholds)
    with pytest.raises(ManifestError, match="thresholds: expected a score from 0 to 1 for each of the 2 tags"):
        Manifest.from_json(manifest.to_json())
