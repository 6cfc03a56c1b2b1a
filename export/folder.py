"""Write the folder of an export: files, labels, golden vectors, manifest and, on demand, the quantization report."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.contract.manifest import MANIFEST_FILE, SPLIT_FILE, Manifest
from mobilenet_tf.data.split import Split
from mobilenet_tf.files import replace_folder

from .calibration import ImageSet
from .golden import write_golden
from .job import Job
from .made_file import MadeFile
from .make_file import VerifiedFile
from .manifest_builder import labels_text

__all__ = ["write_files", "write_folder", "write_report"]

REPORT = "quantization"


def write_folder(job: Job, manifest: Manifest, files: Sequence[VerifiedFile]) -> None:
    """Write all of `job.target` at once. Raises OutputError, and leaves what was there before."""
    network = job.network
    with replace_folder(job.target, overwrite=job.settings.overwrite) as folder:
        write_files(folder, files, network.labels, network.split)
        write_golden(folder / manifest.golden, files, network.res, network.head)
        if job.settings.quant_report:
            write_report(folder, job.name, files, job.images.verification)
        (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")


def write_files(folder: Path, files: Sequence[MadeFile], labels: Sequence[str], split: Split | None) -> None:
    """Write the files of an export, their labels if there are any, and on which photos their weights were trained, if
    that is known.
    """
    for file in files:
        (folder / file.name).write_bytes(file.content)
    if labels:
        (folder / LABELS_FILE).write_text(labels_text(labels), encoding="utf-8")
    if split is not None:
        (folder / SPLIT_FILE).write_text(split.to_json(), encoding="utf-8")


def write_report(folder: Path, name: str, files: Sequence[MadeFile], verification: ImageSet) -> None:
    """Write the quantization report of the files of an export of this name."""
    from export.layer_report.measure import report_file
    from export.layer_report.page import quant_page

    reports = [report_file(file.recipe.name, file, verification.images) for file in files if file.steps]
    data = {"schema_version": 1, "name": name, "recipes": [asdict(report) for report in reports]}
    (folder / f"{REPORT}.json").write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    (folder / f"{REPORT}.html").write_text(quant_page(name, reports), encoding="utf-8")
