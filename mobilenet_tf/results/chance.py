"""What chance does to an accuracy: it was measured on some photos, and others of the same kind would give another one.

Each photo is taken as one draw of its kind, which a model answers rightly or not, so that top-1 is a binomial share.
"""

from collections import Counter
from math import comb, sqrt
from statistics import NormalDist

from .records import MIN_CLASSES_OF_TOP5, Result

__all__ = [
    "answers_differ_by_chance",
    "shares_differ_by_chance",
    "shown_top5",
    "wilson_interval",
]

SURPRISE = 0.05  # the probability below which chance is no explanation
Z = NormalDist().inv_cdf(1 - SURPRISE / 2)
EXACT_PHOTOS = 1000


def wilson_interval(share: float, count: int) -> tuple[float, float]:
    """The 95 % interval, (low, high), of a share from 0 to 1 that was observed in `count` draws.

    It holds every true share p from which the observed one is at most z standard deviations away:
    |share - p| <= z * sqrt(p * (1 - p) / count), z = 1.96, solved for p (Wilson 1927, "Probable inference, the law of
    succession, and statistical inference", Journal of the American Statistical Association 22). It stays within 0 and
    1, and is right for few draws and for shares near 0 and 1. Of no draw nothing is known: (0, 1).
    """
    if count < 1:
        return 0.0, 1.0
    share = min(max(share, 0.0), 1.0)
    weight = Z * Z / count
    middle = (share + weight / 2) / (1 + weight)
    half = sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


def answers_differ_by_chance(one: str, other: str) -> bool:
    """McNemar's exact test of two models on the same photos.

    Only the photos on which a single model was right tell the two apart. If they were equally good, each of these n
    photos would be either's with probability 1/2, so that the smaller count m is surprising if
    2 * sum(C(n, k) for k <= m) / 2^n <= 0.05 (McNemar 1947, "Note on the sampling error of the difference between
    correlated proportions or percentages", Psychometrika 12). For more than 1000 photos its normal form is used.
    """
    counts = Counter(zip(one, other, strict=True))
    fewer, more = sorted((counts["1", "0"], counts["0", "1"]))
    apart = fewer + more
    if apart > EXACT_PHOTOS:
        return more - fewer < Z * sqrt(apart)
    return 2 * sum(comb(apart, k) for k in range(fewer + 1)) > SURPRISE * 2**apart


def shares_differ_by_chance(one: tuple[float, int], other: tuple[float, int]) -> bool:
    """Whether the 95 % interval of the difference of two shares, each (from 0 to 1, of so many draws), holds 0.

    With p1 >= p2 and their Wilson intervals (l1, u1) and (l2, u2), it begins at
    p1 - p2 - sqrt((p1 - l1)^2 + (u2 - p2)^2) (Newcombe 1998, "Interval estimation for the difference between
    independent proportions: comparison of eleven methods", Statistics in Medicine 17, method 10). It takes the answers
    of the two models as independent. On the same photos they mostly err together, which makes the true interval
    narrower: a difference that is real by this rule is real, but some that count as a tie are real too.
    """
    worse, better = sorted((one, other))
    low, high = wilson_interval(*better)[0], wilson_interval(*worse)[1]
    return better[0] - worse[0] <= sqrt((better[0] - low) ** 2 + (high - worse[0]) ** 2)


def shown_top5(result: Result) -> float | None:
    """Top-5, if it was measured and the model has ten classes or more; else None."""
    shown = result.accuracy is not None and result.model.classes >= MIN_CLASSES_OF_TOP5
    return result.accuracy.top5 if shown and result.accuracy else None
