"""Running the demo app's benchmark activity, which measures as an app on the phone does.

What the app must do:

- Be the package `org.mobilenet_tf.demo`, with an exported activity `.BenchmarkActivity`.
- Started with the extra `prepare` (true), make `models/`, `results/` and `images/` in its external files folder and
  finish. (If adb's shell user made them, the app could not write to them.)
- Started with the extras `model` (`<folder>/<name>`, without .tflite), `threads`, `accelerator` ("cpu", "gpu" or
  "nnapi"), `runs`, `warmup`, `run` (letters and digits) and, to classify photos too, `images` (a folder), measure
  `models/<folder>/<name>.tflite`, which it knows by the manifest beside it, and finish.
- Write `results/<run>.predictions.json` if there were images, with the fields of `PhotoPredictions`; then
  `results/<run>.result.json`: {"error": "one sentence"} if it could not measure, else the fields of docs/results.md.
  Each file is written under another name first and renamed, so that a reader who sees it sees all of it.
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mobilenet_tf.errors import DeviceError
from mobilenet_tf.json_records import parse_json, parse_record
from mobilenet_tf.results.records import Result
from mobilenet_tf.terminal import printable

from .adb import Device
from .device_run import DeviceRun, PhotoPredictions, RunSettings
from .export_files import export_files

__all__ = ["check_apk", "install", "installed", "read_predictions", "read_result", "run_app"]

PACKAGE = "org.mobilenet_tf.demo"
FILES = f"/sdcard/Android/data/{PACKAGE}/files"
POLL_S, LIMIT_S = 0.5, 600.0
PREPARE_S = 20.0


def installed(device: Device) -> bool:
    """Whether the demo app is on the device."""
    return "package:" in device.shell("pm", "path", PACKAGE, check=False).text


def check_apk(apk: Path) -> None:
    """Raise DeviceError if the file of the demo app is not there."""
    if not apk.is_file():
        raise DeviceError(
            f"expected the demo app in {apk}; there is none. Make it with `make apk`, or give --apk FILE."
        )


def install(device: Device, apk: Path) -> None:
    """Install the demo app, or replace it by this version of it. Raises DeviceError."""
    check_apk(apk)
    device.install(apk)


def run_app(
    device: Device, settings: RunSettings, photos: Sequence[Path] = (), *, limit_s: float = LIMIT_S
) -> DeviceRun:
    """Copy the model and the photos there, start the activity, wait for its result, and remove everything.

    Raises DeviceError.
    """
    run = secrets.token_hex(6)
    results = [f"{FILES}/results/{run}.{kind}.json" for kind in ("predictions", "result")]
    _prepare(device)
    with _pushed(device, settings, photos, run, results):
        images = ("--es", "images", f"{FILES}/images/{run}") if photos else ()
        _start(device, *_extras(settings, run), *images)
        _wait(device, results[-1], limit_s)
        result = read_result(device.read_text(results[-1]), settings)
        predictions = read_predictions(device.read_text(results[0]), run, len(photos)) if photos else None
    return _device_run(result, predictions)


@contextmanager
def _pushed(
    device: Device, settings: RunSettings, photos: Sequence[Path], run: str, results: Sequence[str]
) -> Iterator[None]:
    """The model, the files beside it, and the photos, in folders of this run: the phone may have other models."""
    folders = {f"{FILES}/models/{run}": export_files(settings.model), f"{FILES}/images/{run}": _numbered_names(photos)}
    try:
        for folder, files in folders.items():
            places = {f"{folder}/{name}": file for name, file in files.items()}
            if places:
                device.shell("mkdir", "-p", *{place.rpartition("/")[0] for place in places})
            for place, file in places.items():
                device.push(file, place)
            # The app is another user than adb's. Storage without file modes refuses this, and does not need it.
            device.shell("chmod", "-R", "a+rX", folder, check=False)
        yield
    finally:
        _clean(device, *folders, *results)


def _numbered_names(photos: Sequence[Path]) -> dict[str, Path]:
    return {f"{number:06d}{photo.suffix.lower()}": photo for number, photo in enumerate(photos)}


def _prepare(device: Device) -> None:
    _start(device, "--ez", "prepare", "true")
    end = time.monotonic() + PREPARE_S
    while device.shell("test", "-d", f"{FILES}/results", check=False).status != 0:
        if time.monotonic() > end:
            raise DeviceError(f"{device.serial}: the demo app did not make {FILES}/results. Install it again.")
        time.sleep(POLL_S)


def _start(device: Device, *extras: str) -> None:
    output = device.shell("am", "start", "-W", "-S", "-n", f"{PACKAGE}/.BenchmarkActivity", *extras, timeout_s=60)
    # `am` ends with 0 even if it could not start.
    if error := next((line for line in output.text.splitlines() if line.startswith("Error")), None):
        raise DeviceError(f"{device.serial}: the demo app does not start: {printable(error[:160])}. Install it again.")


def _extras(settings: RunSettings, run: str) -> list[str]:
    texts = {"model": f"{run}/{settings.model.stem}", "accelerator": settings.accelerator, "run": run}
    numbers = {"threads": settings.threads, "runs": settings.runs, "warmup": settings.warmup}
    words = [word for name, text in texts.items() for word in ("--es", name, text)]
    return words + [word for name, number in numbers.items() for word in ("--ei", name, str(number))]


def _wait(device: Device, result: str, limit_s: float) -> None:
    end = time.monotonic() + limit_s
    while True:
        # Whether it runs is asked first: the app may write its result and end between the two questions.
        runs = device.shell("pidof", PACKAGE, check=False).status == 0
        if device.shell("test", "-f", result, check=False).status == 0:
            return
        if not runs:
            raise DeviceError(
                f"{device.serial}: the demo app ended without a result. See `adb logcat -d` for the reason."
            )
        if time.monotonic() > end:
            raise DeviceError(f"{device.serial}: the demo app gave no result within {limit_s:g} s. Ask for fewer runs.")
        time.sleep(POLL_S)


def _clean(device: Device, *paths: str) -> None:
    try:
        device.shell("am", "force-stop", PACKAGE, check=False)
        device.shell("rm", "-rf", *paths, check=False)
    except DeviceError:
        pass  # the device is no longer attached: the error that led here says so already


def read_result(text: str, settings: RunSettings) -> Result:
    """Read the app's result. Raises DeviceError for the app's own error, and for JSON that breaks the contract."""
    data = _parsed(text)
    if isinstance(data, dict) and data.get("error") is not None:
        reason = printable(str(data["error"])[:200])
        raise DeviceError(f"the demo app could not measure {settings.model.name}: {reason}")
    result: Result = parse_record(Result, data, "the demo app's result", DeviceError)
    expected = (settings.model.stem, settings.threads, settings.accelerator)
    if (result.name, result.accelerator) != (settings.model.stem, settings.accelerator):
        raise DeviceError(
            "expected of the demo app {} on {} thread(s) of the {}; ".format(*expected)
            + f"it gave {printable(result.name[:60])} on {result.threads} of the {result.accelerator}. "
            "Install it again."
        )
    if result.threads != settings.threads:
        raise DeviceError(
            f"expected {settings.threads} thread(s) for {settings.model.name}; the demo app ran it on "
            f"{result.threads}, because XNNPACK starts no more on this device. Ask for --threads {result.threads}."
        )
    return result


def read_predictions(text: str, run: str, count: int) -> PhotoPredictions:
    """Read what the app predicted for `count` photos. Raises DeviceError for JSON that breaks the contract."""
    predictions: PhotoPredictions = parse_record(
        PhotoPredictions, _parsed(text), "the demo app's predictions", DeviceError
    )
    names = [Path(image.file).stem for image in predictions.images]
    if predictions.run != run or names != [f"{number:06d}" for number in range(count)]:
        raise DeviceError(
            f"expected the demo app's predictions of run {run} for {count} photos; it gave {len(names)} of "
            f"run {predictions.run[:20]}. Install it again."
        )
    return predictions


def _parsed(text: str) -> object:
    try:
        return parse_json(text)
    except ValueError as error:
        raise DeviceError(f"the demo app's result is not JSON: {str(error)[:80]}. Install the app again.") from error


def _device_run(result: Result, predictions: PhotoPredictions | None) -> DeviceRun:
    return DeviceRun(
        backend=result.backend,
        xnnpack=result.xnnpack,
        latency_ms=result.latency_ms,
        stages_ms=result.stages_ms,
        ops=[],
        peak_memory_bytes=result.peak_memory_bytes,
        notes=result.notes,
        predictions=predictions,
    )
