"""Top-1, top-5, per-class accuracy, confusion and confidence over labelled photos."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.preprocessing import load_rgb, preprocess
from mobilenet_tf.data.scan import reason
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.results.records import Accuracy, ConfidenceBin
from mobilenet_tf.tflite.image_model import ImageModel

from .labelled_photos import Labelled

__all__ = ["accuracy_of", "evaluate", "score_photos"]

BINS = 10
TOP = 5


def evaluate(
    models: Sequence[ImageModel],
    photos: Labelled,
    names: Sequence[str],
    offset: int,
    tell: Callable[[float], None] = lambda _: None,
) -> Accuracy:
    """Accuracy of `models`, the same file in as many interpreters, on `photos`.

    What cannot be read is listed and left out. Raises ImagesError where nothing can be.
    """
    start = time.perf_counter()
    found = score_photos(models, photos.paths, tell)
    return accuracy_of(found, photos, names, offset, time.perf_counter() - start)


def accuracy_of(
    found: Sequence[NDArray[np.float32] | str], photos: Labelled, names: Sequence[str], offset: int, seconds: float
) -> Accuracy:
    """Accuracy by the scores (classes,) of each of `photos`, or why it could not be read, got in so many seconds.

    Raises ImagesError where none could be read.
    """
    unreadable = [f"{path}: {result}" for path, result in zip(photos.paths, found, strict=True) if _broken(result)]
    read = [(scores, c) for scores, c in zip(found, photos.classes, strict=True) if isinstance(scores, np.ndarray)]
    if not read:
        raise ImagesError(f"none of the {len(found)} photos can be read; the first: {unreadable[0]}.")
    return _statistics(
        np.stack([scores for scores, _ in read]),
        np.array([index for _, index in read]),
        photos,
        names=names,
        offset=offset,
        unreadable=[*photos.skipped, *unreadable],
        images_per_s=len(read) / seconds,
    )


def score_photos(
    models: Sequence[ImageModel], paths: Sequence[Path], tell: Callable[[float], None] = lambda _: None
) -> list[NDArray[np.float32] | str]:
    """The scores (classes,) of each photo, or why it cannot be read.

    A thread for each of `models`, which are the same file: one decodes while another infers, outside Python's lock.
    """
    free: SimpleQueue[ImageModel] = SimpleQueue()
    for model in models:
        free.put(model)

    def score(path: Path) -> NDArray[np.float32] | str:
        try:
            pixels = preprocess(load_rgb(path), models[0].res)
        except Exception as error:  # Pillow's decoders raise what suits them
            return reason(error)
        model = free.get()
        try:
            return model.scores(model.session.run(model.tensor(pixels)))
        finally:
            free.put(model)

    found = []
    with ThreadPoolExecutor(len(models)) as pool:
        for number, result in enumerate(pool.map(score, paths), 1):
            found.append(result)
            tell(number / len(paths))
    return found


def _broken(result: NDArray[np.float32] | str) -> bool:
    return isinstance(result, str)


def _statistics(
    scores: NDArray[np.float32],
    truth: NDArray[np.int64],
    photos: Labelled,
    *,
    names: Sequence[str],
    offset: int,
    unreadable: list[str],
    images_per_s: float,
) -> Accuracy:
    order = np.argsort(-scores, axis=1, kind="stable")[:, :TOP]
    first, right = order[:, 0], order[:, 0] == truth
    per_class: dict[str, list[int]] = {}
    for index in np.unique(truth):
        of_class = truth == index
        # Two classes may bear one name, as ImageNet's cranes do.
        label = names[index] if names[index] not in per_class else f"{names[index]} ({index})"
        per_class[label] = [int(right[of_class].sum()), int(of_class.sum())]
    pairs = Counter(zip(truth.tolist(), first.tolist(), strict=True))
    return Accuracy(
        folder=str(photos.folder),
        images_sha256=photos.sha256(offset),
        images=len(truth),
        top1=float(right.mean()),
        top5=float((order == truth[:, None]).any(1).mean()),
        per_class=per_class,
        confusion=[[true, taken, count] for (true, taken), count in sorted(pairs.items())],
        confidence=_confidence(scores[np.arange(len(first)), first], right),
        unreadable=unreadable,
        background_offset=offset,
        images_per_s=images_per_s,
    )


def _confidence(best: NDArray[np.float32], right: NDArray[np.bool_]) -> list[ConfidenceBin]:
    place = np.clip((best * BINS).astype(int), 0, BINS - 1)
    return [
        ConfidenceBin(number / BINS, int((right & (place == number)).sum()), int((~right & (place == number)).sum()))
        for number in range(BINS)
    ]
