"""mobilenet-benchmark on models and photos that are damaged in many ways."""

import numpy as np
import pytest
from PIL import Image

from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.results.records import Result
from tests.support.commands import run_process

QUICK = ("--runs", "1", "--min-seconds", "0", "--warmup", "0")


def run(*arguments, **options):
    return run_process("mobilenet-benchmark", *arguments, **options)


def damaged(whole, number, rng, *, reach, flips):
    """By turns a part of the file, the file with bits flipped in its first `reach` bytes, or noise."""
    if number % 3 == 0:
        return whole[: rng.integers(0, len(whole))]
    if number % 3 == 2:
        return rng.bytes(rng.integers(0, 5000))
    content = bytearray(whole)
    for place in rng.integers(0, reach, flips):
        content[place] ^= 1 << rng.integers(8)
    return bytes(content)


@pytest.mark.slow
def test_damaged_models_end_in_a_named_error_or_a_result_never_a_traceback(exported, tmp_path):
    """500 of them, truncated, with bits flipped, or random, in one command: it must live through all."""
    whole = (exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite").read_bytes()
    rng = np.random.default_rng(0)
    for number in range(500):
        content = damaged(whole, number, rng, reach=20_000 if number % 2 else len(whole), flips=30)
        (tmp_path / f"{number:03d}.tflite").write_bytes(content)
    done = run(tmp_path, *QUICK, "--output-dir", tmp_path / "out", timeout=900)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    errors = done.stderr.count("Error: ")
    measured = len(list((tmp_path / "out").iterdir()))
    assert errors + measured == 500
    assert errors >= 300


def test_damaged_photos_are_left_out_by_name_or_read_never_a_traceback(exported, tmp_path):
    """500 of them, truncated, with bits flipped, or random, as JPEG and PNG."""
    photo = bundled_photos() / "cat.jpg"
    with Image.open(photo) as image:
        image.resize((64, 48)).save(tmp_path / "small.png")
    whole = {".jpg": photo.read_bytes(), ".png": (tmp_path / "small.png").read_bytes()}
    folder, rng = tmp_path / "photos" / "tiger cat", np.random.default_rng(0)
    folder.mkdir(parents=True)
    for number in range(500):
        suffix = (".jpg", ".png")[number % 2]
        content = damaged(whole[suffix], number, rng, reach=len(whole[suffix]), flips=10)
        (folder / f"{number:03d}{suffix}").write_bytes(content)
    model = exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite"
    arguments = (model, *QUICK, "--images", tmp_path / "photos", "--output-dir", tmp_path / "out")
    refused = run(*arguments)
    assert refused.returncode == 1
    assert "Error: expected to use at least nine of ten photos" in refused.stderr
    done = run(*arguments, "--allow-skipped")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    (path,) = (tmp_path / "out").iterdir()
    accuracy = Result.read(path).accuracy
    assert accuracy.images + len(accuracy.left_out) == 500
    assert len(accuracy.left_out) > 250
