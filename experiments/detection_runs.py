"""The runs of `make bench-detection`: the training of each, and its scores in Keras, in int8, and in plain int8."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mobilenet_tf.data.boxes.dataset import BoxDataset
from mobilenet_tf.data.boxes.load import load_boxes
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.networks.detectors import DetectorSpec
from mobilenet_tf.tasks.detection_score import DetectionScore, detection_score
from mobilenet_tf.tasks.post_processing import Detections
from mobilenet_tf.tflite.detector import Detector
from mobilenet_tf.training.detection.evaluation import detections, predictor_of
from mobilenet_tf.training.detection.photos import StretchedPhotos

from .plain_detector import plain_int8_predictor
from .resumable import calibrating, calibration_links, train_to_the_end

__all__ = ["PUBLIC", "SETS", "Run", "finish"]

SETS = ("raccoon", "bccd", "facemask")
# What others print of the same photos, with splits of their own; not measured here.
PUBLIC: dict[str, str] = {
    "bccd": "85.35% mAP at 0.5, a network of its own at 640 x 480 (Joshi et al. 2022, Uniciencia 36); "
    "94.7% with a larger YOLOv8n (Chen et al. 2025, IET Computer Vision)",
}
TRAIN, EXPORT = (str(Path(sys.executable).with_name(name)) for name in ("mobilenet-train", "mobilenet-export"))
LEAST_SCORE = 0.01  # of boxes that count in a score, as in training


@dataclass(frozen=True)
class Run:
    """One training. photos: a name in SETS; weights: what it begins with; epochs: 0 for mobilenet-train's own number;
    seed: also that of the split.
    """

    photos: str
    arch: str
    alpha: float
    res: int
    weights: str
    epochs: int
    seed: int


def finish(run: Run, boxes: Path, runs: Path, weights: str) -> dict[str, Any]:
    """Train in a folder of `runs`, or go on if it was stopped: the run, its scores after the last epoch, and the
    seconds that training took, those before it was stopped included.

    boxes: the folder that holds the sets. weights: where training begins, as mobilenet-train has it.
    """
    folder = runs / "_".join(map(str, asdict(run).values()))
    seconds = train_to_the_end(folder, lambda: _words(run, boxes / run.photos, weights))
    (trained,) = (path.parent for path in folder.glob("*/last.keras"))
    data = load_boxes(boxes / run.photos, seed=run.seed)
    spec = DetectorSpec(run.arch, run.alpha, run.res, len(data.classes))
    model = keras.models.load_model(trained / "last.keras", compile=False)
    images = StretchedPhotos(data.validation, spec.res)
    score = _score(detections(predictor_of(model), images, spec.anchors()), data)
    plain = plain_int8_predictor(model, _calibration(data, spec.res))
    plain_score = _score(detections(plain, images, spec.anchors()), data)
    result: dict[str, Any] = {
        **asdict(run),
        "ap50": score.ap50,
        "ap": score.ap,
        "ar": score.ar,
        "voc_ap50": score.voc_ap50,
        "classes": {name: one.ap50 for name, one in zip(data.classes, score.classes, strict=True)},
        "plain_int8_ap50": plain_score.ap50,
        "seconds": seconds,
        "boxes": sum(map(len, data.validation.boxes)),
    }
    return result | _exported_scores(trained, data, folder)


def _words(run: Run, photos: Path, weights: str) -> list[Any]:
    words: list[Any] = [TRAIN, photos, "--arch", run.arch, "--alpha", run.alpha, "--res", run.res, "--seed", run.seed]
    return [*words, "--weights", weights, *(["--epochs", run.epochs] if run.epochs else [])]


def _exported_scores(trained: Path, data: BoxDataset, folder: Path) -> dict[str, float]:
    """AP50 of the int8 and of the float32 file that mobilenet-export makes, calibrated with training photos."""
    calibration = calibration_links(data.train.paths, folder / "calibration")
    words: list[Any] = [EXPORT, "--weights", trained / "last.keras", "--calibration", calibration]
    words += ["--quant", "float32,int8", "--output-dir", folder / "export", "--overwrite"]
    subprocess.run([*map(str, words)], check=True, stdout=subprocess.DEVNULL)
    scores = {}
    for recipe in ("float32", "int8"):
        (file,) = (folder / "export").glob(f"**/*_{recipe}.tflite")
        scores[f"{recipe}_ap50"] = _score(_found(Detector(file, threads=2), data), data).ap50
    return scores


def _found(detector: Detector, data: BoxDataset) -> list[Detections]:
    found = []
    for index in range(len(data.validation)):
        objects = detector.detect(data.validation.paths[index], threshold=LEAST_SCORE).objects
        found.append(
            Detections(
                np.array([one.box for one in objects], np.float32).reshape(-1, 4),
                np.array([one.score for one in objects], np.float32),
                np.array([one.class_id for one in objects], np.int64),
            )
        )
    return found


def _score(found: Sequence[Detections], data: BoxDataset) -> DetectionScore:
    return detection_score(found, data.validation.true_boxes(), len(data.classes))


def _calibration(data: BoxDataset, res: int) -> np.ndarray[Any, Any]:
    photos = data.train.at(calibrating(len(data.train)))
    return np.concatenate([*StretchedPhotos(photos, res).batches()])
