"""Which of many thumbnails show the same picture, mirrored or not, found without comparing each pair in full.

What is compared of two thumbnails are the differences between neighbouring pixels, by their correlation. Two vectors u
and v of length 1 at most are split into what lies in the few directions in which all of them vary most, p, and what is
left, of lengths r(u) and r(v): their product is at most p(u) p(v) + r(u) r(v), by the inequality of Cauchy and Schwarz.
Only pairs whose bound reaches the limit are compared in full: the pairs are the same as if all were.

A mirror changes the sign of the differences that are odd under it, and leaves the even ones. A vector is the sum of
both parts, and the larger of the products of u with v and with the mirrored v is even(u) even(v) + |odd(u) odd(v)|.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress

__all__ = ["alike_pairs"]

DIRECTIONS = 24  # of each part
SAMPLE = 2048  # thumbnails that the directions are chosen by
ROWS, COLUMNS = 512, 4096  # photos that are compared with each other at once: what fits a processor's cache
SLACK = 1e-4  # by which a bound may be too small, because it is computed in float32
MOST_PAIRS = 20_000  # of one block that are compared one by one; of more, all of it is
# Levels of 255: what the differences of a thumbnail of one colour, which compare as noise, do not reach in sum.
PLAIN = 16.0

Float32 = NDArray[np.float32]
UInt8 = NDArray[np.uint8]
Int64 = NDArray[np.int64]
Parts = tuple[Float32, Float32]  # even and odd, (n, values) each


def alike_pairs(thumbnails: UInt8, limit: float, on_progress: OnProgress) -> Iterator[tuple[Int64, Int64]]:
    """The pairs of `thumbnails` (n, side, side) whose correlation reaches `limit`, by blocks: (indices, indices), of
    which the first is the smaller.
    """
    coordinates = _coordinates(thumbnails)
    for start in range(0, len(thumbnails), ROWS):
        on_progress("comparing photos", start / len(thumbnails))
        for other in range(start, len(thumbnails), COLUMNS):
            rows, columns = slice(start, start + ROWS), slice(other, other + COLUMNS)
            bound = _products(_some(coordinates, rows), _some(coordinates, columns))
            ones, others = np.nonzero(bound >= limit - SLACK)
            ones, others = ones + start, others + other
            later = ones < others
            if later.any():
                yield _compared(thumbnails, ones[later], others[later], limit)
    on_progress("comparing photos", 1.0)


def _compared(thumbnails: UInt8, ones: Int64, others: Int64, limit: float) -> tuple[Int64, Int64]:
    """Those of the pairs whose correlation reaches the limit."""
    if len(ones) <= MOST_PAIRS:
        (even, odd), (other_even, other_odd) = _parts(thumbnails[ones]), _parts(thumbnails[others])
        alike = np.einsum("ij,ij->i", even, other_even) + np.abs(np.einsum("ij,ij->i", odd, other_odd)) >= limit
    else:
        (rows, row), (columns, column) = (np.unique(some, return_inverse=True) for some in (ones, others))
        alike = (_products(_parts(thumbnails[rows]), _parts(thumbnails[columns])) >= limit)[row, column]
    return ones[alike], others[alike]


def _products(some: Parts, others: Parts) -> Float32:
    """(n, m): the larger of the products of a vector with another one and with its mirror image."""
    odd = some[1] @ others[1].T
    return np.add(some[0] @ others[0].T, np.abs(odd, out=odd), out=odd)


def _some(parts: Parts, place: slice) -> Parts:
    return parts[0][place], parts[1][place]


def _parts(thumbnails: UInt8) -> Parts:
    """The even and the odd part of the vector of differences of each thumbnail, whose length is 1 at most."""
    vectors, mirrored = _differences(thumbnails), _differences(thumbnails[:, :, ::-1])
    return (vectors + mirrored) / 2, (vectors - mirrored) / 2


def _differences(thumbnails: UInt8) -> Float32:
    """(n, side, side) -> (n, differences between neighbours): vectors whose products are correlations."""
    pixels = thumbnails.astype(np.float32)
    across, down = (np.diff(pixels, axis=axis).reshape(len(pixels), -1) for axis in (2, 1))
    vectors = np.concatenate([across, down], axis=1)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), PLAIN)


def _coordinates(thumbnails: UInt8) -> Parts:
    """Parts of which `_products` is the bound: both parts of each vector in DIRECTIONS directions, and beside the even
    one the lengths of what is left of both, whose product counts whatever the sign of that of the odd ones is.
    """
    sample = np.unique(np.linspace(0, len(thumbnails) - 1, SAMPLE).astype(np.int64))
    bases = [_directions(part) for part in _parts(thumbnails[sample])]
    found = []
    for start in range(0, len(thumbnails), COLUMNS):
        parts = _parts(thumbnails[start : start + COLUMNS])
        even, odd = (part @ basis for part, basis in zip(parts, bases, strict=True))
        left = [_length_outside(part, inside) for part, inside in zip(parts, (even, odd), strict=True)]
        found.append((np.column_stack([even, *left]), odd))
    return np.concatenate([even for even, _ in found]), np.concatenate([odd for _, odd in found])


def _length_outside(vectors: Float32, inside: Float32) -> Float32:
    """(n,): the length of each vector without what is inside a subspace, of which `inside` has the coordinates."""
    squares = np.einsum("ij,ij->i", vectors, vectors) - np.einsum("ij,ij->i", inside, inside)
    return np.sqrt(np.maximum(squares, 0))


def _directions(vectors: Float32) -> Float32:
    """(values, DIRECTIONS): the directions in which vectors (n, values) are longest, orthogonal and of length 1."""
    _, directions = np.linalg.eigh(vectors.T @ vectors)
    return np.ascontiguousarray(directions[:, -DIRECTIONS:])
