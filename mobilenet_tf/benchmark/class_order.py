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
MAX_CHANCE = 1e-3  # which chance does this often at most,
MIN_CLASSES = 2  # in so many classes,
MIN_CLASS_SHARE = 0.75  # and in this share of those that differ;
MIN_TOP1 = 0.5  # and most photos must be right, if a bad model could win so many classes.


@dataclass(frozen=True)
class Reading:
    """Another reading of the classes, under which far more photos are right.

    order: `shifted`, `reversed`, `alphabetical`, `numerical`, or `imagenet`.
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

    The readings that are tried shift each class by one, either way, or take the names in reverse, in alphabetical or
    numerical order, or in ImageNet's.

    A reading is far above if all of this is true. Let w photos be right only under it, and l only as measured.
    1. Of the photos whose class it changes, at least twice as many are right, and 10 % of all photos more: less may be
       what a weak model confuses.
    2. It is not chance. If neither reading were better, each of the w + l photos would be as likely to be in w as
       in l, so that w is binomial (McNemar 1947, "Note on the sampling error of the difference between correlated
       proportions", Psychometrika 12). With q = w / (w + l) > 1/2, Chernoff's bound on its tail is
       exp(-(w + l) * D), D = q ln(2q) + (1 - q) ln(2(1 - q)) (Hoeffding 1963, "Probability inequalities for sums of
       bounded random variables", JASA 58, theorem 1). It must be 0.001 at most, divided by the number of readings
       tried (Bonferroni). Without a loss it is 2^-w: at ten readings 14 photos are enough.
    3. It is not one class that the model takes for its neighbour, since photos of one class are wrong together: of
       the classes in which the readings differ, it wins three quarters, and two at least.
    4. It is not one of the many ways to be bad. Of C classes, a bad model takes each mostly for one other, which is the
       one of the reading in one case of C. That m of the n classes that have photos are won so by chance is as
       improbable as binomial(n, m) / C^m at most. With m the classes that the photos w - l make up, if each has as
       many, this must be 0.001 at most too, divided by the number of readings; or else, as with ten classes of which
       three are won, half of all photos must be right.
    """
    pairs = np.array([*confusion], np.int64).reshape(-1, 3)
    read = [(order, shift, place[pairs[:, 0]]) for order, shift, place in _orders(names, background)]
    better = [
        Reading(order, shift, _top1(pairs, classes))
        for order, shift, classes in read
        if _is_far_above(pairs, classes, len(read), len(names))
    ]
    return max(better, key=lambda reading: reading.top1, default=None)


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


def _top1(pairs: Int64, classes: Int64) -> float:
    """The share of the photos that is right, if `classes` are the true ones instead of those of the pairs."""
    return float(pairs[classes == pairs[:, 1], 2].sum() / pairs[:, 2].sum())


def _is_far_above(pairs: Int64, classes: Int64, readings: int, outputs: int) -> bool:
    """The rule of `better_reading`, if `classes` are the true ones instead of those of the pairs."""
    true, best, photos = pairs.T
    changed = classes != true
    won, lost = changed & (classes == best), changed & (true == best)
    found, measured = int(photos[won].sum()), int(photos[lost].sum())
    if found < MIN_FACTOR * measured or found - measured < MIN_LIFT * photos.sum():
        return False
    if _chance(found, measured) * readings > MAX_CHANCE:
        return False
    lead = np.bincount(true, photos * (won.astype(int) - lost))
    winners = (lead > 0).sum()
    if winners < MIN_CLASSES or winners < MIN_CLASS_SHARE * (lead != 0).sum():
        return False
    with_photos = len(np.unique(true))
    lifted = round(with_photos * (found - measured) / photos.sum())
    of_bad_model = math.comb(with_photos, lifted) / outputs**lifted
    return of_bad_model * readings <= MAX_CHANCE or _top1(pairs, classes) >= MIN_TOP1


def _chance(won: int, lost: int) -> float:
    """Chernoff's bound on the probability of so many wins among equally likely wins and losses; won > lost."""
    total = won + lost
    divergence = sum(part / total * math.log(2 * part / total) for part in (won, lost) if part)
    return math.exp(-total * divergence)
