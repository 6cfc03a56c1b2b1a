"""Processes of the tests' own, to see what they take."""

import subprocess
import sys

from tests.support.commands import ROOT

REPORT = "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"


def peak_memory(code, *arguments):
    """The most memory, in bytes, that a Python process has had that ran `code` with these arguments. Linux only."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code + REPORT, *arguments],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=900,
    )  # fmt: skip
    return int(done.stdout.split()[-1]) * 1024
