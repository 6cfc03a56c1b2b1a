"""What mobilenet-export prints of detectors when it is done: one table, what its columns mean, where the files are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from export.made_file import about_float_ops
from export.printing import about_photos, file_row, text_of_table
from mobilenet_tf.tasks.detection import AGREEMENT_SCORE

from .file import DetectorFile
from .pipeline import DetectorExport
from .verify import DetectorCheck

__all__ = ["detector_files_table", "detector_json"]


def detector_json(done: DetectorExport, file: DetectorFile) -> dict[str, Any]:
    """What is known about a file of an export, as JSON."""
    check = file.check
    return {
        "name": Path(file.name).stem,
        "path": str(done.folder / file.name),
        "task": "detection",
        "recipe": file.recipe.name,
        "correction": file.correction,
        "outputs": done.job.outputs,
        "size_bytes": len(file.content),
        "ops": check.ops,
        "float_ops": dict(file.float_ops),
        "slow_ops": list(file.slow_ops),
        "objects": check.objects,
        "agreement": check.agreement,
        "mean_overlap": check.mean_overlap,
        "max_abs_error": check.max_abs_error,
        "latency_ms": file.latency_ms,
        "manifest": str(done.folder / done.manifest_file),
    }


def detector_files_table(exports: Sequence[DetectorExport]) -> str:
    """The table of all files, with what its columns mean."""
    alone = len(exports) == 1
    rows = [file_row(file, _figures(file.check), alone=alone) for done in exports for file in done.files]
    return text_of_table(["overlap", "score"], rows, _legend(exports), [done.folder for done in exports])


def _figures(check: DetectorCheck) -> list[str]:
    return [f"{check.mean_overlap:.1%}", f"±{check.max_abs_error:.1%}"]


def _legend(exports: Sequence[DetectorExport]) -> list[str]:
    first = exports[0]
    images, check = first.job.images, first.files[0].check
    return [
        f"Agreement: objects with a score of {AGREEMENT_SCORE:.0%} or more that float and the file both find, as the "
        f"same class and with boxes that overlap by half, on {check.images} photos that did not calibrate; float finds "
        f"{check.objects}.",
        "Overlap: intersection over union of these boxes, mean. Score: largest change of their scores.",
        *dict.fromkeys(line for done in exports for line in about_float_ops(done.files)),
        about_photos(images),
        "Latency: median of one inference with post-processing on one thread of this host, ai-edge-litert.",
    ]
