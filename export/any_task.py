"""The one place of the export that tells detectors from networks that give one row of scores or a vector."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mobilenet_tf.errors import InputError
from mobilenet_tf.progress import OnProgress

from .detection.job import DetectorJob, is_detector_export, prepare_detector
from .job import Job, prepare
from .settings import ExportSettings

if TYPE_CHECKING:
    from .detection.pipeline import DetectorExport
    from .pipeline import Export

__all__ = ["AnyJob", "export_any", "prepare_any", "printed"]

AnyJob = Job | DetectorJob


def prepare_any(settings: ExportSettings, on_progress: OnProgress) -> AnyJob:
    """See job.prepare and detection.job.prepare_detector."""
    if is_detector_export(settings):
        if settings.task is not None:
            raise InputError(
                f"--task {settings.task} is for networks that give a vector; {settings.weights} is an object detector."
                "\nLeave it out."
            )
        return prepare_detector(settings, on_progress)
    if settings.raw_outputs:
        raise InputError(f"--raw-outputs is for object detectors; {settings.weights} is none. Leave it out.")
    return prepare(settings, on_progress)


def export_any(job: AnyJob, on_progress: OnProgress) -> "Export | DetectorExport":
    """See pipeline.export_model and detection.pipeline.export_detector."""
    if isinstance(job, DetectorJob):
        from .detection.pipeline import export_detector

        return export_detector(job, on_progress)
    from .pipeline import export_model

    return export_model(job, on_progress)


def printed(exports: "Sequence[Export | DetectorExport]", *, as_json: bool) -> str:
    """What a command prints of its exports, which are all of one task."""
    from .detection.pipeline import DetectorExport
    from .detection.printing import detector_files_table, detector_json
    from .printing import file_json, files_table

    detectors = [done for done in exports if isinstance(done, DetectorExport)]
    classifiers = [done for done in exports if not isinstance(done, DetectorExport)]
    if as_json:
        records = [detector_json(done, file) for done in detectors for file in done.files]
        return json.dumps(records + [file_json(done, file) for done in classifiers for file in done.files], indent=2)
    return detector_files_table(detectors) if detectors else files_table(classifiers)
