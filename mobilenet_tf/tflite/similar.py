"""Which photos of a folder are most like others, by their vectors. Memory stays bounded, however many there are."""

import os
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import ImagesError
from mobilenet_tf.progress import OnProgress, part_of

from .embedder import Embedder
from .photos_given import Outcome, each_photo

__all__ = ["SimilarPhotos", "similar_photos"]

BLOCK_BYTES = 64 * 2**20  # of the vectors of the photos that are looked up at a time
CHUNK = 256  # photos of the folder that are compared at a time

Float32 = NDArray[np.float32]


@dataclass(frozen=True)
class SimilarPhotos:
    """The photos most like one, each with its cosine, the most alike first; the time of the inference on that one."""

    photos: list[tuple[Path, float]]
    inference_ms: float


def similar_photos(
    embedder: Embedder, paths: Sequence[Path], among: Sequence[Path], top: int, on_progress: OnProgress
) -> tuple[list[Outcome], list[Outcome]]:
    """(an outcome for each of the paths, its answer being SimilarPhotos; an outcome for each photo of `among` that
    cannot be read). A photo is not like itself: the same file is left out, a copy is not.

    top: of how many photos are told, at most.
    """
    top = min(top, len(among))
    size = max(1, BLOCK_BYTES // (4 * embedder.dimensions + 32 * top))
    outcomes: list[Outcome] = []
    unread: dict[Path, Outcome] = {}
    for start in range(0, len(paths), size):
        block = paths[start : start + size]
        part = part_of(on_progress, start / len(paths), (start + len(block)) / len(paths))
        share = len(block) / (len(block) + len(among))
        found = each_photo(block, embedder.embed_timed, embedder.res, "embed", part_of(part, 0.0, share))
        known = [(number, one) for number, one in enumerate(found) if one.answer is not None]
        nearest = _Nearest([one.path for _, one in known], [one.answer[0] for _, one in known], top)
        for photos, vectors in _chunks(embedder, among, unread, part_of(part, share, 1.0)):
            nearest.compare(photos, vectors)
        for (number, one), photos_of_one in zip(known, nearest.found(), strict=True):
            found[number] = replace(one, answer=SimilarPhotos(photos_of_one, one.answer[1]))
        outcomes += found
    return outcomes, list(unread.values())


def _chunks(
    embedder: Embedder, among: Sequence[Path], unread: dict[Path, Outcome], on_progress: OnProgress
) -> Iterator[tuple[list[Path], Float32]]:
    """Photos that can be read with their vectors (n, dimensions), at most CHUNK at a time; others go into `unread`."""
    for start in range(0, len(among), CHUNK):
        photos, vectors = [], []
        for number, path in enumerate(among[start : start + CHUNK], start):
            on_progress("compare", number / len(among))
            try:
                vectors.append(embedder.embed(path))
                photos.append(path)
            except ImagesError as error:
                unread[path] = Outcome(path, error=str(error))
        if photos:
            yield photos, np.stack(vectors)


class _Nearest:
    """The photos nearest to some, among all that they were compared with."""

    def __init__(self, paths: Sequence[Path], vectors: Sequence[Float32], top: int) -> None:
        self._vectors, self._top = np.stack(vectors) if vectors else np.zeros((0, 1), np.float32), top
        self._rows_of: dict[str, list[int]] = defaultdict(list)
        for row, path in enumerate(paths):
            self._rows_of[os.path.realpath(path)].append(row)
        self._cosines = np.zeros((len(paths), 0), np.float32)
        self._places = np.zeros((len(paths), 0), np.int64)
        self._photos: list[Path] = []

    def compare(self, photos: Sequence[Path], vectors: Float32) -> None:
        """Compare all with further photos, whose vectors (n, dimensions) have a length of 1."""
        if not len(self._vectors):
            return
        cosines = (self._vectors @ vectors.T).clip(-1, 1)
        for column, photo in enumerate(photos):
            cosines[self._rows_of.get(os.path.realpath(photo), []), column] = -np.inf
        places = np.broadcast_to(np.arange(len(photos)) + len(self._photos), cosines.shape)
        self._photos += photos
        cosines, places = np.hstack([self._cosines, cosines]), np.hstack([self._places, places])
        best = (-cosines).argsort(1, kind="stable")[:, : self._top]
        self._cosines, self._places = np.take_along_axis(cosines, best, 1), np.take_along_axis(places, best, 1)

    def found(self) -> Iterator[list[tuple[Path, float]]]:
        """Of each of the photos those nearest to it with their cosines, best first, of equal ones the first."""
        for cosines, places in zip(self._cosines.tolist(), self._places.tolist(), strict=True):
            pairs = zip(cosines, places, strict=True)
            yield [(self._photos[place], cosine) for cosine, place in pairs if cosine > -np.inf]
