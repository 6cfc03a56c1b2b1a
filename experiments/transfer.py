"""`make bench-transfer`: fine-tuning from the bundled ImageNet weights on a few hundred photos, with a 5-fold split.

The folder is that of bench-hosted: its photos, imagenet_sample/images/<wnid>_<name>.JPEG, become a task of ten coarse
classes. Each photo validates networks that were not trained on it: with only the classifier trained, fine-tuned, and
the latter in int8, calibrated with training photos. The ImageNet weights were trained on such photos: compare the
columns, do not quote the accuracies.
"""

import sys
import tempfile
import time
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from export.calibration import ImageSet
from export.quantize import quantize
from export.recipes import RECIPES
from mobilenet_tf.contract.labels import imagenet_wnids
from mobilenet_tf.data.dataset import Dataset, Subset
from mobilenet_tf.data.digests import digest_number
from mobilenet_tf.data.folder import FilePhotos
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.terminal import table
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.training.config import TrainConfig
from mobilenet_tf.training.evaluation import EvaluationImages, top1_of_model, top1_of_predictor
from mobilenet_tf.training.learner import KerasNetwork, Learner
from mobilenet_tf.training.loop import train
from mobilenet_tf.training.transfer import model_for, restore_folded_batch_norm, set_batch_norm_momentum
from mobilenet_tf.weights.load import load_weights

FOLDS = 5
ALPHA, RES = 0.25, 128
# Indices in ImageNet's list of 1000; a pair stands for all from the first to the last.
COARSE: dict[str, tuple[int | tuple[int, int], ...]] = {
    "birds": ((7, 24), (80, 100), (127, 146)),
    "clothes": (400, 452, 474, 502, 514, 568, 578, 608, 610, 614, 630, 638, 652, 770, 774, 806, 808, 834, 842, 906),
    "dogs": ((151, 268),),
    "fish": ((0, 6), (389, 397)),
    "food": ((924, 956), (960, 964)),
    "instruments": (402, 420, 432, 486, 494, 546, 558, 566, 594, 642, 684, 776, 822),
    "invertebrates": ((69, 79), (107, 126), (300, 329)),
    "mammals": ((269, 299), (330, 388)),
    "reptiles": ((25, 68),),
    "vehicles": (404, 408, 436, 444, 466, 468, 484, 510, 554, 576, 586, 628, 654, 656, 670, 734, 780, 802, 814, 820,
                 864, 866, 870, 874, 914),
}  # fmt: skip


def coarse_photos(folder: Path) -> FilePhotos:
    """The photos of the ten classes."""
    coarse: dict[int, int] = {}
    for label, places in enumerate(COARSE.values()):
        for place in places:
            first, last = place if isinstance(place, tuple) else (place, place)
            coarse |= dict.fromkeys(range(first, last + 1), label)
    place_of = {wnid: index for index, wnid in enumerate(imagenet_wnids())}
    found = [(path, coarse.get(place_of[path.name.split("_")[0]])) for path in sorted(folder.iterdir())]
    kept = [(path, label) for path, label in found if label is not None]
    digests = np.array([digest_number(path.read_bytes()) for path, _ in kept], np.uint64)
    return FilePhotos(tuple(str(path) for path, _ in kept), np.array([label for _, label in kept], np.int64), digests)


def main(data: Path) -> None:
    """Print the accuracy of each fold, and the mean."""
    photos = coarse_photos(data / "imagenet_sample" / "images")
    # The photos of each class go to the folds in turn, so that every fold has its share of them.
    order = np.lexsort((np.random.default_rng(0).permutation(len(photos)), photos.labels))
    fold_of = np.empty(len(photos), np.int64)
    fold_of[order] = np.arange(len(photos)) % FOLDS
    print(f"{len(photos)} photos of {len(COARSE)} classes, alpha {ALPHA} at {RES}", flush=True)
    rows, right = [], np.zeros(3)
    for number in range(FOLDS):
        training, held = (Subset(photos, np.flatnonzero(mask)) for mask in (fold_of != number, fold_of == number))
        begun = time.perf_counter()
        shares = measure_fold(Dataset(tuple(COARSE), training, held, ()))
        rows.append([f"fold {number + 1}, {len(held)} photos", *(f"{share:.1%}" for share in shares)])
        rows[-1].append(f"{time.perf_counter() - begun:.0f}")
        print("  ".join(rows[-1]), flush=True)
        right += shares * len(held)
    means = [f"{count / len(photos):.1%}" for count in right]
    print("\n" + table(["top-1", "classifier alone", "fine-tuned", "int8", "seconds"], [*rows, ["all", *means, ""]]))


def measure_fold(data: Dataset) -> NDArray[np.float64]:
    """Top-1 of the classifier alone, of the network fine-tuned, and of that in int8."""
    config = TrainConfig(transfer=True).sized(len(data.train))
    alone = trained(data, TrainConfig(transfer=True, epochs=config.epochs, freeze=config.epochs))
    tuned = trained(data, config)
    held = EvaluationImages(data.validation, RES)
    images = np.concatenate([pixels for pixels, _ in EvaluationImages(data.train, RES)])[:100]
    calibration = ImageSet(images, tuple(Path(str(index)) for index in range(len(images))))
    made = quantize(graph_of(tuned), RECIPES["int8"], calibration)
    int8 = top1_of_predictor(ImageModel.from_bytes(made.content, threads=2).predict, held)
    return np.array([top1_of_model(alone, held), top1_of_model(tuned, held), int8])


def trained(data: Dataset, config: TrainConfig) -> keras.Model:
    """The network of the last epoch: the held-out photos choose nothing."""
    keras.utils.set_random_seed(0)
    model = model_for(load_weights("imagenet", alpha=ALPHA, res=RES), len(data.classes), keep_classifier=False)
    sized = config.sized(len(data.train))
    set_batch_norm_momentum(model, sized, len(data.train))
    restore_folded_batch_norm(model, data.train)
    with tempfile.TemporaryDirectory() as folder:
        result = train(Learner(KerasNetwork(model), sized), data, Path(folder))
        return keras.models.load_model(result.last)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
