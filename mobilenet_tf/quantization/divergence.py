"""How far a quantized network is from the float one, on many views of photos: what decides between two networks.

Agreement of the best classes changes by single images; the divergence of the softmaxes changes with each image, so that
a small gain is seen on few photos. It can fall while nearly tied classes change places more often, so `compare` gives
both. Of embeddings, vectors of length 1, the divergence is 1 - their cosine. TensorFlow is loaded with this module.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.progress import OnProgress, ignore_progress

from .graph import Graph
from .simulation import Quantized

__all__ = ["Divergence", "cosine_errors", "is_gain", "random_views"]

VIEWS = 8  # of an image: as it is, flipped, and random ones
CHUNK = 5  # images at a time, each with all its views: this bounds the memory
SMALLEST_CROP = 0.5  # side of a crop, as a share of the image's
JITTER = (
    0.15  # largest change of brightness and of contrast, as a logarithm, and of each colour, as a share of the range
)

UInt8 = NDArray[np.uint8]
Float32 = NDArray[np.float32]


class Divergence:
    """Quantized network -> the Kullback-Leibler divergence of its softmax from the float one in nats, (photos,); of an
    embedding 1 - its cosine with the float one.

    It is the mean over the views of a photo: views of one photo are alike, so only photos count as independent.
    """

    def __init__(self, teacher: Graph, images: UInt8, photos: Sequence[Any], seed: int = 0) -> None:
        rng = np.random.default_rng((seed, len(images)))
        numbers = {photo: number for number, photo in enumerate(dict.fromkeys(photos))}
        self._photos = np.repeat([numbers[photo] for photo in photos], VIEWS)
        self._views = [_views_of(images[start : start + CHUNK], rng) for start in range(0, len(images), CHUNK)]
        self._teacher = teacher
        self._exact = [_compared(teacher, teacher.walk(self._seen(x))) for x in self._views]

    def _seen(self, views: UInt8) -> Any:
        return tf.constant(self._teacher.normalize(views))

    def __call__(self, quantized: Quantized, on_progress: OnProgress = ignore_progress) -> Float32:
        return self.compare(quantized, on_progress)[0]

    def compare(self, quantized: Quantized, on_progress: OnProgress = ignore_progress) -> tuple[Float32, float]:
        """(The divergence of each photo, the share of all views that get the best class of the float network; of an
        embedding the mean cosine).
        """
        has_classes = self._teacher.logits is not None
        of_views, same = [], []
        for number, (views, exact) in enumerate(zip(self._views, self._exact, strict=True)):
            on_progress("divergence from float", number / len(self._views))
            rounded = _compared(quantized.graph, quantized.outputs(self._seen(views)))
            if has_classes:
                of_views.append(np.asarray(tf.reduce_sum(tf.exp(exact) * (exact - rounded), 1)))
                same.append(np.argmax(exact, 1) == np.argmax(rounded, 1))
            else:
                of_views.append(np.asarray(cosine_errors(exact, rounded)))
                same.append(1 - of_views[-1])
        sums = np.bincount(self._photos, np.concatenate(of_views))
        return (sums / np.bincount(self._photos)).astype(np.float32), float(np.concatenate(same).mean())


def _compared(graph: Graph, outputs: Iterator[tuple[int, Any]]) -> Any:
    """(n, outputs), whatever axes of one element these have besides: the logarithms of the softmax, or the vector as it
    is before it gets a length of 1.
    """
    output = graph.compared_among(outputs)
    rows = tf.reshape(output, (len(output), -1))
    return rows if graph.logits is None else tf.nn.log_softmax(rows)


def cosine_errors(one: Any, other: Any) -> Any:
    """1 - the cosine of the vectors (n, parts) in two tensors of any lengths: (n,).

    As half the squared distance of the vectors of length 1, of which small errors lose no digits.
    """
    units = [tf.math.l2_normalize(each, -1) for each in (one, other)]
    return 0.5 * tf.reduce_sum(tf.math.squared_difference(*units), -1)


def is_gain(before: Float32, after: Float32, errors: float = 2.0) -> bool:
    """Whether a network is nearer to float than another by more than chance, by the divergences of photos (n,).

    A divergence is of second order in the error of the logits, and a few photos have most of the sum: its differences
    are so skewed that their standard error is large, and of few photos unreliable. Its square root is of first order,
    a distance, and spreads about as much at every photo. So the distances must fall by `errors` standard errors of
    their paired differences; and the mean divergence must fall, or many small gains would hide a few large losses.
    """
    gains = np.sqrt(np.maximum(before, 0)) - np.sqrt(np.maximum(after, 0))
    error = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else np.inf
    return bool(gains.mean() > errors * error and after.mean() < before.mean())


def _views_of(images: UInt8, rng: np.random.Generator) -> UInt8:
    """(n, res, res, 3) -> (n * VIEWS, res, res, 3), the views of an image one after the other."""
    random = [random_views(images, rng) for _ in range(VIEWS - 2)]
    views: UInt8 = np.stack([images, images[:, :, ::-1], *random], 1).reshape(-1, *images.shape[1:])
    return views


def random_views(images: UInt8, rng: np.random.Generator) -> UInt8:
    """A random crop of each image (n, res, res, 3), of the same size, half of them flipped, with other colours."""
    count = len(images)
    side = rng.uniform(SMALLEST_CROP, 1, count)
    top, left = rng.uniform(0, 1 - side), rng.uniform(0, 1 - side)
    boxes = np.stack([top, left, top + side, left + side], 1).astype(np.float32)
    flipped = rng.random(count) < 0.5
    boxes[flipped] = boxes[flipped][:, [0, 3, 2, 1]]
    crops = np.asarray(tf.image.crop_and_resize(images, boxes, np.arange(count), images.shape[1:3]))
    brightness, contrast = np.exp(rng.uniform(-JITTER, JITTER, (2, count, 1, 1, 1))).astype(np.float32)
    tint = rng.uniform(-JITTER, JITTER, (count, 1, 1, 3)).astype(np.float32) * 64
    grey = crops.mean((1, 2, 3), keepdims=True)
    changed = (crops - grey) * contrast + grey * brightness + tint
    return np.clip(np.rint(changed), 0, 255).astype(np.uint8)
