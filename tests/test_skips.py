"""--allowed-skips of tests/conftest.py, in small runs of pytest with this project's conftest."""

import sys

import pytest

from tests.support.commands import ROOT, run_process

TESTS = """
import pytest

@pytest.fixture
def phone():
    pytest.skip("no phone is attached: adb found none")

def test_runs(): ...
def test_skips_itself(): pytest.skip("Chromium is not installed")
def test_has_no_phone(phone): ...
"""
PLUGIN = "from tests.conftest import pytest_addoption, pytest_sessionfinish\n"


@pytest.fixture
def run(tmp_path):
    (tmp_path / "test_sample.py").write_text(TESTS)
    (tmp_path / "conftest.py").write_text(PLUGIN)

    def run_pytest(allowed, *options):
        (tmp_path / "allowed.txt").write_text(allowed)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *options]
        return run_process(
            *command, "test_sample.py", cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
        )

    return run_pytest


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["one process", "two workers"])
def test_a_reason_that_is_not_listed_fails_the_run_and_is_named(run, workers):
    done = run("# no browser\nChromium is not installed\n", "--allowed-skips", "allowed.txt", *workers)
    assert done.returncode == 1
    assert "test_sample.py::test_has_no_phone: no phone is attached: adb found none" in done.stdout
    assert "test_skips_itself: " not in done.stdout


def test_listed_reasons_pass(run):
    done = run("Chromium is not installed\n\nno phone is attached\n", "--allowed-skips", "allowed.txt")
    assert done.returncode == 0, done.stdout
    assert "1 passed, 2 skipped" in done.stdout


def test_without_the_option_every_reason_passes(run):
    assert run("").returncode == 0
