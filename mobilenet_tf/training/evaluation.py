"""Photos by the evaluation rule, and how many of them a model classifies correctly.

TensorFlow is loaded when it is needed.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.photo_file import photo_memory
from mobilenet_tf.contract.preprocessing import normalize, preprocess
from mobilenet_tf.data.dataset import Photos, evenly_spaced
from mobilenet_tf.tasks.classification import best_class_per_photo, logits_model

if TYPE_CHECKING:
    import keras

__all__ = [
    "CACHE_BYTES",
    "Evaluation",
    "EvaluationImages",
    "evaluate",
    "image_batches",
    "outputs_of",
    "predicted_classes",
    "predictor_of",
    "top1_of_model",
    "top1_of_predictor",
]

DECODERS = 4
CACHE_BYTES = 2**30
BATCH = 100  # images evaluated at a time
FULL_SIZE = 2**31  # a short side that no photo has: read it as it is

UInt8 = NDArray[np.uint8]
Predictor = Callable[[UInt8], Any]  # (n, res, res, 3) uint8 -> (n, classes)


class EvaluationImages:
    """Photos by the evaluation rule; kept in memory if all of them fit in `cache_bytes`.

    exact: whether each is read in full, as the rule says; else large JPEGs are decoded at a smaller scale, in a
           fraction of the time: good enough to learn from, and not to evaluate with.
    """

    def __init__(self, photos: Photos, res: int, cache_bytes: int = CACHE_BYTES, *, exact: bool = True) -> None:
        self.photos, self.labels, self.res = photos, photos.labels, res
        # Else at least two pixels for each of the result's in the 7/8 that the rule crops.
        self._short_side = FULL_SIZE if exact else -(-16 * res // 7)
        self._batches: list[UInt8] = []
        self._fits = len(photos) * res**2 * 3 <= cache_bytes

    def __iter__(self) -> Iterator[tuple[UInt8, NDArray[np.int64]]]:
        """Images (n, res, res, 3) uint8 and their labels (n,), every photo once, in order."""
        starts = range(0, len(self.photos), BATCH)
        with ThreadPoolExecutor(DECODERS) as pool:
            for number, start in enumerate(starts):
                indices = range(start, min(start + BATCH, len(self.photos)))
                if number < len(self._batches):
                    images = self._batches[number]
                else:
                    images = np.stack([*pool.map(self._read, indices)])
                    self._batches += [images] if self._fits else []
                yield images, self.labels[indices]

    def image(self, index: int) -> UInt8:
        """(res, res, 3): one photo by the rule."""
        batch, place = divmod(index, BATCH)
        return self._batches[batch][place] if batch < len(self._batches) else self._read(index)

    def _read(self, index: int) -> UInt8:
        with photo_memory():
            return preprocess(self.photos.read(index, self._short_side), self.res)


def image_batches(photos: Photos, res: int, count: int) -> Iterator[UInt8]:
    """At most `count` photos, evenly spaced, by the evaluation rule: batches of (n, res, res, 3)."""
    for images, _ in EvaluationImages(evenly_spaced(photos, count), res, cache_bytes=0):
        yield images


def predictor_of(model: "keras.Model") -> Predictor:
    """The logits of `model` for images of any resolution. Raises ModelError if it does not end in a softmax."""
    from mobilenet_tf.keras_loader import tf

    logits = logits_model(model)
    predict = tf.function(lambda x: logits(x, training=False), reduce_retracing=True, autograph=False)
    return lambda images: predict(normalize(images))


@dataclass(frozen=True)
class Evaluation:
    """How well images are classified: the share that is given the class of its label, and the mean cross-entropy.

    predicted, confidence: (n,) the class that each image is given, and its probability.
    """

    top1: float
    loss: float
    predicted: NDArray[np.int64] = field(compare=False)
    confidence: NDArray[np.float64] = field(compare=False)


def evaluate(
    predict: Predictor, images: EvaluationImages, on_photos: Callable[[int], None] = lambda _: None
) -> Evaluation:
    """Evaluate a predictor of logits. on_photos: called with how many photos are done, after each batch."""
    predicted, confidence = [], []
    loss, done = 0.0, 0
    for batch, labels in images:
        logits = np.asarray(predict(batch), np.float64)
        predicted.append(best_class_per_photo(logits))
        largest = logits.max(1)
        log_sums = largest + np.log(np.exp(logits - largest[:, None]).sum(1))
        confidence.append(np.exp(largest - log_sums))
        loss += float((log_sums - logits[np.arange(len(labels)), labels]).sum())
        done += len(labels)
        on_photos(done)
    classes = np.concatenate(predicted)
    return Evaluation(int((classes == images.labels).sum()) / done, loss / done, classes, np.concatenate(confidence))


def outputs_of(
    predict: Predictor, images: EvaluationImages, on_photos: Callable[[int], None] = lambda _: None
) -> NDArray[np.float64]:
    """What a predictor gives for the images, (n, outputs). on_photos: called with how many are done."""
    found: list[NDArray[np.float64]] = []
    for batch, _ in images:
        found.append(np.asarray(predict(batch), np.float64))
        on_photos(sum(map(len, found)))
    return np.concatenate(found)


def predicted_classes(predict: Predictor, images: EvaluationImages) -> NDArray[np.int64]:
    """(photos,): the class with the highest score for each image."""
    return np.concatenate([best_class_per_photo(np.asarray(predict(batch))) for batch, _ in images])


def top1_of_predictor(predict: Predictor, images: EvaluationImages) -> float:
    """The share of the images that are given the class of their label."""
    return float((predicted_classes(predict, images) == images.labels).mean())


def top1_of_model(model: "keras.Model", images: EvaluationImages) -> float:
    """The share of the images, of any resolution, that `model` gives the class of their label."""
    return top1_of_predictor(predictor_of(model), images)
