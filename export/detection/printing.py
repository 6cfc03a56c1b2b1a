"""What mobilenet-export prints of detectors when it is done: one table, what its columns mean, where the files are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mobilenet_tf.terminal import counted_list, table, wrapped

from .file import DetectorFile
from .pipeline import DetectorExport
from .verify import AGREEMENT_SCORE

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
    header = ["recipe" if alone else "file", "size", "ops", "agreement", "overlap", "score", "latency"]
    rows = [
        [
            file.recipe.name if alone else Path(file.name).stem,
            f"{len(file.content) / 1e6:.2f} MB",
            str(sum(file.check.ops.values())),
            f"{file.check.agreement:.1%}",
            f"{file.check.mean_overlap:.1%}",
            f"±{file.check.max_abs_error:.1%}",
            f"{file.latency_ms:.2f} ms",
        ]
        for done in exports
        for file in done.files
    ]
    written = [f"Written: {folder}/" for folder in sorted({str(done.folder) for done in exports})]
    return "\n".join([table(header, rows), "", *map(wrapped, _legend(exports)), *written])


def _legend(exports: Sequence[DetectorExport]) -> list[str]:
    first = exports[0]
    images, check = first.job.images, first.files[0].check
    source = "the bundled photos" if images.folder is None else str(images.folder)
    float_ops = [
        f"{file.recipe.name} stays float: {counted_list(file.float_ops)}."
        for done in exports
        for file in done.files
        if file.float_ops
    ]
    return [
        f"Agreement: objects with a score of {AGREEMENT_SCORE:.0%} or more that float and the file both find, as the "
        f"same class and with boxes that overlap by half, on {check.images} photos that did not calibrate; float finds "
        f"{check.objects}.",
        "Overlap: intersection over union of these boxes, mean. Score: largest change of their scores.",
        *dict.fromkeys(float_ops),
        f"Photos: {images.calibration.distinct} calibrated, {images.verification.distinct} verified, of "
        f"{images.used.found} in {source}.",
        "Latency: median of one inference with post-processing on one thread of this host, ai-edge-litert.",
    ]
