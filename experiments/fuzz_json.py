"""Hostile JSON: results, the record of a run, manifests and splits, with any value in the place of any other."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import numpy as np

from mobilenet_tf.contract.labels import CIFAR10_CLASSES
from mobilenet_tf.data.photos import bundled_photos

from .fuzz_case import Call, Hostile

__all__ = ["WARM", "inputs"]

WARM = (
    "mobilenet_tf.report.page",
    "mobilenet_tf.report.text",
    "mobilenet_tf.benchmark.measure",
    "mobilenet_tf.benchmark.jobs",
)
HERE = Path(__file__).parent
RESULT = HERE / "saved_results" / "mobilenet_v1_a0.25_r160_int8.result.json"
TINY = HERE.parent / "android_demo" / "src" / "test" / "resources" / "models" / "tiny"  # an export
VALUES = (
    *("null", "true", "-1", "0", "0.5", "1e308", "-1e308", "1e999", "NaN", "-Infinity", "9" * 19, "9" * 5000),
    *('""', '"x"', r'"\ud800"', r'"\u0000\u001b[31m\u202e"', '"</script>"', '"../../etc/passwd"', '"/etc/passwd"'),
    *("[]", "{}", "[[]]", '{"a": {}}', "[" * 40 + "]" * 40, "[" * 100_000, '{"a":' * 500 + "1" + "}" * 500),
    json.dumps("a" * 1_000_000), json.dumps([[0, 0, 1]] * 100_000),
)  # fmt: skip
PLACES = {"result": 90, "run": 60, "manifest": 90}  # how many values are replaced, of each kind of file
Text = Callable[[], str]


def inputs(rng: np.random.Generator) -> Iterator[Hostile]:
    """Values in any place of each kind of file; then files that are none."""
    for kind, count in PLACES.items():
        for number in range(count):
            value = VALUES[number % len(VALUES)]
            seed = int(rng.integers(2**31))
            name = f"{kind}, {value[:20]} by seed {seed}"
            yield Hostile(name, partial(WRITERS[kind], partial(_replaced, kind, value, seed)))
        for name, text in {"empty": "", "cut short": _base(kind)[:-100], "of 300 MB": "", "a pipe": ""}.items():
            yield Hostile(f"{kind}, {name}", partial(_write_odd, kind, name, text))


@cache
def _base(kind: str) -> str:
    if kind == "result":
        return RESULT.read_text()
    if kind == "manifest":
        return (TINY / "manifest.json").read_text()
    epochs = [
        {"epoch": n, "res": 32, "frozen": n == 1, "loss": 1.0, "top1_train": 0.5, "top1": 0.5, "validation_loss": 1.0}
        for n in (1, 2)
    ]
    answers = {
        "epoch": 2, "folder": "", "names": ["a.jpg", "b.jpg"], "true": [0, 1], "predicted": [0, 0],
        "confidence": [0.9, 0.6], "thumbnails": {"1": "AA=="},
    }  # fmt: skip
    record = {
        "schema_version": 1, "name": "run", "dataset": "pets", "classes": ["cat", "dog"], "train_photos": [10, 9],
        "epochs": 2, "averaged": True, "settings": {"epochs": 2}, "history": epochs, "kept_epoch": 2, "chosen_from": 2,
        "validation_sha256": "ab" * 32, "answers": answers,
    }  # fmt: skip
    return json.dumps(record)


def _replaced(kind: str, value: str, seed: int) -> str:
    """One value anywhere in the tree becomes another, as a text that json.dumps would not always write."""
    rng, root = np.random.default_rng(seed), json.loads(_base(kind))
    place, key = root, rng.choice(list(root))
    while isinstance(place[key], dict | list) and place[key] and rng.random() < 0.8:
        place = place[key]
        key = rng.choice(list(place)) if isinstance(place, dict) else int(rng.integers(len(place)))
    place[key] = "@@"
    return json.dumps(root).replace('"@@"', value)


def _write_result(text: Text, folder: Path) -> Sequence[Call]:
    (folder / "it.result.json").write_text(text())
    shutil.copy(RESULT, folder / "other.result.json")
    return _reports(folder)


def _write_run(text: Text, folder: Path) -> Sequence[Call]:
    (folder / "training.json").write_text(text())
    return _reports(folder)


def _reports(folder: Path) -> list[Call]:
    """The report as a page, as Markdown and as CSV."""
    forms: dict[str, tuple[str, ...]] = {"html": (), "md": ("--markdown",), "csv": ("--csv", "--max-latency-ms", "5")}
    return [
        Call(("mobilenet-report", str(folder), "-o", str(folder.parent / f"page.{suffix}"), "--overwrite", *options))
        for suffix, options in forms.items()
    ]


def _write_manifest(text: Text, folder: Path) -> Sequence[Call]:
    shutil.copytree(TINY, folder, dirs_exist_ok=True)
    (folder / "manifest.json").unlink()
    (folder / "manifest.json").write_text(text())
    (folder / "names.txt").write_text("\n".join([*CIFAR10_CLASSES, "x", "y"]))
    model, results = str(folder / "tiny_int8.tflite"), str(folder.parent / "results")
    quick = ("--runs", "2", "--warmup", "1", "--min-seconds", "0", "--labels", str(folder / "names.txt"))
    photos = ("--images", str(bundled_photos("cifar10")), "--allow-skipped")
    return [
        Call(("mobilenet-classify", model, str(bundled_photos() / "cat.jpg"), "--json")),
        Call(("mobilenet-benchmark", model, *quick, *photos, "--output-dir", results, "--json")),
    ]


WRITERS: dict[str, Callable[[Text, Path], Sequence[Call]]] = {
    "result": _write_result, "run": _write_run, "manifest": _write_manifest,
}  # fmt: skip
FILES = {"result": "it.result.json", "run": "training.json", "manifest": "manifest.json"}


def _write_odd(kind: str, name: str, text: str, folder: Path) -> Sequence[Call]:
    calls = WRITERS[kind](lambda: text, folder)
    file = folder / FILES[kind]
    if name == "of 300 MB":
        with file.open("wb") as made:
            made.truncate(300_000_000)
    if name == "a pipe":
        file.unlink()
        os.mkfifo(file)
    return calls
