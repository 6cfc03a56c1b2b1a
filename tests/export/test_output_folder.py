"""The folder of an export is written whole or not at all: on a full disk, after a kill, beside a second process."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from export.pipeline import export_model
from mobilenet_tf.errors import OutputError
from mobilenet_tf.locks import locked
from tests.support.commands import PATIENCE_S, contents_of, run_export, run_process, running_process, wait_until

NAME = "mobilenet_v1_a0.25_r96"
SMALL = ("--alpha", "0.25", "--res", "96", "--quant", "int8")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "then", "message"),
    [
        ("2500k", "true", "The disk is full"),  # found when the files are written
        ("300k", "true", r"it takes 2\.\d MB or more, and 0\.\d MB are free.\nThe disk is full"),
        ("9m", "mount -o remount,ro", "is not writable"),
    ],
)
def test_a_full_disk_is_named_and_the_earlier_export_stays(exported, tmp_path, size, then, message):
    """A real file system: the earlier export fits, a second beside it does not; or it is read-only."""
    target = tmp_path / "disk"
    target.mkdir()
    command = Path(sys.executable).with_name("mobilenet-export")
    script = f"""
mount -t tmpfs -o size={size} tmpfs {target} || exit 77
mkdir {target}/{NAME} && cp {exported[0]}/manifest.json {target}/{NAME}/
{then} {target}
{command} --alpha 0.25 --res 96 --overwrite --output-dir {target}; status=$?
ls -A {target}; ls {target}/{NAME}
exit $status
"""
    done = run_process("/usr/bin/unshare", "-rm", "sh", "-c", script)
    if done.returncode in (1, 77) and "Error: " not in done.stderr:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 2, done.stderr
    assert re.search(message, done.stderr)
    assert done.stdout.split() == [NAME, "manifest.json"]


@pytest.mark.slow
def test_a_kill_while_it_writes_leaves_the_earlier_export_whole(exported, tmp_path):
    target = tmp_path / NAME
    shutil.copytree(exported[0], target)
    before = contents_of(target)
    command = ("mobilenet-export", *SMALL, "--overwrite", "--output-dir", tmp_path)
    with running_process(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: process.poll() is not None or len(list(tmp_path.iterdir())) > 1)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
    assert contents_of(target) == before
    again = run_export(*SMALL, "--overwrite", "--output-dir", tmp_path)
    assert again.exit_code == 0, again.output
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_an_export_waits_for_another_one_and_then_looks_at_its_folder_again(small_job, tmp_path):
    """Fault: two fine-tunings wrote to one checkpoint, and the second of two exports lost its work at the very end."""
    job = replace(small_job, target=tmp_path / "export")
    waiting = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(job.target, "another mobilenet-export", " is writing "))

        def on_progress(task, _):
            waiting.append(task)
            job.target.mkdir()
            stack.close()

        with pytest.raises(OutputError, match="exists already"):
            export_model(job, on_progress)
    assert waiting == [f"{job.name}: waiting: another mobilenet-export (process {os.getpid()}) is writing {job.target}"]
    assert [path.name for path in tmp_path.iterdir()] == ["export"]


@pytest.mark.slow
def test_two_processes_exporting_one_name_do_no_harm(tmp_path):
    command = ("mobilenet-export", *SMALL, "--overwrite", "--output-dir", tmp_path)
    with contextlib.ExitStack() as stack:
        started = [running_process(*command, stdout=subprocess.DEVNULL, stderr=None) for _ in range(2)]
        both = [stack.enter_context(process) for process in started]
        assert [process.wait(timeout=PATIENCE_S) for process in both] == [0, 0]
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    manifest = json.loads((tmp_path / NAME / "manifest.json").read_text())
    assert (tmp_path / NAME / manifest["files"][0]["path"]).stat().st_size == manifest["files"][0]["size_bytes"]
