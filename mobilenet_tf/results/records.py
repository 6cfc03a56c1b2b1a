"""The record of a measurement: frozen dataclasses <-> JSON, a file for each model and target.

docs/results.md explains the fields.

Times are in milliseconds unless a name says otherwise; accuracies are shares from 0 to 1.
"""

import json
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mobilenet_tf.errors import ResultError
from mobilenet_tf.json_records import parse_versioned, read_text
from mobilenet_tf.terminal import escaped

from .answers import Answers, ConfidenceBin, WrongPhoto, answers_problem, confusion_problem
from .detection_accuracy import DetectionAccuracy
from .embedding_accuracy import EmbeddingAccuracy
from .places_record import Distances
from .tag_accuracy import TagAccuracy

__all__ = [
    "MIN_CLASSES_OF_TOP5",
    "RESULT_SUFFIX",
    "SCHEMA_VERSION",
    "Accuracy",
    "Environment",
    "Latency",
    "LayerError",
    "Model",
    "OpTime",
    "Result",
    "Stages",
    "SustainedPoint",
]

SCHEMA_VERSION = 2
RESULT_SUFFIX = ".result.json"

# Guessing five of fewer classes than this is right at least every second time: such a top-5 says nothing.
MIN_CLASSES_OF_TOP5 = 10
MOST_CLASSES = 100_000  # an index beyond is damage


@dataclass(frozen=True)
class Model:
    """The network in the file that was measured, as far as the file and its name tell.

    arch, alpha, recipe: of a file named by the toolkit's grammar; else None. alpha is None for a foreign network too.
    mult_adds, parameters: of that network; None if arch is unknown.
    dtype: of the input tensor; scale and zero_point are 0 if it is float.
    """

    arch: str | None
    alpha: float | None
    res: int
    recipe: str | None
    classes: int
    dtype: str
    scale: float
    zero_point: int
    mult_adds: int | None
    parameters: int | None


@dataclass(frozen=True)
class Latency:
    """One inference, in ms, over `runs` runs after `warmup`; `samples` are these runs in order, thinned to 1000.

    p90 and p99 are None and `samples` is empty if the tool that ran the model does not give the time of each run.
    """

    p50: float
    p90: float | None
    p99: float | None
    min: float
    mean: float
    std: float
    runs: int
    warmup: int
    samples: list[float]


@dataclass(frozen=True)
class Stages:
    """Each stage by itself, in ms: loading the model once, and the median of the others for each image.

    None: not measured, as for preprocessing if no image was read.
    """

    load: float | None
    preprocess: float | None
    inference: float
    postprocess: float | None


@dataclass(frozen=True)
class OpTime:
    """Time in one op of the graph: on a host the median ms of the op alone, on Android its mean inside the graph."""

    name: str
    type: str
    ms: float


@dataclass(frozen=True)
class SustainedPoint:
    """Median latency of the runs around `seconds` after the start of a sustained load."""

    seconds: float
    latency_ms: float


@dataclass(frozen=True)
class Accuracy:
    """Over those photos of known class that could be read.

    folder, images_sha256: their folder, and the hash of the names and classes of the photos that were measured.
    images: how many were measured: top1 is a share of these, and results/chance.py gives its 95 % interval.
    top5: None if the model has fewer than ten classes.
    per_class: label -> [right, images].
    confusion: [true class, top-1 class, images] for each pair with images.
    seen: how many photos the folder has, or the list of the ground truth names.
    left_out: files or kinds of files that were not measured, each with its reason; not those that were trained on.
    unmatched_folders: folders with photos whose name is no class of the model.
    trained_left_out: photos that were not measured because the model was trained on them.
    trained_measured: of the photos that were measured, how many the model was trained on; None if nothing says it.
    doubts: why the figures may not be what they seem, a sentence each.
    background_offset: how far the model's class indices lie above the labels' (1 if class 0 is the background).
    answers: a letter for each photo that was measured, by its path: 1 if the model was right, 0 if wrong; empty in
             files of before.
    remarks: what people should know of the figures although it is no doubt about them, a sentence each.
    classes: the names of the model's outputs; empty in files of before, as `wrong` is.
    wrong: those of the wrong photos that had the highest confidence, the highest first.
    distances: of classes that are cells of the earth.
    """

    folder: str
    images_sha256: str
    images: int
    top1: float
    top5: float | None
    per_class: dict[str, list[int]]
    confusion: list[list[int]]
    confidence: list[ConfidenceBin]
    seen: int
    left_out: list[str]
    unmatched_folders: list[str]
    trained_left_out: int
    trained_measured: int | None
    doubts: list[str]
    background_offset: int
    images_per_s: float
    answers: str = ""
    remarks: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    wrong: list[WrongPhoto] = field(default_factory=list)
    distances: Distances | None = None

    @property
    def summary(self) -> Answers:
        """The answers summed up. A class that a file of before does not name is called by its number."""
        named = dict(zip(sorted({true for true, _, _ in self.confusion}), self.per_class, strict=False))
        count = 1 + max((index for row in self.confusion for index in row[:2]), default=-1)
        classes = self.classes or [named.get(index, f"class {index}") for index in range(count)]
        return Answers(classes, self.confusion, self.confidence, self.wrong)

    @property
    def candidates(self) -> int:
        """How many photos should have been measured: those that were seen, without those that were trained on."""
        return self.seen - self.trained_left_out


@dataclass(frozen=True)
class LayerError:
    """From the export's quantization.json: a layer's output error, in quantization steps, and its SQNR in dB."""

    name: str
    error_steps: float
    sqnr_db: float | None


@dataclass(frozen=True)
class Environment:
    """Where and when the model ran; what could not be read is None.

    device:  the host's name or the phone's model.
    android: of an Android device: serial, ABI, release, battery and thermal state before and after.
    """

    time: str
    device: str
    cpu: str
    cores: int
    memory_bytes: int | None
    governor: str | None
    temperature_c: float | None
    os: str
    versions: dict[str, str]
    git_commit: str | None
    android: dict[str, Any] | None


@dataclass(frozen=True)
class Result:
    """One model on one target.

    target:      "host" or "adb:SERIAL"; "app" as the demo app itself writes it.
    backend:     the interpreter with its version, such as "ai-edge-litert 2.3.0".
    accelerator: what was to run the model: cpu, gpu or nnapi.
    xnnpack:     whether XNNPACK took the whole graph, part of it, or none; unknown if that cannot be seen.
    detection:   of a detector, in place of `accuracy`; None in files of before.
    tags:        of a model of tags on photos with tags, in place of `accuracy`; `embedding`: of vectors.
    """

    schema_version: int
    name: str
    path: str
    size_bytes: int
    sha256: str
    model: Model
    target: str
    backend: str
    accelerator: Literal["cpu", "gpu", "nnapi"]
    xnnpack: Literal["whole", "part", "none", "unknown"]
    threads: int
    latency_ms: Latency
    stages_ms: Stages
    ops: list[OpTime]
    peak_memory_bytes: int | None
    sustained: list[SustainedPoint]
    accuracy: Accuracy | None
    quantization: list[LayerError]
    preprocessing: dict[str, Any]
    preprocessing_sha256: str
    environment: Environment
    notes: list[str]
    detection: DetectionAccuracy | None = None
    tags: TagAccuracy | None = None
    embedding: EmbeddingAccuracy | None = None

    @property
    def top1(self) -> float | None:
        """Top-1; None if accuracy was not measured."""
        return None if self.accuracy is None else self.accuracy.top1

    def to_json(self) -> str:
        """The JSON text that `from_json` reads. Names of files that are not UTF-8 are escaped: `caf\\xe9.jpg`.

        Raises ResultError for a result that `from_json` would refuse, as it would with a number that is not finite.
        """
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False)
        text = re.sub("[\ud800-\udfff]", lambda surrogate: "\\" + escaped(surrogate[0]), text) + "\n"
        Result.from_json(text, f"the result of {self.name}")
        return text

    @staticmethod
    def from_json(text: str, where: str = "result") -> "Result":
        """The result in a JSON text; version 1 is read too.

        Raises ResultError for text that is not JSON, of another version, or with a missing or wrong field.
        """
        again, upgrades = "Measure the model again.", {1: _upgrade_version_1}
        result = parse_versioned(Result, text, SCHEMA_VERSION, where, ResultError, again, upgrades)
        assert isinstance(result, Result)
        problem = result.accuracy and _problem(result.accuracy)
        if problem:
            raise ResultError(f"{where}: accuracy.{problem}.\n{again}")
        return result

    @staticmethod
    def read(path: Path) -> "Result":
        """Read a *.result.json file. Raises ResultError."""
        return Result.from_json(read_text(path, ResultError), str(path))


def _problem(accuracy: Accuracy) -> str | None:
    """Why an accuracy whose fields have the right types cannot be one; None if nothing is wrong."""
    if max((index for row in accuracy.confusion for index in row[:2]), default=0) > MOST_CLASSES:
        return f"confusion: expected class indices up to {MOST_CLASSES}"
    return confusion_problem(accuracy.confusion) or answers_problem(accuracy.summary)


def _upgrade_version_1(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of version 1 as those of version 2, which counts the photos that were left out."""
    accuracy, model = fields.get("accuracy"), fields.get("model")
    if not isinstance(accuracy, dict):
        return fields
    kept = {name: value for name, value in accuracy.items() if name != "unreadable"}
    images, left_out = accuracy.get("images"), accuracy.get("unreadable")
    if isinstance(left_out, list) and isinstance(images, int):
        kept |= {"seen": images + len(left_out), "left_out": left_out}
    classes = model.get("classes") if isinstance(model, dict) else None
    if isinstance(classes, int) and classes < MIN_CLASSES_OF_TOP5 and "top5" in kept:
        kept["top5"] = None
    unknown = {"unmatched_folders": [], "trained_left_out": 0, "trained_measured": None, "doubts": []}
    return fields | {"accuracy": kept | unknown}
