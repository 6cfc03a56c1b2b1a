"""What mobilenet-export prints of detectors when it is done: one table, what its columns mean, where the files are."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from export.made_file import about_float_ops
from export.printing import about_accuracy, about_photos, file_row, text_of_table
from mobilenet_tf.tasks.detection import AGREEMENT_SCORE

from .file import DetectorFile
from .pipeline import DetectorExport
from .verify import DetectorCheck

__all__ = ["detector_files_table", "detector_json"]


def detector_json(done: DetectorExport, file: DetectorFile) -> dict[str, Any]:
    """What is known about a file of an export, as JSON."""
    check, known = file.check, done.job.known
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
        "box_score": None if check.box_score is None else asdict(check.box_score),
        "accuracy_photos": known.counted.count if known else 0,
        "accuracy_trained": known.counted.trained if known else None,
        "latency_ms": file.latency_ms,
        "manifest": str(done.folder / done.manifest_file),
    }


def detector_files_table(exports: Sequence[DetectorExport]) -> str:
    """The table of all files, with what its columns mean."""
    alone = len(exports) == 1
    rows = [file_row(file, _figures(file.check), alone=alone) for done in exports for file in done.files]
    return text_of_table(["overlap", "score", "AP50", "mAP"], rows, _legend(exports), [done.folder for done in exports])


def _figures(check: DetectorCheck) -> list[str]:
    score = check.box_score
    scores = ["-", "-"] if score is None else [f"{score.ap50:.1%}", f"{score.ap:.1%}"]
    return [f"{check.mean_overlap:.1%}", f"±{check.max_abs_error:.1%}", *scores]


def _legend(exports: Sequence[DetectorExport]) -> list[str]:
    first = exports[0]
    images, check = first.job.images, first.files[0].check
    return [
        f"Agreement: objects with a score of {AGREEMENT_SCORE:.0%} or more that float and the file both find, as the "
        f"same class and with boxes that overlap by half, on {check.images} photos that did not calibrate; float finds "
        f"{check.objects}.",
        "Overlap: intersection over union of these boxes, mean. Score: largest change of their scores.",
        *dict.fromkeys(line for done in exports for line in _about_boxes(done)),
        *(line for done in exports for line in _about_loss(done, alone=len(exports) == 1)),
        *dict.fromkeys(line for done in exports for line in about_float_ops(done.files)),
        about_photos(images),
        "Latency: median of one inference with post-processing on one thread of this host, ai-edge-litert.",
    ]


def _about_boxes(done: DetectorExport) -> list[str]:
    """Sentences on the photos that AP50 and mAP are measured on; none if they are not."""
    known = done.job.known
    if known is None:
        return []
    ignored = f", beside {known.ignored} that are difficult or of a crowd and do not count" if known.ignored else ""
    photos = about_accuracy(known.counted, done.job.images, "AP50 and COCO's mAP")
    return [f"{photos} There are {known.boxes} boxes to find{ignored}."]


def _about_loss(done: DetectorExport, *, alone: bool) -> list[str]:
    """A line on what each file but that of float32 loses against the model itself; none if it is not measured."""
    scored = [(file.recipe.name, score) for file in done.files if (score := file.check.box_score) is not None]
    if not scored:
        return []
    first = scored[0][1]
    lost = [
        f" {recipe} {_loss(score.ap50_lost)} of AP50 and {_loss(score.ap_lost)} of mAP."
        for recipe, score in scored
        if recipe != "float32"
    ]
    of = "the model itself" if alone else f"{done.job.name} itself"
    scores = f"AP50 {first.ap50 + first.ap50_lost:.1%} and mAP {first.ap + first.ap_lost:.1%}"
    return [f"Float: {of} has {scores}.{''.join(lost)}"]


def _loss(share: float) -> str:
    points = round(100 * share, 1)
    return f"gains {-points:.1f} points" if points < 0 else f"loses {abs(points):.1f} points"
