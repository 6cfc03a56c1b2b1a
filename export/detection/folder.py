"""Write the folder of a detector's export: files, labels, golden vectors and the manifest."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from export.golden import PHOTOS, write_tensor
from mobilenet_tf.contract.labels import LABELS_FILE
from mobilenet_tf.contract.manifest import MANIFEST_FILE, SPLIT_FILE
from mobilenet_tf.contract.preprocessing import load_rgb, stretch
from mobilenet_tf.data.photos import bundled_photos
from mobilenet_tf.files import replace_folder
from mobilenet_tf.tflite.detector_model import DetectorModel

from .file import DetectorFile
from .job import DetectorJob
from .manifest import detector_manifest, labels_text

__all__ = ["write_detector_folder"]


def write_detector_folder(job: DetectorJob, files: Sequence[DetectorFile], notes: Sequence[str]) -> None:
    """Write all of `job.target` at once. Raises OutputError, and leaves what was there before."""
    manifest = detector_manifest(job, files, notes)
    with replace_folder(job.target, overwrite=job.settings.overwrite) as folder:
        for file in files:
            (folder / file.name).write_bytes(file.content)
        (folder / LABELS_FILE).write_text(labels_text(job), encoding="utf-8")
        if job.weights.split is not None:
            (folder / SPLIT_FILE).write_text(job.weights.split.to_json(), encoding="utf-8")
        _write_golden(folder / manifest.golden, {file.recipe.name: file for file in files}, job.weights.spec.res)
        (folder / MANIFEST_FILE).write_text(manifest.to_json(), encoding="utf-8")


def _write_golden(folder: Path, files: Mapping[str, DetectorFile], res: int) -> None:
    """As export/golden.py does for classifiers; a file has several outputs, and the detections that they stand for."""
    folder.mkdir()
    models = {recipe: DetectorModel(Path(file.name), file.content, delegate=False) for recipe, file in files.items()}
    entries = [_golden_entry(folder, photo, models, res) for photo in PHOTOS]
    (folder / "golden.json").write_text(json.dumps(entries, indent=2) + "\n")


def _golden_entry(folder: Path, photo: str, models: Mapping[str, DetectorModel], res: int) -> dict[str, Any]:
    pixels = load_rgb(bundled_photos() / f"{photo}.jpg")
    Image.fromarray(pixels).save(folder / f"{photo}.png", optimize=True)
    image = stretch(pixels, res)
    entry: dict[str, Any] = {
        "image": f"{photo}.png",
        "rgb": write_tensor(folder / f"{photo}.rgb.bin", image),
        "models": {},
    }
    for recipe, model in models.items():
        tensor = model.tensor(image)
        model.session.run(tensor)
        outputs = model.session.get_all()
        names = [f"{photo}.{recipe}.output{number}.bin" for number in range(len(outputs))]
        found = model.detections(outputs)
        entry["models"][recipe] = {
            "input": write_tensor(folder / f"{photo}.{tensor.dtype.name}.input.bin", tensor[0]),
            "outputs": [write_tensor(folder / name, value) for name, value in zip(names, outputs, strict=True)],
            "detections": {
                "boxes": found.boxes.tolist(),
                "scores": found.scores.tolist(),
                "classes": found.classes.tolist(),
            },
        }
    return entry
