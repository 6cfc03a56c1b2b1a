import contextlib
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from mobilenet_tf.contract.preprocessing import load_rgb, preprocess, rule_sha256
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.results.records import Result
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.interpreter import Session
from tests.support.commands import PATIENCE_S, images_in, run_process
from tests.support.tflite_files import classifier_file

QUICK = ("--runs", "5", "--min-seconds", "0", "--warmup", "1")


def run(*arguments, **options):
    """The command in a process of its own: it forks, which a process with TensorFlow's threads should not."""
    return run_process("mobilenet-benchmark", *arguments, **options)


@pytest.fixture(scope="module")
def results(exported, tmp_path_factory):
    """Both files of an export, with accuracy on two folders named like classes: (folder, what the command gave)."""
    root = tmp_path_factory.mktemp("results")
    for seed, name in enumerate(("tench, Tinca tinca", "goldfish, Carassius auratus")):
        images_in(root / "photos" / name, 5, seed=seed)
    (root / "photos" / "goldfish, Carassius auratus" / "broken.jpg").write_bytes(b"\xff\xd8 no photo")
    done = run(exported[0], *QUICK, "--images", root / "photos", "--threads", "1,2", "--output-dir", root / "out")
    assert done.returncode == 0, done.stderr
    return root, done


def test_it_prints_a_row_for_each_model_and_threads_and_the_device(results):
    header, _, *rows = results[1].stdout.splitlines()
    assert re.split("  +", header) == ["model", "threads", "p50 ms", "p90 ms", "MB", "top-1", "95 %", "top-5"]
    assert [row.split()[:2] for row in rows[:4]] == [
        [f"mobilenet_v1_a0.25_r96_{recipe}", threads] for recipe in ("float32", "int8") for threads in ("1", "2")
    ]
    assert "ai-edge-litert 2.3" in rows[-2]
    photos = results[0] / "photos"
    assert rows[-1] == f"Accuracy on 10 of the 11 photos in {photos}."
    (note,) = results[1].stderr.splitlines()
    broken = photos / "goldfish, Carassius auratus" / "broken.jpg"
    assert note.startswith(
        f"Note: accuracy is measured on 10 of the 11 photos in {photos}; 1 was left out (cannot read {broken}: "
    )


def test_a_result_has_the_accuracy_the_latency_and_the_environment(results):
    found = [Result.read(path) for path in sorted((results[0] / "out").iterdir())]
    assert len(found) == 4
    for result in found:
        assert result.preprocessing_sha256 == rule_sha256()
        assert (result.accuracy.images, len(result.accuracy.left_out), result.accuracy.seen) == (10, 1, 11)
        assert result.latency_ms.runs == 5
        assert result.environment.cores == os.cpu_count()
        assert result.environment.versions["ai-edge-litert"].startswith("2.3")
        assert min(result.stages_ms.load, result.stages_ms.preprocess, result.stages_ms.postprocess) > 0
        assert 20e6 < result.peak_memory_bytes < 400e6


def test_an_earlier_result_is_used_again_until_it_is_to_be_overwritten(results, exported):
    arguments = (exported[0], *QUICK, "--images", results[0] / "photos", "--output-dir", results[0] / "out")
    before = {path: path.read_bytes() for path in (results[0] / "out").iterdir()}
    again = run(*arguments, "--threads", "1,2")
    assert (again.returncode, again.stdout) == (0, results[1].stdout)
    assert "Note: 4 of 4 were measured before; --overwrite measures them again." in again.stderr
    assert {path: path.read_bytes() for path in (results[0] / "out").iterdir()} == before
    assert run(*arguments, "--overwrite").returncode == 0
    changed = [path for path, content in before.items() if path.read_bytes() != content]
    assert len(changed) == 2


def test_json_is_one_document(exported, tmp_path):
    done = run(exported[0], *QUICK, "--json", "--output-dir", tmp_path, "--max-latency-ms", "1000")
    documents = json.loads(done.stdout)
    assert [document["name"] for document in documents] == [f"mobilenet_v1_a0.25_r96_{r}" for r in ("float32", "int8")]
    assert set(documents[0]["latency_ms"]) >= {"p50", "p90", "p99", "min", "mean", "std"}
    assert [document["chosen"] for document in documents].count(True) == 1
    assert documents[0]["top1"] is documents[0]["accuracy"] is None


def test_photos_left_out_are_counted_named_and_end_with_status_1_unless_allowed(exported, tmp_path):
    model, photos = exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite", tmp_path / "photos"
    for seed, name in enumerate(("tench, Tinca tinca", "COW")):
        images_in(photos / name, 3, seed=seed)
    arguments = (model, *QUICK, "--images", photos, "--output-dir", tmp_path / "out")
    done = run(*arguments)
    assert done.returncode == 1
    assert f"Accuracy on 3 of the 6 photos in {photos}." in done.stdout
    assert f"nine of ten photos in {photos}; 3 of 6 can be used.\nLeft out: folder 'COW' is no class" in done.stderr
    assert len(list((tmp_path / "out").iterdir())) == 1
    allowed = run(*arguments, "--allow-skipped", "--json")
    assert allowed.returncode == 0, allowed.stderr
    (document,) = json.loads(allowed.stdout)
    found = document["accuracy"]
    assert (document["images"], found["seen"], found["left_out"], found["unmatched_folders"]) == (3, 6, 3, ["COW"])
    assert "Note: 1 of 1 were measured before" in allowed.stderr
    (photos / "COW").rename(photos / "goldfish, Carassius auratus")
    mended = run(*arguments)
    assert mended.returncode == 0, mended.stderr
    assert f"Accuracy on 6 of the 6 photos in {photos}." in mended.stdout


def test_class_numbers_that_begin_at_1_are_noticed_and_mended_by_the_option_that_is_named(exported, tmp_path):
    """The ground truth is what the model says itself, each number one too high."""
    model = exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite"
    names = sorted(path.name for path in bundled_photos().iterdir())
    best = [best_of(model, bundled_photos() / name) for name in names]
    (tmp_path / "list.txt").write_text("".join(f"{n},{b + 1}\n" for n, b in zip(names, best, strict=True)))
    images = ("--images", bundled_photos(), "--ground-truth", tmp_path / "list.txt")
    done = run(model, *QUICK, *images, "--output-dir", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    doubt = "would be 100.0% if the class numbers of the ground truth were one lower: give --class-offset -1"
    assert done.stdout.splitlines()[-1].startswith("* top-1 is ")
    assert (done.stdout.count(doubt), done.stderr.count(doubt)) == (1, 0)
    mended = run(model, *QUICK, *images, "--class-offset", "-1", "--output-dir", tmp_path / "out")
    assert "100%" in mended.stdout
    assert "*" not in mended.stdout
    assert "would be" not in mended.stdout


def test_another_persons_file_is_measured_with_the_input_that_is_given(tmp_path):

    model, photos = tmp_path / "open.tflite", tmp_path / "photos"
    model.write_bytes(classifier_file("softmax", shape=(None, None, 3)))
    (tmp_path / "labels.txt").write_text("a\nb\nc\nd\n")
    for name in "ab":
        images_in(photos / name, 3, seed=ord(name))
    arguments = (
        model,
        *QUICK,
        "--images",
        photos,
        "--labels",
        tmp_path / "labels.txt",
        "--output-dir",
        tmp_path / "out",
    )
    refused = run(*arguments)
    assert refused.returncode == 2
    assert "give --res N" in refused.stderr
    done = run(*arguments, "--res", "32", "--mean", "0", "--std", "255")
    assert done.returncode == 0, done.stderr
    assert "is assumed" not in done.stderr
    (path,) = (tmp_path / "out").iterdir()
    result = Result.read(path)
    assert (result.model.res, result.accuracy.images, result.accuracy.top5) == (32, 6, None)
    assert "top-5" not in done.stdout.splitlines()[0]  # of four classes
    table = np.arange(256, dtype=np.float32) / 255
    session = Session(model.read_bytes(), res=32)
    paths = sorted(photos.rglob("*.jpg"))
    best = [session.run(table[preprocess(load_rgb(p), 32)][None]).argmax() for p in paths]
    assert result.accuracy.top1 == np.mean(np.array(best) == [0, 0, 0, 1, 1, 1])


def best_of(path, photo):
    model = ImageModel(path)
    return int(model.predict(preprocess(load_rgb(photo), model.res)[None]).argmax())


def test_if_no_model_is_within_the_limits_the_status_is_1_and_the_nearest_is_named(exported, tmp_path):
    done = run(exported[0], *QUICK, "--output-dir", tmp_path, "--max-size", "1kB")
    assert done.returncode == 1
    assert "No model fits: 0.00 MB excludes 2 of 2. The nearest is mobilenet_v1_a0.25_r96_int8" in done.stdout


def test_sustained_and_profile_are_measured_if_requested(exported, tmp_path):
    model = exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite"
    done = run(model, *QUICK, "--sustained", "0.3", "--profile", "--output-dir", tmp_path)
    assert done.returncode == 0, done.stderr
    (path,) = tmp_path.iterdir()
    result = Result.read(path)
    assert len(result.sustained) > 1
    assert len(result.ops) == 30
    assert result.accuracy is None


def test_one_model_that_fails_is_named_and_the_others_are_measured(exported, tmp_path):
    models = tmp_path / "models"
    models.mkdir()
    whole = (exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite").read_bytes()
    (models / "a.tflite").write_bytes(whole[:9000])
    (models / "b.tflite").write_bytes(whole)
    done = run(models, *QUICK, "--output-dir", tmp_path / "out")
    assert done.returncode == 1
    assert [line.split()[0] for line in done.stdout.splitlines()[2:3]] == ["b"]
    assert f"Error: cannot load {models / 'a.tflite'}: " in done.stderr
    assert "Traceback" not in done.stderr
    assert len(list((tmp_path / "out").iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.tflite",), "none.tflite does not exist"),
        (("empty",), "empty is a folder without a .tflite file; expected a .tflite file."),
        (("empty/../m.tflite", "--images", "empty"), "it is empty"),
        (("m.tflite", "--images", "none"), "does not exist"),
        (("m.tflite", "--ground-truth", "x"), "give --images too"),
        (("m.tflite", "--labels", "x"), "cannot read the labels in x"),
        (("m.tflite", "--threads", "0"), "from 1 to 64; got 0"),
        (("m.tflite", "--max-size", "big"), "got 'big'"),
        (("m.tflite", "--output-dir", "m.tflite/out"), "cannot write results into m.tflite/out"),
    ],
)
def test_bad_input_is_named_in_a_sentence(exported, tmp_path, arguments, message):
    (tmp_path / "empty").mkdir()
    (tmp_path / "m.tflite").write_bytes((exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite").read_bytes())
    done = run(*QUICK, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_an_interpreter_that_crashes_ends_its_own_process_only(exported, tmp_path):
    """The child kills itself as a damaged file would: the command names the model and goes on with the next one."""
    script = tmp_path / "dies.py"
    script.write_text(
        "import os, signal, sys\n"
        "from mobilenet_tf.benchmark import measure\n"
        "whole = measure.measure\n"
        "def dying(path, *rest):\n"
        "    if 'float32' in path.name: os.kill(os.getpid(), signal.SIGSEGV)\n"
        "    return whole(path, *rest)\n"
        "measure.measure = dying\n"
        "from mobilenet_tf.benchmark.cli import benchmark\n"
        "benchmark(sys.argv[1:])\n"
    )
    done = run_process("python", script, exported[0], *QUICK, "--output-dir", tmp_path / "out")
    assert done.returncode == 1
    assert "the interpreter crashed on" in done.stderr
    assert "(SIGSEGV)" in done.stderr
    assert "mobilenet_v1_a0.25_r96_int8" in done.stdout


def test_ctrl_c_ends_it_and_leaves_whole_results_only(exported, tmp_path):
    """The progress bar, for which standard error must be a terminal, tells when the measurement is under way."""
    command = [str(Path(sys.executable).with_name("mobilenet-benchmark")), str(exported[0])]
    options = ["--min-seconds", "1", "--sustained", "600", "--output-dir", str(tmp_path / "out")]
    terminal, stderr = os.openpty()
    process = subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,  # so that what it starts can be ended with it
        # A shell that runs the tests in the background ignores the signal, and so does all that they start.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        os.close(stderr)
        read_until(terminal, b"sustained load")
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the command and to its child
        assert read_until(terminal, b"Interrupted: ").count(b"Traceback") == 0
        assert process.communicate(timeout=PATIENCE_S)[0] == b""
        assert process.returncode == 130
        with pytest.raises(ProcessLookupError):
            os.killpg(process.pid, 0)  # the child has ended too
    finally:
        os.close(terminal)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert not list(tmp_path.rglob("*.json"))


def read_until(terminal, text):
    """What a program prints on a terminal, up to `text` and whatever came with it."""
    printed, end = b"", time.monotonic() + PATIENCE_S
    while text not in printed:
        ready, _, _ = select.select([terminal], [], [], max(0, end - time.monotonic()))
        assert ready, f"after {PATIENCE_S} s it printed {printed!r}"
        printed += os.read(terminal, 1 << 16)
    return printed
