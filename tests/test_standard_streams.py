"""Every command with a standard output that is closed, full, a pipe that nobody reads, or of another encoding."""

import shlex
import sys
import tomllib
from pathlib import Path

import pytest

from tests.support.commands import ROOT, run_process

COMMANDS = sorted(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"])


def run_in_shell(line, **options):
    """Run a line of Bash, in which our commands are found as they are in an activated environment."""
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    return run_process("/bin/bash", "-c", line, env={"PATH": path} | options.pop("env", {}), **options)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_one_sentence(command):
    done = run_in_shell(f"{command} --help > /dev/full")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: cannot write to standard output: No space left on device.\n")
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_a_closed_standard_output_is_one_sentence(command):
    done = run_in_shell(f"{command} --help >&-")
    assert done.returncode == 2
    assert done.stderr.startswith("Error: standard output is closed")
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_a_pipe_that_nobody_reads_is_no_error(command):
    done = run_in_shell(f"{command} --help | true; exit ${{PIPESTATUS[0]}}")
    assert (done.returncode, done.stderr) == (141, "")


def test_results_that_cannot_be_printed_are_no_traceback():
    assert run_in_shell("mobilenet-info > /dev/full").returncode == 2
    assert run_in_shell("mobilenet-info --json | true; exit ${PIPESTATUS[0]}").returncode == 141


def test_a_command_runs_without_standard_input_and_standard_error():
    done = run_in_shell("mobilenet-info <&- 2>&-")
    assert done.returncode == 0
    assert "Mult-Adds" in done.stdout


def test_errors_that_cannot_be_printed_keep_their_exit_status():
    assert run_in_shell("mobilenet-info --res 33 2> /dev/full").returncode == 2
    assert run_in_shell("mobilenet-info --res 33 2>&-").returncode == 2


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", rb"/\xe9 \u72ac \xff.tflite"),
        ("latin-1", rb"/\xe9 \u72ac ".decode("unicode_escape").encode("latin-1", "backslashreplace")),
        ("utf-8", "/é 犬 ".encode()),
    ],
)
@pytest.mark.parametrize("command", ["mobilenet-classify", "mobilenet-benchmark", "mobilenet-report"])
def test_a_name_that_the_encoding_lacks_is_printed_with_escapes(tmp_path, command, encoding, shown):
    """The name has an accent, a letter of Chinese, and a byte that is not UTF-8."""
    path = shlex.quote(f"{tmp_path}/é 犬 \udcff.tflite")
    done = run_in_shell(f"{command} {path}", env={"PYTHONIOENCODING": encoding}, text=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: ")
    assert b"Traceback" not in done.stderr
    assert shown in done.stderr
