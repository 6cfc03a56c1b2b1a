"""Hostile answers of adb and of the phone behind it, for mobilenet-benchmark with benchmark_model and the demo app."""

import json
import os
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.contract.manifest import MANIFEST_FILE
from mobilenet_tf.contract.preprocessing import RULE, rule_sha256
from mobilenet_tf.tflite.flatbuffer import pack

from .fuzz_case import Call, Hostile
from .fuzz_models import float_model
from .fuzz_phone import REPORT, SERIAL, write_phone

__all__ = ["WARM", "inputs"]

WARM = ("mobilenet_tf.benchmark.jobs", "mobilenet_tf.benchmark.measure", "mobilenet_tf.benchmark.android.device_result")

RED = "\x1b[31mred\x1b]0;title\x07"
FLOOD = "yes flood"
ENDS = {
    "no number": "abc",
    "nothing": "",
    "text after it": "0 and more",
    "lines after it": "0\\nmore\\nlines",
    "a number of 5000 digits": "9" * 5000,
    "a negative number": "-7",
    "Arabic digits": "٣",
    "escape codes": "0\\033[31m",
    "bytes that are not text": "\\377\\376",
    "another end mark": "0\\nmobilenet-tf-end:1x",
}
# What the phone's commands say -> (the command, its script).
PHONES = {
    "an ABI with escape codes": ("getprop", f"printf '{RED}'"),
    "an ABI of 20 MB": ("getprop", "head -c 20000000 /dev/zero | tr '\\0' a"),
    "no ABI": ("getprop", "echo"),
    "properties that are not UTF-8": ("getprop", "printf '\\377\\376\\n'"),
    "properties without end": ("getprop", FLOOD),
    "properties that never come": ("getprop", "sleep 300"),
    "cores of 5000 digits": ("nproc", f"echo {'9' * 5000}"),
    "cores in Arabic digits": ("nproc", "echo ٣"),
    "a temperature of 400 digits": ("dumpsys", f"printf '  temperature: {'9' * 400}\\n  level: 1\\n  scale: 0\\n'"),
    "a level of 5000 digits": ("dumpsys", f"printf '  level: {'9' * 5000}\\n  scale: -1\\n'"),
    "a temperature of 1.2.3": (
        "dumpsys",
        "printf 'Thermal Status: 9\\nCurrent temperatures from HAL:\\nTemperature{mValue=1.2.3, mType=0, mName=CPU}'",
    ),
    "a temperature of dashes": (
        "dumpsys",
        "printf 'Current temperatures from HAL:\\nTemperature{mValue=---, mType=0, mName=\\033[31m}'",
    ),
    "100,000 temperatures": (
        "dumpsys",
        "echo 'Current temperatures from HAL:'; yes 'Temperature{mValue=1, mType=0, mName=C}' | head -100000",
    ),
}
REPORTS = {
    "of nothing": "",
    "of escape codes": RED,
    "of counts that are none": REPORT.replace("count=50", "count=1e99"),
    "of counts of 5000 digits": REPORT.replace("count=50", f"count={'9' * 5000}"),
    "of no count": REPORT.replace("count=50 ", "count= "),
    "of times that are none": REPORT.replace("avg=905", "avg=9.0.5").replace("p95=948", "p95=e+"),
    "of infinite times": REPORT.replace("median=904", "median=1e999").replace("std=12", "std=1e999"),
    "of a load time that is none": REPORT.replace("in 3.5ms", "in ..ms"),
    "of an infinite load time": REPORT.replace("in 3.5ms", "in 1e999ms"),
    "of memory that is none": REPORT.replace("12.5", "1.2.3"),
    "of infinite memory": REPORT.replace("12.5", "9" * 400),
    "of ops without names": REPORT.replace("[Name]", "").replace("\t[scores]:4", ""),
    "of ops whose time is none": REPORT.replace("\t0.9\t0.9", "\t0.9\tx"),
    "of ops with escape codes": REPORT.replace("[scores]", f"[{RED}]"),
    "of a million lines": REPORT + "INFO: count=1\n" * 1_000_000,
}
PULLS = {
    "no file": ":",
    "a pipe": 'mkfifo "$to"',
    "a folder": 'mkdir "$to"',
    "bytes that are not text": 'printf "\\377\\376\\377" >"$to"',
    "JSON of 4 GB": 'printf "{" >"$to"; truncate -s 4G "$to"',
    "JSON without end": 'yes "[" >"$to"',
    "a link to /dev/zero": 'ln -s /dev/zero "$to"',
    "an error with escape codes": f"printf '{RED}' >&2; exit 1",
    "an empty file": ': >"$to"',
}
DEVICES = {
    "nothing": ":",
    "lines without end": FLOOD,
    "bytes that are not text": "head -c 1000000 /dev/urandom",
    "a serial with escape codes": f"printf 'List of devices attached\\n{RED}\\tdevice\\n'",
    "a state with escape codes": f"printf 'List of devices attached\\n{SERIAL}\\t{RED}\\n'",
    "100,000 devices": f"yes '{SERIAL}\tdevice' | head -100000",
    "the exit status 255": f"printf '{RED}' >&2; exit 255",
    "its own end by a signal": "kill -SEGV $$",
    "never": "sleep 300",
}
SHELLS = {
    "nothing": ":",
    "a closed connection": "echo 'error: closed' >&2; exit 1",
    "errors without end": f"{FLOOD} >&2",
    "an end, but its output stays open": 'sleep 300 & sh -c "$line"',
    "an end mark, then lines without end": f'sh -c "$line"; {FLOOD}',
    "errors with escape codes": f"printf '{RED}' >&2; exit 1",
}


def inputs(_: np.random.Generator) -> Iterator[Hostile]:
    """Each hostile answer, by itself."""
    for name, script in DEVICES.items():
        yield _hostile(f"adb devices answers {name}", {"devices": script})
    for name, script in SHELLS.items():
        yield _hostile(f"adb shell answers {name}", {"shell": script})
    for name, end in ENDS.items():
        yield _hostile(f"an end mark with {name}", {"shell": f"printf '\\nmobilenet-tf-end:{end}'"})
    for name, (command, script) in PHONES.items():
        yield _hostile(f"the phone says {name}", {command: script})
    for name, report in REPORTS.items():
        yield _hostile(f"a report of benchmark_model {name}", {}, {"report": report.encode()})
    for name, script in PULLS.items():
        yield _hostile(f"adb pull gives {name}", {"pull": script}, app=True)
    for name, text in _results():
        yield _hostile(f"a result of the app {name}", {}, {"result.json": text.encode("utf-8", "surrogatepass")}, True)
    yield _hostile("no adb that runs", {}, mode=0o644)


def _results() -> Iterator[tuple[str, str]]:
    yield "of 100,000 levels", "[" * 100_000
    yield "with NaN", '{"error": NaN}'
    yield "that is an error with escape codes", json.dumps({"error": RED})
    yield "that is an error of 5 MB", json.dumps({"error": "e" * 5_000_000})
    yield "with half a surrogate pair", '{"error": "\\ud800"}'
    yield "that is a list", "[]"
    yield "that lacks all fields", "{}"


def _hostile(
    name: str,
    changes: Mapping[str, str],
    files: Mapping[str, bytes] | None = None,
    app: bool = False,
    mode: int = 0o755,
) -> Hostile:
    return Hostile(name, partial(_write, changes, files or {}, app, mode))


def _write(changes: Mapping[str, str], files: Mapping[str, bytes], app: bool, mode: int, folder: Path) -> list[Call]:
    folder = folder.resolve()
    model, tool = folder / "model.tflite", folder / "tool"
    model.write_bytes(pack(float_model()))
    (folder / "labels.txt").write_text("a\nb\nc\nd\n")
    (folder / MANIFEST_FILE).write_text(json.dumps(_manifest()))
    tool.write_text(f"#!/bin/sh\nexec {folder}/phone/tool\n")
    path = write_phone(folder, changes, {"result.json": b"{}", "predictions.json": b"{}"} | dict(files))
    (path / "adb").chmod(mode)
    words = ("mobilenet-benchmark", str(model), "--target", "adb", "--output-dir", str(folder.parent / "out"), "--json")
    binary = () if app else ("--benchmark-binary", str(tool), "--labels", str(folder / "labels.txt"))
    return [Call((*words, *binary), {"PATH": f"{path}:{os.environ['PATH']}", "ANDROID_SERIAL": ""})]


def _manifest() -> dict[str, Any]:
    """As an export of the model would have it."""
    return {
        "schema_version": 5,
        "name": "model",
        "arch": "model",
        "alpha": None,
        "res": 32,
        "classes": 4,
        "background": False,
        "head": "softmax",
        "mean": [127.5],
        "std": [127.5],
        "converted_from": None,
        "weights": {"source": "file", "trained_res": None, "origin": {}},
        "verification": None,
        "split": None,
        "calibration": {"folder": "photos", "count": 1, "distinct": 1, "sha256": "0" * 64, "seed": 0},
        "preprocessing": dict(RULE),
        "preprocessing_sha256": rule_sha256(),
        "labels": "labels.txt",
        "labels_sha256": "0" * 64,
        "files": [],
        "golden": "golden",
        "notes": [],
        "versions": {},
    }
