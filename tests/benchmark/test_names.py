"""Files and folders whose names are not UTF-8: photos are read, and every name is printed and written in escapes."""

import os
import shutil

from mobilenet_tf.report.text import markdown_report
from mobilenet_tf.results.records import Result
from tests.support.commands import images_in, run_process


def test_names_that_are_not_utf8_are_measured_printed_and_written(exported, tmp_path):
    latin1 = os.fsdecode(b"caf\xe9")
    photos = images_in(tmp_path / latin1 / "tench, Tinca tinca", 11)
    (photos / "photo_000.jpg").rename(photos / f"{latin1}.jpg")
    images_in(tmp_path / latin1 / f"{latin1} noir", 1)
    model = tmp_path / f"{latin1}.tflite"
    shutil.copy(exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite", model)
    arguments = ("--runs", "3", "--min-seconds", "0", "--images", tmp_path / latin1, "--output-dir", tmp_path / "out")
    done = run_process("mobilenet-benchmark", model, *arguments)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[2].startswith(r"caf\xe9 ")
    assert f"Accuracy on 11 of the 12 photos in {tmp_path}/caf\\xe9." in done.stdout
    assert r"(folder 'caf\xe9 noir' is no class of the model)" in done.stderr
    (path,) = (tmp_path / "out").iterdir()
    result = Result.read(path)
    assert (result.name, result.accuracy.unmatched_folders) == (r"caf\xe9", [r"caf\xe9 noir"])
    assert markdown_report([result]).encode()
