"""The oldest versions that may be installed have no published flaw that a file of somebody else could use."""

import re
import tomllib
from itertools import chain

import pytest

from tests.support.commands import ROOT

# Package -> the first version without the flaws that were published when this line was written.
SOUND = {
    "pillow": (12, 3),  # PYSEC-2026-2253 to 2257, 3451 to 3453
    "keras": (3, 15, 1),  # CVE-2026-0897, CVE-2026-1462, CVE-2026-1669 and what was fixed in part only
    "h5py": (3, 14),  # the newest that TensorFlow 2.21 takes
    "numpy": (1, 26, 4),
    "setuptools": (78, 1, 1),  # CVE-2025-47273
    "pytest": (9, 0, 3),  # CVE-2025-71176
}


@pytest.fixture(scope="module")
def bounds():
    """Package -> its lower bound, as numbers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    lines = [*project["build-system"]["requires"], *project["project"]["dependencies"], *chain(*extras)]
    found = [re.match(r"([a-z0-9-]+)>=([\d.]+)", line) for line in lines]
    return {match[1]: tuple(map(int, match[2].split("."))) for match in found if match}


@pytest.mark.parametrize("package", SOUND)
def test_no_version_with_a_published_flaw_may_be_installed(bounds, package):
    assert bounds[package] >= SOUND[package]
