"""Where mobilenet-benchmark measures: choose the targets, check everything, and only then install the app."""

from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.data.photos import find_photos
from mobilenet_tf.errors import MobilenetError, OutputError
from mobilenet_tf.files import writing_problem

from .settings import BenchmarkSettings

__all__ = ["check_inputs", "choose_targets", "install_app"]


def choose_targets(settings: BenchmarkSettings) -> list[str]:
    """`host`, or `adb:SERIAL` for each device. Raises DeviceError for one that is not attached or not ready."""
    if settings.on_host:
        return ["host"]
    from .android.adb import choose_devices

    return [f"adb:{serial}" for serial in choose_devices(settings.serials)]


def check_inputs(settings: BenchmarkSettings, models: Sequence[Path]) -> None:
    """Raise the error for what would fail later: photos, the folder of the results, the app and its models.

    A model that alone cannot be measured is no error here: the others are measured, and it is named at the end.
    """
    if settings.measurement.images is not None and settings.measurement.ground_truth is None:
        find_photos(settings.measurement.images)
    problem = writing_problem(settings.output_dir)
    if problem is not None:
        raise OutputError(
            f"cannot write results into {settings.output_dir}: {problem.strerror}.\nGive another --output-dir."
        )
    if settings.apk is not None:
        from .android.demo_app import check_apk
        from .android.export_files import export_files

        check_apk(settings.apk)
        errors: list[MobilenetError] = []
        for model in models:
            try:
                export_files(model)
            except MobilenetError as error:
                errors.append(error)
        if len(errors) == len(models):
            raise errors[0]


def install_app(targets: Sequence[str], apk: Path) -> None:
    """Install the demo app on each device. Raises DeviceError."""
    from .android.adb import Device
    from .android.demo_app import install

    for target in targets:
        install(Device(target.partition(":")[2]), apk)
