"""Embeddings: a vector of length 1 for each photo. Photos are alike if the cosine between their vectors is near 1.

Vectors are (n, dimensions) with n photos, of any length except where it is said: they are made unit length first. What
compares all photos with all others does it for a block of them at a time, so that memory stays bounded.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "TIE",
    "VERIFICATION_PAIRS",
    "Verification",
    "cosine_error",
    "cosine_errors",
    "cosines",
    "nearest",
    "nearest_agreement",
    "nearest_other",
    "recall_at_1",
    "unit",
    "verification",
]

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int64 = NDArray[np.int64]

VERIFICATION_PAIRS = 6000  # as many as Labelled Faces in the Wild has: half of one identity, half of two
FOLDS = 10
# Two cosines count as one if they are this near: the rounding of float32 vectors moves the cosine of two copies of a
# photo by about 2^-23, which must not decide which of them is nearer.
TIE = 1e-6
BLOCK_COSINES = 2**22  # of photos that are compared with all others at a time: 32 MB
SMALLEST_SQUARE = 1e-12  # as the last layer of the networks has it: a vector of zeros stays one


@dataclass(frozen=True)
class Verification:
    """How well a threshold on the cosine tells whether two photos are of one class.

    accuracy:  mean over the folds of the share of pairs that are decided rightly.
    pairs:     that were decided, half of them of one class.
    threshold: two photos are of one class if their cosine is at least this; the best one on all pairs.
    """

    accuracy: float
    pairs: int
    threshold: float


def unit(vectors: NDArray[Any]) -> Float32:
    """Vectors (..., dimensions) of any length -> of length 1. One of zeros has no direction, and stays."""
    return _unit(vectors).astype(np.float32)


def cosines(some: NDArray[Any], others: NDArray[Any]) -> Float64:
    """The cosines of vectors (n, dimensions) with others (m, dimensions): (n, m), from -1 to 1."""
    return _products(_unit(some), _unit(others))


def nearest(some: NDArray[Any], others: NDArray[Any], top: int = 1) -> tuple[Int64, Float64]:
    """Which of others (m, dimensions) are nearest to each of some (n, dimensions), and their cosines.

    (n, top) each, best first, of equal ones the first in their order; fewer columns if there are fewer others.
    """
    some, others = _unit(some), _unit(others)
    indices, values = [], []
    for block in _blocks(len(some), len(others)):
        similar = _products(some[block], others)
        best = (-similar).argsort(1, kind="stable")[:, :top]
        indices.append(best)
        values.append(np.take_along_axis(similar, best, 1))
    columns = min(top, len(others))
    empty = np.zeros((0, columns))
    return np.concatenate([empty.astype(np.int64), *indices]), np.concatenate([empty, *values])


def nearest_other(vectors: NDArray[Any]) -> tuple[Int64, Float64]:
    """Of each of at least two photos, the nearest among the others and its cosine, (n,) each."""
    found = [(similar.argmax(1), similar.max(1)) for _, similar in _with_others(vectors)]
    return np.concatenate([index for index, _ in found]), np.concatenate([value for _, value in found])


def recall_at_1(vectors: NDArray[Any], classes: Sequence[int] | Int64) -> tuple[float | None, int]:
    """The share of photos whose nearest other photo is of their class, and how many photos count.

    Each photo is looked up among all others. A photo whose class has no other photo does not count; None if none does.
    If several others are nearest alike, the share of them that is of the class counts, so that a network that gives
    the same vector for everything gets what chance gets. classes: (n,).
    """
    classes = np.asarray(classes, np.int64)
    _, where, counts = np.unique(classes, return_inverse=True, return_counts=True)
    counted = counts[where] > 1
    if not counted.any():
        return None, 0
    found = []
    for block, similar in _with_others(vectors):
        tied = similar >= similar.max(1, keepdims=True) - TIE
        right = tied & (classes[block, None] == classes)
        found.append(right.sum(1) / tied.sum(1))
    return float(np.concatenate(found)[counted].mean()), int(counted.sum())


def verification(
    vectors: NDArray[Any], classes: Sequence[int] | Int64, *, pairs: int = VERIFICATION_PAIRS, seed: int = 0
) -> Verification | None:
    """Whether two photos are of one class, by a threshold on their cosine; None without two pairs of each kind.

    The protocol of Labelled Faces in the Wild (Huang et al. 2007, View 2): pairs in ten folds; those of each fold are
    decided by the threshold that is best on the nine others. As many pairs of one class as of two are drawn from all
    that there are, without repetition, by `seed`, at most `pairs` together. Other than in LFW, a class may be in
    several folds. classes: (n,).
    """
    drawn = _draw_pairs(np.asarray(classes, np.int64), pairs, seed)
    if drawn is None:
        return None
    first, second, same = drawn
    vectors = _unit(vectors)
    similar = (vectors[first] * vectors[second]).sum(1)
    fold = np.arange(len(same)) // 2 % min(FOLDS, len(same) // 2)  # a pair of each kind, one after the other
    accuracies = []
    for held in np.unique(fold):
        threshold = _best_threshold(similar[fold != held], same[fold != held])
        accuracies.append(((similar >= threshold) == same)[fold == held].mean())
    return Verification(float(np.mean(accuracies)), len(same), _best_threshold(similar, same))


def cosine_errors(vectors: NDArray[Any], reference: NDArray[Any]) -> Float64:
    """1 - cosine of the vectors of each photo, (n, dimensions) each: (n,); 0 if they have one direction, 1 if one alone
    is of zeros and has none.

    As half the squared distance, which is the same for unit vectors and exact near 0, where 1 - cosine is not.
    """
    vectors, reference = _unit(vectors), _unit(reference)
    errors: Float64 = ((vectors - reference) ** 2).sum(-1) / 2
    has_direction = [vectors.any(-1), reference.any(-1)]
    return np.where(has_direction[0] == has_direction[1], errors, 1.0)


def cosine_error(vectors: NDArray[Any], reference: NDArray[Any]) -> dict[str, float]:
    """`mean`, `p99` and `max` over the photos of cosine_errors. p99: of 99 of 100 photos the error is at most this."""
    errors = cosine_errors(vectors, reference)
    p99 = np.quantile(errors, 0.99, method="higher")
    return {"mean": float(errors.mean()), "p99": float(p99), "max": float(errors.max())}


def nearest_agreement(vectors: NDArray[Any], reference: NDArray[Any]) -> float:
    """The share of photos, at least two, whose nearest other photo is the same by both vectors, (n, dimensions) each.

    If several are nearest alike by `vectors`, as copies of a photo are, the share of them that are nearest by the
    reference too counts: one vector for all photos agrees with it by chance.
    """
    same = []
    for (_, similar), (_, expected) in zip(_with_others(vectors), _with_others(reference), strict=True):
        both = [values >= values.max(1, keepdims=True) - TIE for values in (similar, expected)]
        same.append((both[0] & both[1]).sum(1) / both[0].sum(1))
    return float(np.concatenate(same).mean())


def _unit(vectors: NDArray[Any]) -> Float64:
    vectors = np.asarray(vectors, np.float64)
    squares: Float64 = (vectors**2).sum(-1, keepdims=True)
    return vectors / np.sqrt(np.maximum(squares, SMALLEST_SQUARE))


def _products(some: Float64, others: Float64) -> Float64:
    """The cosines of unit vectors."""
    found: Float64 = (some @ others.T).clip(-1, 1)
    return found


def _blocks(count: int, others: int) -> Iterator[slice]:
    """So many photos at a time that their cosines with all others are at most BLOCK_COSINES, or those of one photo."""
    photos = max(1, BLOCK_COSINES // max(1, others))
    return (slice(start, min(start + photos, count)) for start in range(0, count, photos))


def _with_others(vectors: NDArray[Any]) -> Iterator[tuple[slice, Float64]]:
    """Blocks of photos, and their cosines with all, (photos of the block, n); a photo with itself has -inf."""
    vectors = _unit(vectors)
    for block in _blocks(len(vectors), len(vectors)):
        similar = _products(vectors[block], vectors)
        similar[np.arange(len(similar)), np.arange(block.start, block.stop)] = -np.inf
        yield block, similar


def _draw_pairs(classes: Int64, most: int, seed: int) -> tuple[Int64, Int64, NDArray[np.bool_]] | None:
    """(first, second, whether of one class), a pair of one class and one of two in turns; None without two of each.

    With the photos in the order of their classes, the partners of one that come later are its own class's rest, and
    after them those of all other classes: each pair has a number, and numbers are drawn.
    """
    order = np.argsort(classes, kind="stable")
    place, end = np.arange(len(order)), np.searchsorted(classes[order], classes[order], side="right")
    of_one, of_two = np.cumsum(end - place - 1), np.cumsum(len(order) - end)
    count = min(most // 2, *(int(sums[-1]) if len(sums) else 0 for sums in (of_one, of_two)))
    if count < 2:
        return None
    random = np.random.default_rng(seed)
    sides = []
    for sums, begin in ((of_one, place + 1), (of_two, end)):
        number = random.choice(int(sums[-1]), count, replace=False)
        first = np.searchsorted(sums, number, side="right")
        before = np.where(first > 0, sums[first - 1], 0)
        sides.append((order[first], order[begin[first] + number - before]))
    first, second = (np.stack(both, 1).ravel() for both in zip(*sides, strict=True))
    return first, second, np.tile([True, False], count)


def _best_threshold(similar: Float64, same: NDArray[np.bool_]) -> float:
    """The threshold from which on pairs (n,) are of one class that decides most of them rightly: halfway to the next
    lower cosine, of several the highest.
    """
    values = np.unique(similar)[::-1]  # the highest first
    index = np.searchsorted(-values, -similar)
    gained = np.bincount(index, np.where(same, 1, -1), len(values))  # by taking in the pairs of that cosine
    best = np.append(0, np.cumsum(gained)).argmax()
    around = np.concatenate([[values[0] + 2 * TIE], values, [values[-1] - 2 * TIE]])
    return float((around[best] + around[best + 1]) / 2)
