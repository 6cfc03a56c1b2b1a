"""The public names of the package, and docs/api.md, whose examples run here one after the other."""

import contextlib
import importlib
import io
import re
import sys

import pytest

import mobilenet_tf
from tests.support.commands import ROOT, run_process

PAGE = (ROOT / "docs" / "api.md").read_text()
# An example, with what it prints if the next fenced block says so.
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?", PAGE, re.MULTILINE | re.DOTALL)


def test_the_public_names_are_few():
    assert len(mobilenet_tf.__all__) <= 31
    assert sorted(mobilenet_tf.__all__) == sorted(set(mobilenet_tf.__all__))


@pytest.mark.parametrize("name", mobilenet_tf.__all__)
def test_every_public_name_can_be_imported_and_is_documented(name):
    assert getattr(importlib.import_module("mobilenet_tf"), name) is not None
    assert name in dir(mobilenet_tf)
    assert re.search(rf"\b{name}\b", PAGE)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Klassifier'"):
        _ = mobilenet_tf.Klassifier


def test_importing_the_package_loads_neither_numpy_nor_tensorflow():
    script = (
        "import sys, mobilenet_tf; print(sorted({'numpy', 'tensorflow', 'keras', 'PIL', 'click'} & {*sys.modules}))"
    )
    assert run_process(sys.executable, "-c", script).stdout == "[]\n"


def test_the_examples_of_the_page_run_and_print_what_it_shows(exported, tmp_path, monkeypatch):
    folder, _ = exported
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "export").symlink_to(folder.parent)
    for name in ("mobilenet_tf", "experiments"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.chdir(tmp_path)
    assert len(EXAMPLES) == PAGE.count("```python")
    names = {"__name__": "example"}
    for code, expected in EXAMPLES:
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, "docs/api.md", "exec"), names)
        assert not expected or printed.getvalue() == expected, code
