"""The demo app's contract, and driving it: the box's `am` answers as the app must."""

import dataclasses
import json
from pathlib import Path

import pytest

from mobilenet_tf.benchmark.android.adb import Device
from mobilenet_tf.benchmark.android.demo_app import install, installed, read_predictions, read_result, run_app
from mobilenet_tf.benchmark.android.device_run import RunSettings
from mobilenet_tf.data.photos import bundled_photos, find_photos
from mobilenet_tf.errors import DeviceError
from mobilenet_tf.results.records import SCHEMA_VERSION, Result
from tests.support.commands import ROOT, run_process

NAME = "mobilenet_v1_a0.25_r96_int8"
SETTINGS = RunSettings(Path(f"{NAME}.tflite"), threads=2, accelerator="cpu", runs=4, warmup=10)
SAVED = (ROOT / "tests" / "benchmark" / "android" / "outputs" / "app_result.txt").read_text()


@pytest.fixture
def phone(adb_box):
    device = Device(adb_box.OTHER)
    yield device
    files = ("installed", "broken", "crashes", "running", "refuses")
    device.shell("rm", "-f", *(f"/data/{name}" for name in files))


@pytest.fixture
def settings(exported):
    return RunSettings(exported[0] / f"{NAME}.tflite", threads=2, accelerator="cpu", runs=4, warmup=10)


def contract(**changes):
    saved = json.loads(SAVED.replace("MODEL", NAME).replace("THREADS", "2").replace("ACCELERATOR", "cpu"))
    return json.dumps(saved | changes)


def predictions(run="r1", names=("000000.jpg", "000001.png"), **changes):
    images = [{"file": name, "classes": [3, 1], "scores": [0.75, 0.25], "error": None} | changes for name in names]
    return json.dumps({"run": run, "seconds": 0.5, "images": images})


def test_the_result_is_one_of_ours():
    result = read_result(contract(), SETTINGS)
    assert (result.schema_version, result.accuracy) == (1, None)  # without accuracy both versions have the same fields
    assert dataclasses.replace(result, schema_version=SCHEMA_VERSION) == Result.from_json(contract())
    assert result.stages_ms.inference == result.latency_ms.p50
    assert (result.target, result.latency_ms.runs, result.latency_ms.warmup) == ("app", 20, 3)


def test_what_the_app_s_own_tests_wrote_is_read():
    written = ROOT / "android_demo" / "target" / "android-test"
    if not (written / "result.json").is_file():
        pytest.skip("the app's tests have not run: make android-test")
    result = Result.read(written / "result.json")
    assert result.backend.startswith("demo app, TensorFlow Lite ")
    found = json.loads((written / "predictions.json").read_text())
    # Numbered as the benchmark numbers what it pushes.
    images = read_predictions(json.dumps(found), found["run"], len(found["images"])).images
    assert [bool(image.error) for image in images] == [True, False]
    assert len(images[1].classes) == len(images[1].scores) == 5


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"error": "the GPU took no part of it"}', f"could not measure {NAME}.tflite: the GPU took no part of it"),
        ("{", "not JSON"),
        ("[]", "missing"),
        (contract(name="other"), f"expected of the demo app {NAME} on 2 thread"),
        (contract(accelerator="gpu"), "it gave .* on 2 of the gpu"),
        (contract(threads=1), "the demo app ran it on 1, because .* Ask for --threads 1"),
        (contract(latency_ms=[1.0]), "latency_ms: missing"),
        (contract(xnnpack="maybe"), "expected 'whole' or"),
        (contract(more=1), "unknown"),
    ],
)
def test_a_result_that_breaks_the_contract_is_refused(text, reason):
    with pytest.raises(DeviceError, match=reason):
        read_result(text, SETTINGS)


def test_predictions_come_for_every_photo_in_order():
    found = read_predictions(predictions(), "r1", 2)
    assert [(image.classes, image.scores) for image in found.images] == [([3, 1], [0.75, 0.25])] * 2
    for text in (predictions("r2"), predictions(names=["000000.jpg"]), predictions(names=["000001.a", "000000.b"])):
        with pytest.raises(DeviceError, match="predictions of run r1 for 2 photos"):
            read_predictions(text, "r1", 2)
    with pytest.raises(DeviceError, match="expected float"):
        read_predictions(predictions(scores=["high"]), "r1", 2)


def test_whether_the_app_is_installed(phone, tmp_path):
    assert not installed(phone)
    apk = tmp_path / "the app.apk"
    with pytest.raises(DeviceError, match="make apk"):
        install(phone, apk)
    apk.write_bytes(b"PK")
    phone.shell("touch", "/data/refuses")
    with pytest.raises(DeviceError, match="from another builder"):
        install(phone, apk)
    phone.shell("rm", "/data/refuses")
    install(phone, apk)
    assert installed(phone)


@pytest.mark.parametrize("accelerator", ["cpu", "nnapi"])
def test_a_run_leaves_neither_model_nor_result(phone, settings, accelerator):
    run = run_app(phone, RunSettings(settings.model, 2, accelerator, 4, 10))
    assert (run.latency_ms.runs, run.backend) == (20, "demo app, TensorFlow Lite 2.16.1")
    assert run.predictions is None
    assert files(phone) == []


def test_photos_are_classified_there(phone, settings):
    paths = find_photos(bundled_photos()).paths[:3]
    run = run_app(phone, settings, paths)
    assert [image.file for image in run.predictions.images] == ["000000.jpg", "000001.jpg", "000002.jpg"]
    assert files(phone) == []


def test_an_app_that_does_not_start_or_ends_early_is_an_error(phone, settings):
    phone.shell("touch", "/data/crashes")
    with pytest.raises(DeviceError, match="ended without a result"):
        run_app(phone, settings)
    phone.shell("touch", "/data/running")
    with pytest.raises(DeviceError, match=r"no result within 0\.1 s"):
        run_app(phone, settings, limit_s=0.1)
    phone.shell("touch", "/data/broken")
    with pytest.raises(DeviceError, match="does not start: Error type 3"):
        run_app(phone, settings)
    assert files(phone) == []


def test_a_model_without_a_manifest_is_refused(phone, tmp_path):
    model = tmp_path / "hosted.tflite"
    model.write_bytes(b"model")
    with pytest.raises(DeviceError, match=r"knows a model by the manifest\.json"):
        run_app(phone, RunSettings(model, 1, "cpu", 4, 10))


def test_the_command_installs_and_takes_the_accuracy_of_the_device(adb_box, phone, exported, tmp_path):
    """The box's app answers class 0 to every photo, as the network on this host does not."""
    apk = tmp_path / "app.apk"
    apk.write_bytes(b"PK")
    photo = find_photos(bundled_photos()).paths[0]
    ground_truth = tmp_path / "ground_truth.txt"
    ground_truth.write_text(f"{photo.name},0\n")
    target = ("--target", f"adb:{adb_box.OTHER}", "--app", "--apk", apk, "--output-dir", tmp_path / "out")
    photos = ("--images", bundled_photos(), "--ground-truth", ground_truth)
    done = run_process("mobilenet-benchmark", exported[0] / f"{NAME}.tflite", *target, *photos)
    assert done.returncode == 0, done.stderr
    result = Result.read(next((tmp_path / "out").iterdir()))
    assert (result.target, result.accuracy.top1, result.accuracy.images) == (f"adb:{adb_box.OTHER}", 1.0, 1)
    assert result.accuracy.images_per_s == 2.0
    assert "Golden vectors were not checked" in done.stderr
    assert files(phone) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--apk": "missing.apk"}, "expected the demo app in missing.apk"),
        ({"--images": "missing"}, "expected a folder of photos; missing does not exist"),
        ({"--output-dir": "app.apk/results"}, "cannot write results into app.apk/results"),
        ({"model": "hosted.tflite"}, "knows a model by the manifest.json beside it"),
        ({"--target": "adb:missing"}, "expected the device 'missing'"),
    ],
)
def test_nothing_is_installed_before_everything_is_checked(adb_box, phone, exported, tmp_path, change, message):
    (tmp_path / "app.apk").write_bytes(b"PK")
    (tmp_path / "hosted.tflite").write_bytes(b"model")
    chosen = {
        "model": exported[0] / f"{NAME}.tflite",
        "--target": f"adb:{adb_box.OTHER}",
        "--apk": "app.apk",
        "--images": bundled_photos(),
        "--output-dir": "out",
    } | change
    model = chosen.pop("model")
    options = [word for pair in chosen.items() for word in pair]
    done = run_process("mobilenet-benchmark", model, "--app", *options, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert not installed(phone)


def files(phone):
    return phone.shell("find", "/sdcard", "-type", "f").text.split()
