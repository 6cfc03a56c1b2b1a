import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mobilenet_tf.errors import OutputError
from mobilenet_tf.interrupts import ended_by_interrupts
from mobilenet_tf.locks import locked
from tests.support.commands import PATIENCE_S, images_in, run_process, run_train, running_process

NAME = "mobilenet_v1_a0.25_r32_photos"
DOING = ("another mobilenet-train", " is training into ")
HOLD = "import sys, time, pathlib\nfrom mobilenet_tf.locks import locked\n"
HOLD += "with locked(pathlib.Path(sys.argv[1]), *sys.argv[2:]):\n    print('locked', flush=True)\n    time.sleep(600)\n"


def entries(folder):
    return {path.name for path in folder.iterdir()}


def test_a_lock_leaves_nothing_behind(tmp_path):
    with locked(tmp_path / "out" / "deep" / "run", *DOING):
        assert entries(tmp_path / "out" / "deep") == {".run.lock"}
    assert entries(tmp_path) == set()
    with locked(tmp_path / "out" / "run", *DOING):
        (tmp_path / "out" / "run").mkdir()
    assert entries(tmp_path / "out") == {"run"}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_the_folder_is_made_leaves_nothing_behind(tmp_path, monkeypatch, number):
    """Fault: an export that was ended as soon as its output folder existed left it there, empty."""
    made = Path.mkdir

    def interrupted(folder, **options):
        made(folder, **options)
        os.kill(os.getpid(), number)

    monkeypatch.setattr(Path, "mkdir", interrupted)
    ignored = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores Ctrl-C
    try:
        with pytest.raises(click.exceptions.Exit), ended_by_interrupts(), locked(tmp_path / "out" / "run", *DOING):
            pytest.fail("it is interrupted before")
    finally:
        signal.signal(signal.SIGINT, ignored)
    assert entries(tmp_path) == set()


def test_a_second_lock_is_refused_and_the_first_stays(tmp_path):
    with locked(tmp_path / "run", *DOING):
        for _ in range(2):
            with (
                pytest.raises(OutputError, match=rf"another .* \(process {os.getpid()}\) is training into"),
                locked(tmp_path / "run", *DOING),
            ):
                pass
        with locked(tmp_path / "other", *DOING):  # another run beside it
            pass
    with locked(tmp_path / "run", *DOING):
        pass


def test_the_lock_of_a_killed_process_holds_nobody_up(tmp_path):
    with running_process(sys.executable, "-c", HOLD, tmp_path / "run", *DOING) as process:
        assert process.stdout.readline() == "locked\n"
        with pytest.raises(OutputError, match=rf"\(process {process.pid}\)"), locked(tmp_path / "run", *DOING):
            pass
        process.kill()
        assert process.wait() == -signal.SIGKILL
    with locked(tmp_path / "run", *DOING):
        pass
    assert entries(tmp_path) == set()


def test_where_nothing_can_be_written_it_says_so(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot write to .*file"), locked(tmp_path / "file" / "run", *DOING):
        pass


@pytest.mark.parametrize("options", [(), ("--resume",), ("--overwrite",)])
def test_a_run_that_is_being_trained_is_left_alone_before_any_photo_is_read(tmp_path, options):
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "state.npz").touch()
    arguments = [str(tmp_path / "photos"), "--alpha", "0.25", "--res", "32", "--output-dir", str(tmp_path), *options]
    with locked(tmp_path / NAME, *DOING):
        result = run_train(*arguments)  # there are no photos
        assert entries(tmp_path) == {NAME, f".{NAME}.lock"}
    assert result.exit_code == 2
    assert f"is training into {tmp_path / NAME}.\nLet it end, or give another --output-dir." in result.output


@pytest.mark.slow
def test_of_two_trainings_that_start_together_one_wins(tmp_path):
    for seed, name in enumerate(("cat", "dog")):
        images_in(tmp_path / "photos" / name, 6, seed=seed)
    words = ("photos", "--alpha", "0.25", "--res", "32", "--epochs", "1", "--batch-size", "4", "--output-dir", "out")
    with running_process("mobilenet-train", *words, cwd=tmp_path) as one:
        other = run_process("mobilenet-train", *words, cwd=tmp_path)
        first = subprocess.CompletedProcess(one.args, one.wait(PATIENCE_S), one.stdout.read(), one.stderr.read())
    assert sorted([first.returncode, other.returncode]) == [0, 2]
    loser = other if other.returncode else first
    assert "another mobilenet-train (process " in loser.stderr
    assert entries(tmp_path / "out") == {NAME}
