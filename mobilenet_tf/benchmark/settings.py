"""What mobilenet-benchmark is to measure, and how. NumPy-free: the command makes it before anything is loaded."""

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from mobilenet_tf.errors import InputError
from mobilenet_tf.tflite.given_input import NOTHING_GIVEN, GivenInput
from mobilenet_tf.tflite.threads import check_threads

__all__ = ["Accelerator", "BenchmarkSettings", "MeasurementSettings"]

Accelerator = Literal["cpu", "gpu", "nnapi"]

ADDED_LATER = frozenset({"class_offset", "given"})  # fields that results of before do not have


@dataclass(frozen=True)
class MeasurementSettings:
    """How one model is measured with one number of threads.

    warmup:      inferences before those that count, of which there are at least `runs`.
    min_seconds: the inferences that count take at least this long together.
    sustained:   seconds of inference without a pause after them; 0 for none.
    profile:     whether each op of the graph is timed too.
    images:      a folder of photos whose classes are known; None measures no accuracy.
    class_offset: is added to each class number of the ground truth.
    given:       the normalization and the resolution of the model's input, if its file does not say them.
    """

    backend: str = "auto"
    threads: int = 1
    warmup: int = 10
    runs: int = 100
    min_seconds: float = 1.0
    sustained: float = 0.0
    profile: bool = False
    images: Path | None = None
    ground_truth: Path | None = None
    labels: Path | None = None
    background_offset: int | None = None
    class_offset: int = 0
    given: GivenInput = NOTHING_GIVEN

    def digest(self, accelerator: Accelerator, binary: Path | None) -> str:
        """Six hexadecimal digits in the names of result files, which differ if the settings differ."""
        # Results of earlier versions are found by this text: the word Measurement stays in it, and what came later is
        # only in it if it is given.
        values = ", ".join(
            f"{field.name}={value!r}"
            for field in fields(self)
            if (value := getattr(self, field.name)) != field.default or field.name not in ADDED_LATER
        )
        text = f"(Measurement({values}), {accelerator!r}, {binary!r})"
        return hashlib.sha256(text.encode()).hexdigest()[:6]


@dataclass(frozen=True)
class BenchmarkSettings:
    """What one run of the command measures: every model on every target with every number of threads.

    measurement: for every model; its own `threads` do not count.
    targets:     `host`, or `adb` and `adb:SERIAL`.
    accelerator: of an Android device.
    binary:      TensorFlow's benchmark_model for the device; None lets the demo app on the device measure.
    apk:         the demo app, to be installed before anything is measured; None installs nothing.
    cool_down:   seconds between two measurements on one target.
    allow_skipped: whether more than a tenth of the photos may be left out.
    overwrite:   whether to measure again what has a result in output_dir.
    Raises InputError if the settings contradict each other.
    """

    measurement: MeasurementSettings = MeasurementSettings()
    threads: tuple[int, ...] = (1,)
    targets: tuple[str, ...] = ("host",)
    accelerator: Accelerator = "cpu"
    binary: Path | None = None
    apk: Path | None = None
    output_dir: Path = Path("build/results")
    cool_down: float = 0.0
    allow_skipped: bool = False
    overwrite: bool = False

    def __post_init__(self) -> None:
        if self.measurement.ground_truth is not None and self.measurement.images is None:
            raise InputError("--ground-truth gives the classes of the photos in --images DIR: give --images too.")
        if self.measurement.class_offset and self.measurement.ground_truth is None:
            raise InputError("--class-offset is added to the class numbers in --ground-truth FILE: give that too.")
        if self.measurement.profile and self.measurement.given.res is not None:
            raise InputError("--profile cannot time the ops of a file that leaves its resolution open: leave it out.")
        for threads in self.threads:
            check_threads(threads)
        for target in self.targets:
            if target != "host" and target.partition(":")[0] != "adb":
                raise InputError(f"expected --target host, adb or adb:SERIAL; got {target!r}.")
        if self.on_host and set(self.targets) != {"host"}:
            raise InputError("--target host and --target adb are two measurements: run the command twice.")
        if self.on_host:
            android = {"accelerator": self.accelerator != "cpu", "benchmark-binary": self.binary, "app": self.apk}
            _refuse(android, "an Android device: --target adb")
        else:
            given = self.measurement.given
            host = {"sustained": self.measurement.sustained, "mean": given.normalization, "res": given.res}
            _refuse(host, "this host: --target host")
        if self.apk is not None and self.binary is not None:
            raise InputError("--app and --benchmark-binary are two ways to measure: choose one.")

    @property
    def on_host(self) -> bool:
        """Whether this computer measures, rather than Android devices."""
        return "host" in self.targets

    @property
    def serials(self) -> list[str]:
        """The devices that were named; `adb` alone names none."""
        return [serial for target in self.targets if (serial := target.partition(":")[2])]


def _refuse(options: dict[str, Any], place: str) -> None:
    for name, given in options.items():
        if given:
            raise InputError(f"--{name} is for {place}.")
