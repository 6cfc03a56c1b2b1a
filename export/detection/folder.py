"""Write the folder of a detector's export: files, labels, golden vectors and the manifest."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from export.folder import write_files, write_report
from export.golden import WriteTensor, write_vectors
from mobilenet_tf.contract.manifest import MANIFEST_FILE
from mobilenet_tf.contract.preprocessing import UInt8, stretch
from mobilenet_tf.files import replace_folder
from mobilenet_tf.tflite.detector_model import DetectorModel

from .file import DetectorFile
from .job import DetectorJob
from .manifest import detector_manifest

__all__ = ["write_detector_folder"]


def write_detector_folder(job: DetectorJob, files: Sequence[DetectorFile], notes: Sequence[str]) -> None:
    """Write all of `job.target` at once. Raises OutputError, and leaves what was there before."""
    manifest = detector_manifest(job, files, notes)
    with replace_folder(job.target, overwrite=job.settings.overwrite) as folder:
        write_files(folder, files, job.labels, job.weights.split)
        _write_golden(folder / manifest.golden, files, job.weights.spec.res)
        if job.settings.quant_report:
            write_report(folder, job.name, files, job.images.verification)
        (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")


def _write_golden(folder: Path, files: Sequence[DetectorFile], res: int) -> None:
    """The golden vectors of detectors: all outputs of each file, and the detections that they stand for."""
    models = {file.recipe.name: DetectorModel(Path(file.name), file.content, delegate=False) for file in files}
    write_vectors(folder, models, lambda pixels: stretch(pixels, res), _answer)


def _answer(model: DetectorModel, image: UInt8, write: WriteTensor) -> dict[str, Any]:
    model.session.run(model.tensor(image))
    outputs = model.session.get_all()
    found = model.detections(outputs)
    return {
        "outputs": [write(f"output{number}", output) for number, output in enumerate(outputs)],
        "detections": {
            "boxes": found.boxes.tolist(),
            "scores": found.scores.tolist(),
            "classes": found.classes.tolist(),
        },
    }
