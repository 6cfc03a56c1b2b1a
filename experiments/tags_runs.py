"""The runs of `make bench-tags`: the training of each, its teacher, and its scores in Keras and in int8."""

import csv
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.data.photos import find_photos
from mobilenet_tf.data.tags.dataset import TagDataset
from mobilenet_tf.data.tags.load import load_tags
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.tasks.tags import TagScore, mean_average_precision, sigmoid, tag_scores
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.training.evaluation import EvaluationImages, outputs_of, predictor_of

from .resumable import calibration_links, train_to_the_end

__all__ = ["LABELS", "WAYS", "Run", "finish"]

WAYS = ("labels", "labels and teacher", "teacher alone", "more photos")
LABELS, BOTH, ALONE, MORE = WAYS
TRAIN, EXPORT = (str(Path(sys.executable).with_name(name)) for name in ("mobilenet-train", "mobilenet-export"))


@dataclass(frozen=True)
class Run:
    """One training. way: one of WAYS."""

    way: str
    alpha: float
    res: int
    seed: int


def finish(run: Run, photos: Path, runs: Path, unlabelled: Path | None) -> dict[str, Any]:
    """Train in a folder of `runs`, or go on if it was stopped: the run, its scores after the last epoch, and the
    seconds that training took, those before it was stopped included. unlabelled: photos for MORE.
    """
    trained, seconds = _train(run, photos, runs, unlabelled)
    data = load_tags(photos)
    images = EvaluationImages(data.validation, run.res)
    model = keras.models.load_model(trained / "last.keras", compile=False)
    in_keras = sigmoid(outputs_of(predictor_of(model), images))
    file, agreement = _exported(trained, data)
    in_int8 = np.concatenate([file.predict(batch) for batch, _ in images])
    truth = data.validation.labels
    return {
        **asdict(run),
        "mean_ap": mean_average_precision(in_keras, truth),
        "int8_mean_ap": mean_average_precision(in_int8, truth),
        "agreement": agreement["agreement"],
        "tags": _aps(data, in_keras),
        "int8_tags": _aps(data, in_int8),
        "tag_agreement": agreement["tag_agreement"],
        "seconds": seconds,
        "photos": len(data.train),
        "validation_photos": len(data.validation),
    }


def _aps(data: TagDataset, scores: NDArray[Any]) -> dict[str, float | None]:
    found: list[TagScore] = tag_scores(scores, data.validation.labels)
    return {tag: one.ap for tag, one in zip(data.classes, found, strict=True)}


def _folder(run: Run, runs: Path) -> Path:
    return runs / "_".join(str(value).replace(" ", "-") for value in asdict(run).values())


def _train(run: Run, photos: Path, runs: Path, unlabelled: Path | None) -> tuple[Path, float]:
    """(The folder of the run, which is trained to its end; the seconds that it took)."""
    folder = _folder(run, runs)
    seconds = train_to_the_end(folder, lambda: _words(run, photos, runs, unlabelled))
    (trained,) = (path.parent for path in folder.glob("*/last.keras"))
    return trained, seconds


def _words(run: Run, photos: Path, runs: Path, unlabelled: Path | None) -> list[Any]:
    """The command that trains; its teacher is trained first."""
    words: list[Any] = ["--alpha", run.alpha, "--res", run.res, "--seed", run.seed]
    if run.way != LABELS:
        teacher, _ = _train(Run(LABELS, 1.0, 224, run.seed), photos, runs, None)
        words += ["--teacher", teacher / "last.keras", *(["--teacher-weight", 1] if run.way == ALONE else [])]
    if run.way == MORE:
        assert unlabelled is not None
        photos = _with_more_photos(photos, unlabelled, _folder(run, runs) / "photos")
    return [TRAIN, photos, "--task", "tags", "--name", "ppe", *words]


def _with_more_photos(photos: Path, unlabelled: Path, folder: Path) -> Path:
    """Links to the photos, and to those in `unlabelled` among the ones to train on, of which no tag is known."""
    for side in ("train", "valid"):
        (folder / side).mkdir(parents=True, exist_ok=True)
        with (photos / side / "_classes.csv").open(newline="") as file:
            header, *rows = csv.reader(file, skipinitialspace=True)
        files = {name: photos / side / name for name, *_ in rows}
        if side == "train":
            more = {f"more_{number}{path.suffix}": path for number, path in enumerate(find_photos(unlabelled).paths)}
            files, rows = files | more, [*rows, *([name, *[""] * (len(header) - 1)] for name in more)]
        for name, path in files.items():
            if not (folder / side / name).exists():
                (folder / side / name).symlink_to(path.resolve())
        with (folder / side / "_classes.csv").open("w", newline="") as file:
            csv.writer(file).writerows([header, *rows])
    return folder


def _exported(trained: Path, data: TagDataset) -> tuple[ImageModel, dict[str, Any]]:
    """The int8 file that mobilenet-export makes, calibrated with training photos, and what it prints of it."""
    calibration, target = calibration_links(data.train.paths, trained.parent / "calibration"), trained.parent / "export"
    words: list[Any] = [EXPORT, "--weights", trained / "last.keras", "--calibration", calibration, "--quant", "int8"]
    words += ["--output-dir", target, "--overwrite", "--json"]
    done = subprocess.run([*map(str, words)], check=True, stdout=subprocess.PIPE, text=True)
    (printed,) = json.loads(done.stdout)
    return ImageModel(Path(printed["path"]), threads=2), printed
