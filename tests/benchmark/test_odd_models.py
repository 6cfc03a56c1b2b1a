"""One model with an odd name, odd contents or odd files beside it does not spoil the measurement of the others."""

import json
import os

import pytest

from experiments.fuzz_models import float_model
from mobilenet_tf.benchmark.model_facts import layer_errors
from mobilenet_tf.benchmark.sweep import Job, find_models, result_path, sweep_targets
from mobilenet_tf.results.records import Result
from mobilenet_tf.tflite.flatbuffer import pack
from tests.support.commands import run_process
from tests.support.results_sample import sample

QUICK = ("--runs", "2", "--min-seconds", "0", "--warmup", "0")
LAYER = {"name": "conv", "error_steps": {"after": 0.5}, "sqnr_db": 30.0}
BROKEN = {
    "not text": b"\xff\xfe\x00",
    "no JSON": b"{",
    "100,000 levels": b"[" * 100_000,
    "a list": b"[]",
    "NaN": json.dumps({"recipes": [{"recipe": "int8", "steps": ["after"], "layers": [LAYER | {"sqnr_db": 1e999}]}]}),
    "a word for a number": json.dumps(
        {"recipes": [{"recipe": "int8", "steps": ["after"], "layers": [LAYER | {"sqnr_db": "high"}]}]}
    ),
    "recipes that are none": b'{"recipes": [1, null, "int8"]}',
    "layers that are none": b'{"recipes": [{"recipe": "int8", "steps": ["after"], "layers": 7}]}',
}


def test_odd_names_and_files_are_measured_or_named_and_the_others_go_on(tmp_path):
    models, content = tmp_path / "models", pack(float_model())
    for folder in ("a", "b", "c"):
        (models / folder).mkdir(parents=True)
    long = "l" * 246
    for name in ("a/plain", "a/two\nlines", "a/\x1b[31mred", f"a/{long}", "a/mobilenet_v1_a1e9_r32_int8", "b/x_int8"):
        (models / f"{name}.tflite").write_bytes(content)
    (models / "b" / "quantization.json").write_bytes(BROKEN["no JSON"])
    os.mkfifo(models / "c" / "pipe.tflite")
    (models / "c" / "folder.tflite").mkdir()
    (models / "c" / "text.tflite").write_text("no model")
    done = run_process("mobilenet-benchmark", models, "n" * 300, *QUICK, "--output-dir", tmp_path / "out", "--json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout)
    assert len(found) == 6
    assert len({Result.read(path).name for path in (tmp_path / "out").iterdir()}) == 6
    assert done.stderr.count("Error: ") == 4
    for problem in ("is no regular file", "is a folder without a .tflite file", "text.tflite", "File name too long"):
        assert problem in done.stderr.replace("\n", " ")
    assert "quantization.json cannot be read" in done.stderr.replace("\n", " ")


def test_an_error_that_nobody_thought_of_is_that_of_its_model(tmp_path):
    def measure(_):
        raise KeyError("no such key")

    def job(name, work):
        (tmp_path / name).write_bytes(b"")
        return Job(tmp_path / name, tmp_path / f"{name}.result.json", work)

    bad, good = sweep_targets([[job("a", measure), job("b", lambda _: sample("b"))]], overwrite=True)
    assert str(bad.error) == f"cannot measure {tmp_path / 'a'}: KeyError: 'no such key'\n--verbose shows where."
    assert good.result == sample("b")


def test_results_of_long_names_have_short_ones_that_differ(tmp_path):
    names = [f"{'é' * 100}{number}.tflite" for number in range(3)]
    paths = {result_path(tmp_path, tmp_path / name, "adb:" + "s" * 300, "t1-abc") for name in names}
    assert len(paths) == 3
    assert max(len(os.fsencode(path.name)) for path in paths) < 220
    assert find_models([tmp_path / ("n" * 300)]) == ([tmp_path / ("n" * 300)], [])


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_broken_quantization_report_is_a_note(tmp_path, content):
    path = tmp_path / "quantization.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    errors, note = layer_errors(tmp_path / "x_int8.tflite")
    assert errors == []
    assert note.startswith(f"{path} cannot be read, so the errors of its layers are not in the result: ")


def test_a_quantization_report_that_is_a_pipe_is_a_note(tmp_path):
    os.mkfifo(tmp_path / "quantization.json")
    assert "it is no file of text" in layer_errors(tmp_path / "x_int8.tflite")[1]
