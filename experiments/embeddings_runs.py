"""The runs of `make bench-embeddings`: the photos, the training of each, and recall@1 of all models that compare."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.data.dataset import Dataset
from mobilenet_tf.data.folder import FilePhotos
from mobilenet_tf.data.load import load_dataset
from mobilenet_tf.data.photos import find_photos
from mobilenet_tf.keras_loader import keras
from mobilenet_tf.quantization.dequantized import byte_normalization
from mobilenet_tf.tasks.classification import classifier_layer
from mobilenet_tf.tasks.embeddings import cosine_error, cosine_errors, recall_at_1
from mobilenet_tf.tflite.flatbuffer import parse
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION
from mobilenet_tf.training.evaluation import EvaluationImages
from mobilenet_tf.weights.foreign_tflite import read_foreign_tflite
from mobilenet_tf.weights.load import load_weights, model_with

from .latency import medians_in_turns
from .resumable import calibration_links, train_to_the_end

__all__ = ["MODELS", "SETS", "Run", "finish"]

SETS = ("flowers", "trashnet", "cat_breeds")
ALONE = "dogs"  # photos without classes, which are trained on alone
# The last one divides vectors by their length in float: int8 has steps of 1/128 for that.
MODELS = ("teacher", "ImageNet features", "student", "in int8", "in int8, float ends")
TEACHER, FEATURES, STUDENT, INT8, FLOAT_ENDS = MODELS
IO = {INT8: "int8", FLOAT_ENDS: "float32"}
ROUNDS = 100  # of which the latency is the median
TRAIN, EXPORT = (str(Path(sys.executable).with_name(name)) for name in ("mobilenet-train", "mobilenet-export"))

Vectors = NDArray[Any]


@dataclass(frozen=True)
class Run:
    """One training. epochs: None for as many as mobilenet-train takes."""

    alpha: float
    res: int
    seed: int
    epochs: int | None = None


def finish(run: Run, photos: Path, teacher: Path, runs: Path) -> dict[str, Any]:
    """Train in a folder of `runs`, or go on if it was stopped: the run, recall@1 of each of MODELS, sizes and
    latencies, and the seconds that training took, those before it was stopped included.
    """
    data = {name: load_dataset(str(photos / name)) for name in SETS}
    plain = _links(data, photos / ALONE, runs / "photos")
    folder = runs / "_".join(map(str, asdict(run).values()))
    words = [TRAIN, plain, "--task", "embedding", "--teacher", teacher, "--name", "photos", "--seed", run.seed]
    words += ["--alpha", run.alpha, "--res", run.res, *(["--epochs", run.epochs] if run.epochs else [])]
    seconds = train_to_the_end(folder, lambda: words)
    (best,) = folder.glob("*/best.keras")
    exported = {model: _exported(best, plain, folder, io) for model, io in IO.items()}
    kept_back, classes, sets = _kept_back(data)
    images = {res: np.concatenate([batch for batch, _ in EvaluationImages(kept_back, res)]) for res in (run.res, 224)}
    vectors = {
        TEACHER: _of_file(teacher, images[224]),
        FEATURES: _of_model(_features(run), images[run.res]),
        STUDENT: _of_model(keras.models.load_model(best, compile=False), images[run.res]),
        **{model: _of_file(file, images[run.res]) for model, file in exported.items()},
    }
    contents = {model: file.read_bytes() for model, file in {TEACHER: teacher, **exported}.items()}
    return {
        **asdict(run),
        "recall_at_1": {model: _recalls(found, classes, sets) for model, found in vectors.items()},
        "cosine": 1 - float(cosine_errors(vectors[STUDENT], vectors[TEACHER]).mean()),
        "cosine_error": {model: cosine_error(vectors[model], vectors[STUDENT]) for model in exported},
        "size_bytes": {model: len(content) for model, content in contents.items()},
        "latency_ms": medians_in_turns(contents, ROUNDS),
        "seconds": seconds,
        "photos": sum(1 for _ in plain.iterdir()),
        "kept_back": len(kept_back),
    }


def _links(data: dict[str, Dataset], alone: Path, folder: Path) -> Path:
    """A folder of links to all photos that are not kept back, without their classes."""
    folder.mkdir(parents=True, exist_ok=True)
    sides = [one.train for one in data.values()]
    paths = [side.name(index) for side in sides for index in range(len(side))] + [*map(str, find_photos(alone).paths)]
    for number, path in enumerate(paths):
        link = folder / f"{number:05}{Path(path).suffix}"
        if not link.exists():
            link.symlink_to(Path(path).resolve())
    return folder


def _kept_back(data: dict[str, Dataset]) -> tuple[FilePhotos, NDArray[np.int64], NDArray[np.int64]]:
    """(the photos that validate, the number of each one's class among all classes, and that of its set)."""
    paths: list[str] = []
    classes, sets = [], []
    for number, one in enumerate(data.values()):
        side = one.validation
        paths += [side.name(index) for index in range(len(side))]
        classes.append(side.labels + 1000 * number)
        sets.append(np.full(len(side), number))
    digests = np.concatenate([one.validation.digests for one in data.values()])
    labels = np.concatenate(classes)
    return FilePhotos(tuple(paths), labels, digests), labels, np.concatenate(sets)


def _recalls(vectors: Vectors, classes: NDArray[np.int64], sets: NDArray[np.int64]) -> dict[str, float | None]:
    """Recall@1 among all photos, and among those of each set alone."""
    found = {"all": recall_at_1(vectors, classes)[0]}
    for number, name in enumerate(SETS):
        found[name] = recall_at_1(vectors[sets == number], classes[sets == number])[0]
    return found


def _features(run: Run) -> Any:
    """The network of ImageNet's weights that training begins with, up to what its classifier takes."""
    model = model_with(load_weights("imagenet", alpha=run.alpha, res=run.res))
    return keras.Model(model.inputs, classifier_layer(model).input)


def _of_model(model: Any, images: NDArray[np.uint8]) -> Vectors:
    return np.asarray(model.predict(normalize(images), verbose=0))


def _of_file(file: Path, images: NDArray[np.uint8]) -> Vectors:
    """By the file itself, whose integers say what the bytes of photos become; of float files it is what ours take."""
    normalization = byte_normalization(parse(file.read_bytes())) or OUR_NORMALIZATION
    return read_foreign_tflite(file).run(normalize(images, normalization.mean, normalization.std))


def _exported(best: Path, photos: Path, folder: Path, io: str) -> Path:
    """The int8 file that mobilenet-export makes, calibrated with photos to train on. io: the type of its two ends."""
    calibration = calibration_links(sorted(map(str, photos.iterdir())), folder / "calibration")
    words: list[Any] = [EXPORT, "--weights", best, "--calibration", calibration, "--quant", "int8", "--json"]
    words += ["--io", io, "--output-dir", folder / f"export_{io}", "--overwrite"]
    done = subprocess.run([*map(str, words)], check=True, stdout=subprocess.PIPE, text=True)
    (printed,) = json.loads(done.stdout)
    return Path(printed["path"])
