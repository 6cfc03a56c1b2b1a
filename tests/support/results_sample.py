"""Made-up results for the tests of what is done with them: plausible, all different, measured nowhere."""

import dataclasses
import hashlib
import math

from mobilenet_tf.results.answers import ConfidenceBin
from mobilenet_tf.results.records import (
    SCHEMA_VERSION,
    Accuracy,
    Environment,
    Latency,
    LayerError,
    Model,
    OpTime,
    Result,
    Stages,
    SustainedPoint,
)

ENVIRONMENT = Environment(
    time="2026-01-02T03:04:05+00:00",
    device="bench-host",
    cpu="Example CPU @ 2.0 GHz",
    cores=4,
    memory_bytes=8 * 2**30,
    governor="performance",
    temperature_c=51.5,
    os="Linux 6.1",
    versions={"python": "3.11.2", "numpy": "1.26.4"},
    git_commit="0123456789abcdef",
    android=None,
)


def sample(name="mobilenet_v1_a0.50_r160_int8", *, p50=1.0, top1=0.6, size=1_500_000, **changes):
    """One result; any field of Result by keyword."""
    samples = [p50 * (1 + 0.04 * math.sin(i) + (0.4 if i % 50 == 0 else 0)) for i in range(200)]
    latency = Latency(p50, p50 * 1.05, p50 * 1.4, p50 * 0.95, p50 * 1.02, p50 * 0.06, 200, 10, samples)
    accuracy = None if top1 is None else accuracy_of(top1)
    alpha, res = float(name[14:18]) if name.startswith("mobilenet_v1_a") else 0.5, 160
    recipe = "int8" if name.endswith("int8") else "float32"
    model = Model("mobilenet_v1", alpha, res, recipe, 1000, "int8", 1 / 127.5, -1, 76_500_000, 1_340_000)
    result = Result(
        schema_version=SCHEMA_VERSION,
        name=name,
        path=f"build/export/{name}.tflite",
        size_bytes=size,
        sha256="ab" * 32,
        model=model,
        target="host",
        backend="ai-edge-litert 2.3.0",
        accelerator="cpu",
        xnnpack="whole",
        threads=1,
        latency_ms=latency,
        stages_ms=Stages(4.2, 2.1, p50, 0.05),
        ops=[OpTime("conv1", "CONV_2D", p50 * 0.2)],
        peak_memory_bytes=60_000_000,
        sustained=[SustainedPoint(float(s), p50 * (1 + 0.001 * s)) for s in range(0, 120, 5)],
        accuracy=accuracy,
        quantization=[],
        preprocessing={"crop": "centre"},
        preprocessing_sha256="cd" * 32,
        environment=ENVIRONMENT,
        notes=[],
    )
    return dataclasses.replace(result, **changes)


def accuracy_of(top1, images=500):
    """The first of the images are the easiest: a model that is right on more is right on all that another is."""
    right = round(top1 * images)
    return Accuracy(
        folder="photos",
        images_sha256=hashlib.sha256(str(images).encode()).hexdigest(),
        images=images,
        top1=top1,
        top5=min(1.0, top1 + 0.2),
        per_class={"cat": [right, images]},
        confusion=[[0, 0, right], [0, 1, images - right]],
        confidence=[ConfidenceBin(0.9, right, images - right)],
        seen=images,
        left_out=[],
        unmatched_folders=[],
        trained_left_out=0,
        trained_measured=None,
        doubts=[],
        background_offset=0,
        images_per_s=90.0,
        answers="1" * right + "0" * (images - right),
    )


def grid():
    """The 16 networks of the paper in float32 and int8, as if measured on one host."""
    results = []
    for alpha in (0.25, 0.5, 0.75, 1.0):
        for res in (128, 160, 192, 224):
            for recipe, speed, size in (("float32", 1.0, 4.0), ("int8", 0.4 + 0.1 / alpha, 1.08)):
                cost = alpha**1.8 * (res / 224) ** 2
                name = f"mobilenet_v1_a{alpha:.2f}_r{res}_{recipe}"
                top1 = 0.705 + 0.11 * math.log2(alpha) + 0.07 * math.log2(res / 224) - (recipe == "int8") * 0.004
                result = sample(name, p50=8.4 * cost * speed, top1=top1, size=int(size * (0.3e6 + 3.9e6 * alpha**1.7)))
                model = dataclasses.replace(result.model, res=res, mult_adds=int(569e6 * cost))
                layers = layer_errors(alpha, res) if recipe == "int8" else []
                results.append(dataclasses.replace(result, model=model, quantization=layers))
    return results


def layer_errors(alpha, res):
    names = ["conv1", *(f"conv_{kind}_{i}" for i in range(1, 14) for kind in ("dw", "pw")), "predictions"]
    return [LayerError(name, 0.4 + 0.1 * abs(math.sin(i * alpha + res)), 25.0) for i, name in enumerate(names)]


def write_results(folder, results):
    """One *.result.json each; the paths, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{place:02d}_{result.threads}.result.json" for place, result in enumerate(results)]
    for path, result in zip(paths, results, strict=True):
        path.write_text(result.to_json(), encoding="utf-8")
    return paths
