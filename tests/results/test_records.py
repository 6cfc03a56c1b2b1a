import dataclasses
import json
import os
import re
from typing import get_args, get_type_hints

import pytest

from mobilenet_tf.errors import ResultError
from mobilenet_tf.results.records import SCHEMA_VERSION, Result
from tests.support.commands import ROOT
from tests.support.results_sample import sample


def fields_of(kind, prefix=""):
    """The dotted path of every field, those of the records in it after it."""
    for name, hint in get_type_hints(kind).items():
        yield f"{prefix}{name}"
        for inner in (hint, *get_args(hint)):
            if dataclasses.is_dataclass(inner):
                yield from fields_of(inner, f"{prefix}{name}.")


def test_the_documented_fields_are_those_of_a_result():
    text = (ROOT / "docs" / "results.md").read_text()
    documented = re.findall(r"^\| `([\w.]+)` \| .+ \|$", text, re.MULTILINE)
    assert documented == list(fields_of(Result))
    assert "latency_ms.p50" in documented
    assert f"`schema_version` is {SCHEMA_VERSION}" in text


def test_a_file_of_before_the_answers_is_read_and_no_other_field_may_be_missing():
    fields = json.loads(sample().to_json())
    del fields["accuracy"]["answers"]
    old = Result.from_json(json.dumps(fields))
    assert old.accuracy == dataclasses.replace(sample().accuracy, answers="")
    del fields["accuracy"]["top1"]
    with pytest.raises(ResultError, match=r"accuracy: missing \['top1'\], unknown \[\]"):
        Result.from_json(json.dumps(fields))


@pytest.mark.parametrize(("classes", "top5"), [(10, 0.8), (9, None)])
def test_version_1_is_read_without_the_top5_of_few_classes(classes, top5):
    new = sample(top1=0.6)
    fields = json.loads(new.to_json()) | {"schema_version": 1}
    fields["model"]["classes"] = classes
    for name in ("seen", "left_out", "unmatched_folders", "trained_left_out", "trained_measured", "doubts", "answers"):
        del fields["accuracy"][name]
    fields["accuracy"]["unreadable"] = ["one.jpg: broken"]
    accuracy = Result.from_json(json.dumps(fields)).accuracy
    assert (accuracy.seen, accuracy.left_out, accuracy.candidates) == (501, ["one.jpg: broken"], 501)
    assert (accuracy.trained_measured, accuracy.top5) == (None, top5)


@pytest.mark.parametrize("accuracy", [None, {}, {"images": "x", "unreadable": 3}, []])
def test_a_strange_accuracy_of_version_1_is_refused_or_absent(accuracy):
    fields = json.loads(sample().to_json()) | {"schema_version": 1, "accuracy": accuracy}
    if accuracy is None:
        assert Result.from_json(json.dumps(fields)).accuracy is None
        return
    with pytest.raises(ResultError, match="accuracy"):
        Result.from_json(json.dumps(fields))


def test_names_that_are_not_utf8_are_escaped():
    accuracy = dataclasses.replace(sample().accuracy, left_out=[f"{os.fsdecode(b'caf' + bytes([0xE9]))}.jpg: broken"])
    text = sample(accuracy=accuracy).to_json()
    assert text.encode()
    assert Result.from_json(text).accuracy.left_out == ["caf\\xe9.jpg: broken"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"confusion": [[0, 1]]}, "in each row"),
        ({"confusion": [[0, 1, -1]]}, "in each row"),
        ({"confusion": [[2**40, 1, 1]]}, "class indices up to 100000"),
        ({"confusion": [[-1, 0, 1]]}, "class indices from 0 to 0"),
        ({"classes": ["cat"], "confusion": [[0, 1, 3]]}, "class indices from 0 to 0"),
        ({"wrong": [{"name": "a", "true": 0, "predicted": 9, "confidence": 0.5}]}, "class indices from 0 to 1"),
    ],
)
def test_answers_that_cannot_be_are_refused(fields, message):
    content = json.loads(sample().to_json())
    content["accuracy"] |= fields
    with pytest.raises(ResultError, match=message):
        Result.from_json(json.dumps(content))


def test_the_answers_of_a_file_of_before_name_the_classes_that_it_names():
    accuracy = dataclasses.replace(
        sample().accuracy, per_class={"cat": [1, 2], "dog": [0, 1]}, confusion=[[1, 1, 1], [1, 5, 1], [3, 0, 1]]
    )
    summary = accuracy.summary
    assert summary.classes == ["class 0", "cat", "class 2", "dog", "class 4", "class 5"]
    assert (summary.photos, summary.wrong_photos) == (3, 2)
    assert dataclasses.replace(accuracy, classes=["a"] * 6).summary.classes == ["a"] * 6


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 1e400])
def test_a_result_that_could_not_be_read_back_is_not_written(number):
    made = sample()
    for changes in ({"model": dataclasses.replace(made.model, scale=number)}, {"p50": number}):
        with pytest.raises(ResultError, match=r"^the result of mobilenet_v1_a0.50_r160_int8 is not JSON: .*finite"):
            sample(**changes).to_json()
