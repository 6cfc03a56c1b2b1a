"""Photos that look so much alike that similarity does not tell copies: frames of one film, parts before one camera."""

import numpy as np

from mobilenet_tf.terminal import printable, shortened_list

from .dataset import Int64, UInt64

__all__ = ["without_films"]

LARGEST_GROUP = 20  # photos: more than these are not copies of one picture
MOST_OF_A_CLASS = 0.5


def without_films(
    groups: Int64, labels: Int64, digests: UInt64, classes: tuple[str, ...]
) -> tuple[Int64, tuple[str, ...]]:
    """(`groups` (n,) of copies.groups_of_copies, without large ones that are more than half of a class; notes on them).

    A class that is one group could not be split. Of such a group only the photos that are the same byte for byte stay
    together. labels, digests: (n,).
    """
    _, first, inverse = np.unique(digests, return_index=True, return_inverse=True)
    totals = np.bincount(labels, minlength=len(classes))
    groups, named = groups.copy(), set[int]()
    for group, count in zip(*np.unique(groups, return_counts=True), strict=True):
        if count <= LARGEST_GROUP:
            continue
        members = groups == group
        counts = np.bincount(labels[members], minlength=len(classes))
        if (counts > MOST_OF_A_CLASS * totals).any():
            groups[members] = first[inverse][members]
            named |= set(np.flatnonzero(counts > MOST_OF_A_CLASS * totals).tolist())
    if not named:
        return groups, ()
    names = shortened_list([printable(classes[label]) for label in sorted(named)])
    return groups, (
        f"More than half of the photos of {names} look nearly the same, as frames of one film do. Of these only copies "
        "byte for byte are kept on one side: on new photos top-1 will be lower.",
    )
