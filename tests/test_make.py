"""`make` where people do not expect it to fail: in a folder that was moved."""

import shutil
import sys

import pytest

from tests.support.commands import ROOT, run_process

MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(MAKE is None, reason="no make")


def make(folder, target):
    done = run_process(MAKE, "-C", folder, target, f"PYTHON={sys.executable}", env={"PATH": "/usr/bin:/bin"})
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_a_folder_that_was_moved_gets_a_new_environment(tmp_path):
    """With this project's Makefile, and no package to install."""
    before, after = tmp_path / "before", tmp_path / "after that"
    (before / "experiments").mkdir(parents=True)
    for name in ("Makefile", "experiments/Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, before / name)
    (before / "requirements.txt").write_text("")
    assert "Creating .venv" in make(before, "venv")
    assert "Creating .venv" not in make(before, "venv")
    before.rename(after)
    output = make(after, "venv")
    assert f"This folder was {before} when .venv was made. It is made again, for {after}." in output
    assert run_process(str(after / ".venv" / "bin" / "pip"), "--version").stdout.startswith("pip ")
    assert "Creating .venv" not in make(after, "venv")
