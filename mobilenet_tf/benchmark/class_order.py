"""Whether the true classes were read in another order than the model's: shifted by one, reversed, sorted.

Such a mistake looks like a bad model. A model that is read wrongly is right under another reading of its classes.
"""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import imagenet_labels

__all__ = ["Reading", "better_reading"]

Int64 = NDArray[np.int64]

MIN_FACTOR = 2.0  # as many photos must be right under another reading,
MIN_LIFT = 0.1  # and this share of the photos more,
MIN_LEARNED_SHARE = 0.5  # and this share of those concerned, if the order was learned from the photos;
MAX_CHANCE = 1e-3  # which chance does this often at most,
MIN_CLASSES = 2  # in so many classes,
MIN_CLASS_SHARE = 0.75  # and in this share of those that differ.


@dataclass(frozen=True)
class Reading:
    """Another reading of the classes, under which far more photos are right.

    order: `shifted`, `reversed`, `alphabetical`, `numerical`, `imagenet`, or `other`.
    shift: what to add to each class, if it is shifted.
    top1:  the share of the photos that is right then.
    """

    order: str
    shift: int
    top1: float


def better_reading(confusion: Iterable[Sequence[int]], names: Sequence[str], background: int = 0) -> Reading | None:
    """The reading of the classes under which the accuracy is far above what was measured; None if there is none.

    confusion:  [true class, best-scored class, photos] for each pair, as in results.Accuracy.
    names:      of the model's outputs, as they were taken.
    background: 1 if the first is the background, which no order moves.

    The readings that are tried shift each class by one, either way; take the names in reverse, in alphabetical or
    numerical order, or in ImageNet's; or, if half of the classes have photos, take any order that changes most of the
    photos' classes, or exchange some classes that have photos: for each half of the photos, drawn at random, as the
    other half suggests.

    A reading is far above if all of this is true. Let w photos be right only under it, and l only as measured.
    1. Of the photos whose class it changes, at least twice as many are right, and 10 % of all photos more: less may be
       what a weak model confuses. For an order that was learned from photos, half of those whose class it changes.
    2. It is not chance. If neither reading were better, each of the w + l photos would be as likely to be in w as
       in l, so that w is binomial (McNemar 1947, "Note on the sampling error of the difference between correlated
       proportions", Psychometrika 12). With q = w / (w + l) > 1/2, Chernoff's bound on its tail is
       exp(-(w + l) * D), D = q ln(2q) + (1 - q) ln(2(1 - q)) (Hoeffding 1963, "Probability inequalities for sums of
       bounded random variables", JASA 58, theorem 1). It must be 0.001 at most, divided by the number of readings
       tried (Bonferroni). Without a loss it is 2^-w: at ten readings 14 photos are enough.
    3. It is not one class that the model takes for its neighbour, since photos of one class are wrong together: of
       the classes in which the readings differ, it wins three quarters, and two at least.
    """
    pairs = np.array([*confusion], np.int64).reshape(-1, 3)
    read = [(order, shift, pairs, place[pairs[:, 0]]) for order, shift, place in _orders(names, background)]
    if 2 * len(np.unique(pairs[:, 0])) >= len(names) - background:
        photos = _photos_of(pairs)
        read += [("other", 0, photos, classes) for classes in _learned_classes(photos, len(names))]
    better = [
        Reading(order, shift, float(rows[classes == rows[:, 1], 2].sum() / rows[:, 2].sum()))
        for order, shift, rows, classes in read
        if _is_far_above(rows, classes, len(read), learned=order == "other")
    ]
    known = [reading for reading in better if reading.order != "other"]
    return max(known or better, key=lambda reading: reading.top1, default=None)


def _orders(names: Sequence[str], background: int) -> list[tuple[str, int, Int64]]:
    """(order, shift, for each class which one it is in that order or -1) of each reading that differs."""
    count, kept = len(names), np.arange(background)
    classes = np.arange(count)
    orders = [("shifted", shift, _shifted(count, shift)) for shift in (1, -1)]
    orders.append(("reversed", 0, np.concatenate([kept, classes[background:][::-1]])))
    keys: list[tuple[str, Callable[[str], Any]]] = [
        ("alphabetical", str),
        ("alphabetical", str.casefold),
        ("numerical", _numerical),
    ]
    for order, key in keys:
        by_key = sorted(range(background, count), key=lambda index: key(names[index]))
        place = np.empty(count, np.int64)
        place[kept], place[by_key] = kept, classes[background:]
        orders.append((order, 0, place))
    usual = imagenet_labels()
    if sorted(names[background:]) == sorted(usual):
        places = [*range(background), *_places(names[background:], usual) + background]
        orders.append(("imagenet", 0, np.array(places)))
    different: list[tuple[str, int, Int64]] = []
    for order, shift, place in orders:
        if not any(np.array_equal(place, other) for other in (classes, *(known for _, _, known in different))):
            different.append((order, shift, place))
    return different


def _shifted(count: int, shift: int) -> Int64:
    place = np.arange(count) + shift
    return np.where((place >= 0) & (place < count), place, -1)


def _places(names: Sequence[str], order: Sequence[str]) -> Int64:
    """Where each of `names` stands in `order`, which has the same ones; of equal names the first is the first."""
    places = np.empty(len(names), np.int64)
    places[sorted(range(len(names)), key=names.__getitem__)] = sorted(range(len(order)), key=order.__getitem__)
    return places


def _numerical(name: str) -> list[tuple[str, int]]:
    """A key by which the numbers in names count as numbers: `class 9` comes before `class 10`."""
    return [(text, int(digits or 0)) for text, digits in re.findall(r"(\D*)(\d{0,18})", name)]


def _photos_of(pairs: Int64) -> Int64:
    """The photos one by one, as pairs of one photo."""
    photos = np.repeat(pairs, pairs[:, 2], axis=0)
    photos[:, 2] = 1
    return photos


def _learned_classes(photos: Int64, count: int) -> list[Int64]:
    """Each photo's class in the order that the other half suggests; and if only classes with photos are exchanged."""
    first = np.random.default_rng(0).permutation(len(photos)) % 2 == 0
    any_order, exchanged = np.empty(len(photos), np.int64), np.empty(len(photos), np.int64)
    for half in (first, ~first):
        order = _likely_order(photos[~half, :2], count)
        any_order[half] = order[photos[half, 0]]
        exchanged[half] = _exchanges(order)[photos[half, 0]]
    # A few classes that are taken for classes without photos, such as a cup for a mug, are no order.
    changes_most = (any_order != photos[:, 0]).mean() > 0.5
    return [any_order, exchanged] if changes_most else [exchanged]


def _likely_order(photos: Int64, count: int) -> Int64:
    """For each class the one that it is mostly taken for, no two the same; -1 if none is left."""
    pairs, counts = np.unique(photos, axis=0, return_counts=True)
    order, taken = np.full(count, -1), set[int]()
    for row in np.argsort(-counts, kind="stable"):
        true, best = (int(index) for index in pairs[row])
        if order[true] < 0 and best not in taken:
            order[true] = best
            taken.add(best)
    return order


def _exchanges(order: Int64) -> Int64:
    """`order` for the classes that it exchanges among each other; the others stay as they are."""
    inside = order >= 0
    while not np.array_equal(closed := inside & inside[order], inside):
        inside = closed
    return np.where(inside, order, np.arange(len(order)))


def _is_far_above(pairs: Int64, classes: Int64, readings: int, *, learned: bool) -> bool:
    """The rule of `better_reading`, if `classes` are the true ones instead of those of the pairs."""
    true, best, photos = pairs.T
    changed = classes != true
    won, lost = changed & (classes == best), changed & (true == best)
    found, measured = int(photos[won].sum()), int(photos[lost].sum())
    if found < MIN_FACTOR * measured or found - measured < MIN_LIFT * photos.sum():
        return False
    if learned and found < MIN_LEARNED_SHARE * photos[changed].sum():
        return False
    lead = np.bincount(true, photos * (won.astype(int) - lost))
    winners = (lead > 0).sum()
    enough = winners >= MIN_CLASSES and winners >= MIN_CLASS_SHARE * (lead != 0).sum()
    return _chance(found, measured) * readings <= MAX_CHANCE and bool(enough)


def _chance(won: int, lost: int) -> float:
    """Chernoff's bound on the probability of so many wins among equally likely wins and losses; won > lost."""
    total = won + lost
    divergence = sum(part / total * math.log(2 * part / total) for part in (won, lost) if part)
    return math.exp(-total * divergence)
