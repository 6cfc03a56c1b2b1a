"""Settings, models and targets -> the jobs of the sweeps, one sweep for each target."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from mobilenet_tf.contract.manifest import MANIFEST_FILE, SPLIT_FILE
from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.results.records import Result

from .settings import BenchmarkSettings, MeasurementSettings
from .shared_digests import run_with_digests
from .sweep import Job, result_path

__all__ = ["make_jobs"]


def make_jobs(settings: BenchmarkSettings, models: Sequence[Path], targets: Sequence[str]) -> list[list[Job]]:
    """For each target, a job for each model and number of threads. All share the digests of the photos."""
    digests = PhotoDigests()
    return [
        [_job(settings, model, target, threads, digests) for model in models for threads in settings.threads]
        for target in targets
    ]


def _job(settings: BenchmarkSettings, model: Path, target: str, threads: int, digests: PhotoDigests) -> Job:
    measurement = replace(settings.measurement, threads=threads)
    variant = f"t{threads}-{measurement.digest(settings.accelerator, settings.binary)}"
    result_file = result_path(settings.output_dir, model, target, variant)
    given = (measurement.images, measurement.ground_truth, measurement.labels)
    inputs = tuple(path for path in given if path is not None)
    # Beside an export lies what says which photos it was trained on.
    beside = (model.with_name(SPLIT_FILE), model.with_name(MANIFEST_FILE)) if measurement.images else ()
    return Job(model, result_file, _measure_on(target, model, measurement, settings, digests), (*inputs, *beside))


def _measure_on(
    target: str, model: Path, measurement: MeasurementSettings, settings: BenchmarkSettings, digests: PhotoDigests
) -> Callable[[OnProgress], Result]:
    if target == "host":
        return partial(run_with_digests, model, partial(_measure_here, model, measurement), digests)
    from .android.device_result import result_from_device

    serial = target.partition(":")[2]
    return partial(result_from_device, model, measurement, serial, settings.accelerator, settings.binary, digests)


def _measure_here(
    model: Path, measurement: MeasurementSettings, digests: PhotoDigests, on_progress: OnProgress
) -> Result:
    """`measure` in the child process, which alone loads NumPy and the interpreter."""
    from .measure import measure

    return measure(model, measurement, on_progress, digests)
