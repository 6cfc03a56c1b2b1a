"""Every command with a standard output that is closed, full, a pipe that nobody reads, or of another encoding."""

import json
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


RED = "\x1b[31mred\x1b[0m\x07"


def test_escape_sequences_in_the_names_of_files_are_shown_and_not_obeyed(tmp_path):
    (tmp_path / f"{RED}.result.json").write_text("{")
    (tmp_path / f"{RED}.jpg").write_text("no photo")
    (tmp_path / f"{RED}.tflite").write_text("no model")
    for command in ("mobilenet-report", "mobilenet-benchmark", "mobilenet-train", "mobilenet-classify"):
        for file in sorted(tmp_path.iterdir()):
            done = run_in_shell(f"{command} {shlex.quote(str(file))}")
            assert done.returncode == 2
            assert r"\x1b[31mred\x1b[0m\x07" in done.stderr
            assert not {"\x1b", "\x07"} & {*done.stdout, *done.stderr}


def test_a_document_of_json_stays_one():
    """Marks that turn the direction of writing may stand in JSON: their escapes are those of JSON."""
    code = (
        "import json, click; from mobilenet_tf.standard_streams import Command\n"
        "@click.command(cls=Command)\n"
        "def it(): click.echo(json.dumps({'a': '\\u202e\\x9b \\u00e9\\t'}, ensure_ascii=False))\n"
        "it()"
    )
    done = run_process(sys.executable, "-c", code)
    assert json.loads(done.stdout) == {"a": "\u202e\x9b é\t"}
    assert "\u202e" not in done.stdout
