import dataclasses
import json
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
