"""Photos that show the same picture: copies, and those that were resized, saved again, mirrored or shot in one burst.

A difference hash (Krawetz 2013, "Kind of Like That", hackerfactor.com) compares the signs of the differences between
neighbouring pixels of a thumbnail. Here the differences themselves are compared, by their correlation: in plain
backgrounds the signs are noise, but the differences are small.
"""

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress, ignore_progress

from .photo_looks import MOST_COMPARED, PhotoLooks

__all__ = ["groups_of_copies"]

# `python -m experiments.duplicates` shows that copies correlate by more, and other photos by less.
SAME_PICTURE = 0.95
BLOCK = 512  # photos that are compared with all others at once
# Levels of 255: what the differences of a thumbnail of one colour, which compare as noise, do not reach in sum.
PLAIN = 16.0

Float32 = NDArray[np.float32]


def groups_of_copies(looks: PhotoLooks, on_progress: OnProgress = ignore_progress) -> NDArray[np.int64]:
    """(n,): for each photo the index of the first one that shows the same picture, itself if it is the first.

    Of more than MOST_COMPARED photos only those that are the same byte for byte are found.
    """
    _, first, inverse = np.unique(looks.digests, return_index=True, return_inverse=True)
    group = first[inverse].astype(np.int64)
    different = np.sort(first)
    if len(group) > MOST_COMPARED:
        return group
    vectors = _differences(looks.thumbnails[different])
    mirrored = _differences(looks.thumbnails[different][:, :, ::-1])
    for start in range(0, len(different), BLOCK):
        on_progress("comparing photos", start / len(different))
        block = vectors[start : start + BLOCK]
        alike = np.maximum(block @ vectors[start:].T, block @ mirrored[start:].T) >= SAME_PICTURE
        for one, other in np.argwhere(np.triu(alike, 1)) + start:
            low, high = sorted((group[different[one]], group[different[other]]))
            if low != high:
                group[group == high] = low
    on_progress("comparing photos", 1.0)
    return group


def _differences(thumbnails: NDArray[np.uint8]) -> Float32:
    """(n, side, side) -> (n, differences between neighbours): vectors whose products are correlations."""
    pixels = thumbnails.astype(np.float32)
    across, down = (np.diff(pixels, axis=axis).reshape(len(pixels), -1) for axis in (2, 1))
    vectors = np.concatenate([across, down], axis=1)
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), PLAIN)
