"""A result in its two parts: facts of the model, read from its file, and the measurement on a target."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mobilenet_tf.contract import preprocessing
from mobilenet_tf.results.detection_accuracy import DetectionAccuracy
from mobilenet_tf.results.embedding_accuracy import EmbeddingAccuracy
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
from mobilenet_tf.results.tag_accuracy import TagAccuracy
from mobilenet_tf.tflite.interpreter import Delegation

from .settings import Accelerator

__all__ = ["Measurement", "ModelFacts", "result_of"]


@dataclass(frozen=True)
class ModelFacts:
    """What is true of a file wherever it runs; the fields are those of results.Result.

    notes: on the file, which stand before those of the measurement.
    """

    name: str
    path: str
    size_bytes: int
    sha256: str
    model: Model
    quantization: list[LayerError]
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Measurement:
    """What came out when one target ran a model; the fields are those of results.Result."""

    target: str
    backend: str
    accelerator: Accelerator
    xnnpack: Delegation
    threads: int
    latency_ms: Latency
    stages_ms: Stages
    environment: Environment
    ops: list[OpTime] = field(default_factory=list)
    peak_memory_bytes: int | None = None
    sustained: list[SustainedPoint] = field(default_factory=list)
    accuracy: Accuracy | None = None
    detection: DetectionAccuracy | None = None
    tags: TagAccuracy | None = None
    embedding: EmbeddingAccuracy | None = None
    notes: list[str] = field(default_factory=list)


def result_of(facts: ModelFacts, measurement: Measurement, rule: Mapping[str, Any] = preprocessing.RULE) -> Result:
    """Both together, as they are written. rule: that of the preprocessing."""
    fields = vars(facts) | vars(measurement) | {"notes": [*facts.notes, *measurement.notes]}
    return Result(
        schema_version=SCHEMA_VERSION,
        preprocessing=dict(rule),
        preprocessing_sha256=preprocessing.rule_sha256(rule),
        **fields,
    )
