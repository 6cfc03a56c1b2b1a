"""Hostile .tflite files: valid flatbuffers with wrong contents, made of two small classifiers, float and int8."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.tflite.flatbuffer import pack, parse

from .fuzz_archives import ARCHIVES
from .fuzz_case import Call, Hostile
from .fuzz_graphs import GRAPHS
from .fuzz_models import BASES, Change
from .fuzz_tables import TABLES

__all__ = ["WARM", "inputs"]

WARM = (
    *("mobilenet_tf.tflite.classifier", "mobilenet_tf.benchmark.measure", "mobilenet_tf.benchmark.jobs"),
    *("export.job", "export.pipeline", "mobilenet_tf.training.job", "ai_edge_litert.schema_py_generated", "tensorflow"),
)
EVERY = {"float32": 1, "int8": 3}
QUICK = ("--runs", "2", "--warmup", "1", "--min-seconds", "0")


def inputs(rng: np.random.Generator) -> Iterator[Hostile]:
    """Each change of the contents, in both base files; each archive of labels, behind the float one."""
    for base, make in BASES.items():
        # The interpreters read both alike; what is of integers alone is among every third.
        for name, change in (*TABLES, *GRAPHS)[:: EVERY[base]]:
            yield Hostile(f"{base}, {name}", partial(_write, partial(_changed, make, change, int(rng.integers(2**31)))))
    for name, archive in ARCHIVES:
        yield Hostile(f"labels, {name}", partial(_write, partial(archive, pack(BASES["float32"]()))))


def _changed(make: Callable[[], Any], change: Change, seed: int) -> bytes:
    model = parse(pack(make()))
    change(model, np.random.default_rng(seed))
    return pack(model)


def _write(content: Callable[[], bytes], folder: Path) -> list[Call]:
    """Write the file into `folder` -> the calls that read it."""
    file, out, photo = folder / "model.tflite", str(folder.parent / "out"), str(bundled_photos() / "cat.jpg")
    file.write_bytes(content())
    photos = str(bundled_photos("cifar10"))
    return [
        Call(("mobilenet-classify", str(file), photo, "--json")),
        Call(("mobilenet-detect", str(file), photo, "--json")),
        Call(("mobilenet-benchmark", str(file), *QUICK, "--output-dir", f"{out}/results", "--json")),
        Call(("mobilenet-export", "--weights", str(file), "--correction", "none", "--output-dir", f"{out}/export")),
        Call(("mobilenet-train", photos, "--weights", str(file), "--epochs", "1", "--output-dir", f"{out}/train")),
    ]
