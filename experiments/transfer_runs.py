"""The runs of `make bench-transfer`: the photos of each, as folders that all ways read, and each way of training."""

import csv
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from export.calibration import ImageSet
from export.quantize import quantize
from export.recipes import RECIPES
from mobilenet_tf.data.dataset import Dataset, Photos, Subset
from mobilenet_tf.data.folder import FilePhotos
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.networks.spec import DEFAULT_ARCH
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.training.config import TrainConfig
from mobilenet_tf.training.evaluation import EvaluationImages, image_batches, top1_of_predictor

__all__ = ["SETS", "WAYS", "Run", "finish", "write_photos"]

# Name -> its folder, and how many photos of each class are trained on; None: all.
SETS = {
    "flowers": ("flowers", None),
    "trashnet": ("trashnet", None),
    "cat_breeds": ("cat_breeds", None),
    "flowers, 40 a class": ("flowers", 40),
}
WAYS = ("classifier alone", "paper", "fine-tuning", "tutorial")
TRAIN = str(Path(sys.executable).with_name("mobilenet-train"))
CALIBRATION_PHOTOS = 100


@dataclass(frozen=True)
class Run:
    """One training. photos: a name in SETS; way: one of WAYS; seed: also that of the split; epochs: 0 for as many as
    the recipe takes. The tutorial has no other network than MobileNet V1, and always as many epochs.
    """

    photos: str
    alpha: float
    res: int
    way: str
    seed: int
    arch: str = DEFAULT_ARCH
    epochs: int = 0


def write_photos(photos: Path, run: Run, folder: Path) -> Dataset:
    """Write the two sides of a run's photos as links: train/ and validation/, with a folder for each class."""
    name, per_class = SETS[run.photos]
    data = load_dataset(str(photos / name), seed=run.seed)
    train: Photos = data.train
    if per_class is not None:
        rng = np.random.default_rng(run.seed)
        of_classes = [np.flatnonzero(train.labels == label) for label in range(len(data.classes))]
        train = Subset(train, np.sort(np.concatenate([rng.permutation(c)[:per_class] for c in of_classes])))
    for side, part in (("train", train), ("validation", data.validation)):
        for number, (path, label) in enumerate(_files(part)):
            target = folder / side / data.classes[label] / f"{number}{path.suffix}"
            target.parent.mkdir(parents=True, exist_ok=True)
            os.symlink(path.resolve(), target)
    return Dataset(data.classes, train, data.validation, ())


def _files(photos: Photos) -> Iterator[tuple[Path, int]]:
    """(path, label) of each photo."""
    if isinstance(photos, Subset):
        files = [*_files(photos.photos)]
        yield from (files[index] for index in photos.indices)
    else:
        assert isinstance(photos, FilePhotos)
        yield from ((Path(path), int(label)) for path, label in zip(photos.paths, photos.labels, strict=True))


def finish(run: Run, data: Dataset, folder: Path) -> dict[str, Any]:
    """Train on the folder of write_photos: the run, its top-1 after the last epoch, and the seconds that it took, on
    the clock and of all cores, which other work on the machine changes less.

    The validation photos choose nothing. The fine-tuned network is measured in int8 too, calibrated with training
    photos.
    """
    begun, cpu_begun = time.perf_counter(), _cpu_seconds()
    if run.way == "tutorial":
        words = [sys.executable, "-m", "experiments.tutorial", folder, run.alpha, run.res, run.seed]
        top1 = float(_output_of(words).splitlines()[-1])
        seconds = {"seconds": time.perf_counter() - begun, "cpu_seconds": _cpu_seconds() - cpu_begun}
        return {**asdict(run), "top1": top1, **seconds}
    words = [TRAIN, folder, "--arch", run.arch, "--alpha", run.alpha, "--res", run.res, "--seed", run.seed]
    words += ["--output-dir", folder / "run", *_options(run, len(data.train))]
    _output_of(words)
    result = {"seconds": time.perf_counter() - begun, "cpu_seconds": _cpu_seconds() - cpu_begun}
    (history,) = (folder / "run").glob("*/history.csv")
    with history.open() as file:
        result["top1"] = float([*csv.DictReader(file)][-1]["top1"])
    if run.way == "fine-tuning":
        result["int8"] = _int8_top1(history.with_name("last.keras"), data, run.res)
    return {**asdict(run), **result}


def _options(run: Run, photos: int) -> list[Any]:
    if run.way != "classifier alone":
        return ["--recipe", run.way, *(["--epochs", run.epochs] if run.epochs else [])]
    epochs = run.epochs or TrainConfig(transfer=True).sized(photos).epochs
    return ["--epochs", epochs, "--freeze", epochs]


def _cpu_seconds() -> float:
    """The CPU time of all processes that this one has waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _output_of(words: list[Any]) -> str:
    return subprocess.run([*map(str, words)], check=True, stdout=subprocess.PIPE, text=True).stdout


def _int8_top1(file: Path, data: Dataset, res: int) -> float:
    images = np.concatenate([*image_batches(data.train, res, CALIBRATION_PHOTOS)])
    calibration = ImageSet(images, tuple(Path(str(index)) for index in range(len(images))))
    made = quantize(graph_of(keras.models.load_model(file)), RECIPES["int8"], calibration)
    model = ImageModel.from_bytes(made.content, threads=2)
    return top1_of_predictor(model.predict, EvaluationImages(data.validation, res))
