import re
import sys
import tomllib

import click
import pytest

from mobilenet_tf.console import Size, command_edge
from mobilenet_tf.errors import INSTALLED_BY
from tests.support.commands import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def modules_of(requirements):
    """The top-level modules of requirements of pyproject.toml."""
    names = {re.match(r"[\w-]+", requirement)[0] for requirement in requirements}
    return {name.removesuffix("-cpu").replace("-", "_") for name in names}


@pytest.mark.parametrize("extra", ["train", "report", "tflite-runtime"])
def test_every_package_of_an_extra_is_known_to_come_with_it(extra):
    others = {"mobilenet_tf"}  # an extra may bring another one with it
    for module in modules_of(EXTRAS[extra]) - modules_of(PROJECT["dependencies"]) - others:
        assert INSTALLED_BY[module].startswith(f"'mobilenet-tf[{extra}]'")


def test_a_missing_package_of_an_extra_is_named_with_what_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)  # as if it were not installed
    with pytest.raises(click.ClickException) as raised, command_edge(verbose=True):
        import plotly  # noqa: F401
    assert raised.value.exit_code == 2
    assert "package plotly" in raised.value.message
    assert "pip install 'mobilenet-tf[report]'" in raised.value.message


def test_a_package_that_a_command_always_needs_is_looked_for_first(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    with pytest.raises(click.ClickException, match="tensorflow"), command_edge(True, "keras", "tensorflow"):
        pytest.fail("the body ran")


def test_a_module_that_no_extra_installs_keeps_its_traceback():
    with pytest.raises(ModuleNotFoundError, match="no_such_module"), command_edge(verbose=True):
        import no_such_module  # noqa: F401


@pytest.mark.parametrize(
    ("text", "size"),
    [("1500000", 1_500_000), ("2MB", 2_000_000), ("2MiB", 2 * 2**20), ("1.5 mb", 1_500_000), ("500kB", 500_000)],
)
def test_a_size_has_a_unit_or_is_in_bytes(text, size):
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "MB", "-1", "2 apples", "1e9", "nan", "9" * 40, "٣MB"])
def test_text_that_is_not_a_size_is_refused(text):
    with pytest.raises(click.BadParameter, match="expected bytes"):
        Size().convert(text, None, None)


def test_ctrl_c_is_one_sentence_and_the_shells_exit_status(capsys):
    with pytest.raises(click.exceptions.Exit) as raised, command_edge(verbose=True):
        raise KeyboardInterrupt
    assert raised.value.exit_code == 130
    assert capsys.readouterr().err.startswith("Interrupted: ")


def test_the_api_names_the_extra_too(monkeypatch):
    from mobilenet_tf import ModelSpec, build_model
    from mobilenet_tf.errors import MissingPackageError

    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(MissingPackageError, match=r"mobilenet-tf\[train\]"):
        build_model(ModelSpec())
