"""Photos that show the same picture: copies, and those that were resized, saved again, mirrored or shot in one burst.

A difference hash (Krawetz 2013, "Kind of Like That", hackerfactor.com) compares the signs of the differences between
neighbouring pixels of a thumbnail. Here the differences themselves are compared, by their correlation: in plain
backgrounds the signs are noise, but the differences are small.
"""

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.progress import OnProgress, ignore_progress

from .alike_pairs import alike_pairs
from .photo_looks import MOST_COMPARED, PhotoLooks

__all__ = ["groups_of_copies"]

# `python -m experiments.duplicates` shows that copies correlate by more, and other photos by less.
SAME_PICTURE = 0.95


def groups_of_copies(looks: PhotoLooks, on_progress: OnProgress = ignore_progress) -> NDArray[np.int64]:
    """(n,): for each photo the index of the first one that shows the same picture, itself if it is the first.

    Of more than MOST_COMPARED photos only those that are the same byte for byte are found.
    """
    _, first, inverse = np.unique(looks.digests, return_index=True, return_inverse=True)
    group = first[inverse].astype(np.int64)
    different = np.sort(first)
    if len(group) > MOST_COMPARED:
        return group
    for ones, others in alike_pairs(looks.thumbnails[different], SAME_PICTURE, on_progress):
        for one in np.unique(ones):
            # Of many photos that all look alike, one by one would take too long: each is alike to all others.
            alike = np.unique(group[different[[one, *others[ones == one]]]])
            for later in alike[1:]:
                group[group == later] = alike[0]
    return group
