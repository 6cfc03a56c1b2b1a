"""Ctrl-C and SIGTERM end every command with one sentence and status 130, and leave nothing half done."""

import contextlib
import os
import signal
import subprocess

import click
import pytest
from click.testing import CliRunner

from mobilenet_tf.console import command_edge
from mobilenet_tf.standard_streams import Command
from tests.support.commands import PATIENCE_S, images_in, running_process, wait_until

SENTENCE = "Interrupted: what was finished is kept, and nothing is half written."
SIGNALS = [signal.SIGINT, signal.SIGTERM]
SMALL = ("photos", "--alpha", "0.25", "--res", "32", "--batch-size", "4", "--output-dir", "out")
RUN = "mobilenet_v1_a0.25_r32_photos"


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("edge", [False, True])
def test_a_signal_at_any_time_is_one_sentence_and_status_130(number, edge):
    """Fault: outside of command_edge click ended it with `Aborted!` and status 1; SIGTERM cleaned nothing up."""
    cleaned = []

    def work():
        try:
            os.kill(os.getpid(), number)
        finally:
            cleaned.append(True)

    @click.command(cls=Command)
    def command():
        if edge:
            with command_edge(verbose=True):
                work()
        work()

    earlier = signal.getsignal(signal.SIGTERM)
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores Ctrl-C
    try:
        result = CliRunner().invoke(command)
    finally:
        signal.signal(signal.SIGINT, ignored)
    assert (result.exit_code, result.stderr) == (130, f"{SENTENCE}\n")
    assert cleaned == [True]
    assert signal.getsignal(signal.SIGTERM) is earlier


def test_a_process_that_was_told_to_ignore_sigterm_does():
    @click.command(cls=Command)
    def command():
        os.kill(os.getpid(), signal.SIGTERM)
        click.echo("went on")

    earlier = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        result = CliRunner().invoke(command)
    finally:
        signal.signal(signal.SIGTERM, earlier)
    assert (result.exit_code, result.output) == (0, "went on\n")


@contextlib.contextmanager
def training_that_says(folder, line, *, epochs):
    """A process that trains on a few photos, as soon as a line of its standard error begins so."""
    images_in(folder / "photos" / "cat", 6)
    images_in(folder / "photos" / "dog", 6, seed=1)
    with running_process("mobilenet-train", *SMALL, "--epochs", str(epochs), cwd=folder) as process:
        while not process.stderr.readline().startswith(line):
            assert process.poll() is None
        yield process


@pytest.mark.slow
@pytest.mark.parametrize("number", SIGNALS)
def test_training_is_interrupted_before_its_first_step_too(tmp_path, number):
    """While it loads TensorFlow. Fault: it went on to the end of the first step, minutes later with a large network."""
    with training_that_says(tmp_path, "Note: 12 of the 12 photos are used", epochs=1) as process:
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
    assert (process.returncode, stdout) == (130, "")
    assert stderr.splitlines()[-1] == SENTENCE
    assert "epoch" not in stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_sigterm_saves_a_run_as_ctrl_c_does(tmp_path):
    with training_that_says(tmp_path, "epoch 1/60", epochs=60) as process:
        process.send_signal(signal.SIGTERM)
        stderr = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 130
    assert stderr.splitlines()[-1] == "Stopped; the state is saved. Go on with the same command and --resume."
    assert {path.name for path in (tmp_path / "out").iterdir()} == {RUN}
    assert {"state.npz", "best.keras", "report.html"} <= {path.name for path in (tmp_path / "out" / RUN).iterdir()}


@pytest.mark.slow
def test_sigterm_ends_an_export_and_leaves_nothing(tmp_path):
    command = ("mobilenet-export", "--alpha", "0.25", "--res", "96", "--output-dir", tmp_path / "out")
    with running_process(*command, stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: (tmp_path / "out").exists() or process.poll() is not None)  # the lock is taken
        process.send_signal(signal.SIGTERM)
        stderr = process.communicate(timeout=PATIENCE_S)[1]
    assert process.returncode == 130
    assert stderr.splitlines()[-1] == SENTENCE
    assert not (tmp_path / "out").exists()
