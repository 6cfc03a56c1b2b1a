"""Which of several measured models to choose: the Pareto front, and the best one within limits.

Latency is the median (p50) in ms, size in bytes, accuracy top-1 or recall@1 as a share from 0 to 1 (score.py).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from .records import Result
from .score import differs_by_chance, score_of, scores_named

__all__ = ["Choice", "Limits", "by_photos", "choose", "pareto_front"]


class Limits(TypedDict, total=False):
    """What the chosen model must keep to; a limit that is absent or None does not count."""

    max_latency_ms: float | None
    max_size: int | None
    min_accuracy: float | None


@dataclass(frozen=True)
class Choice:
    """The model to choose, None if none is within the limits, and the reason in a few sentences."""

    result: Result | None
    reason: str


@dataclass(frozen=True)
class _Check:
    """One limit.

    excess: how far a result is beyond it: 1 or less if it is within it, infinite if it was not measured.
    """

    text: str
    excess: Callable[[Result], float]
    value: Callable[[Result], str]


def pareto_front(results: Sequence[Result]) -> list[Result]:
    """The results that no other beats in accuracy or latency without losing in the other, the fastest first.

    Only a result on the same photos beats another. A result without accuracy is on no front. Of several that are equal
    in both, all are.
    """
    fronts = [_front(members) for members in by_photos(results)]
    return sorted((result for front in fronts for result in front), key=_latency)


def _front(results: Sequence[Result]) -> list[Result]:
    front: list[Result] = []
    for result in sorted(results, key=lambda r: (_latency(r), -_accuracy(r))):
        equal = front and (_latency(result), _accuracy(result)) == (_latency(front[-1]), _accuracy(front[-1]))
        if not front or equal or _accuracy(result) > _accuracy(front[-1]):
            front.append(result)
    return front


def by_photos(results: Sequence[Result]) -> list[list[Result]]:
    """The results with accuracy, in lists whose accuracies can be compared: on the same photos by the same rule.

    The list of most results is first; of equally long ones that of more photos.
    """
    lists: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        if (score := score_of(result)) is not None:
            lists.setdefault((score.images_sha256, result.preprocessing_sha256), []).append(result)
    return sorted(lists.values(), key=lambda members: (-len(members), -_photos(members[0])))


def choose(results: Sequence[Result], **limits: Unpack[Limits]) -> Choice:
    """The most accurate result within the limits; of those equally accurate within chance the faster, then the smaller.

    score.differs_by_chance says what is within chance. With min_accuracy as the only limit: the fastest that reaches
    it. Only results on the same photos are compared: of several sets of photos that of most results. If no accuracy was
    measured: within a limit the one with most Mult-Adds, without a limit the fastest. The results must be of one
    target: others cannot be compared.
    """
    if not results:
        return Choice(None, "There are no results.")
    measured = [result for result in results if score_of(result) is not None]
    candidates = measured or list(results)
    checks = _checks(limits, scores_named(candidates))
    fitting = [result for result in candidates if _worst(result, checks) <= 1]
    if not fitting:
        return Choice(None, _nothing_fits(candidates, checks))
    if not measured:
        return _without_accuracy(fitting, len(candidates), checks)
    if {name for name, limit in limits.items() if limit is not None} == {"min_accuracy"}:
        best, compared = min(fitting, key=_speed), fitting
        reason = _reason(best, "is the fastest", len(fitting), len(candidates), checks)
    else:
        compared = by_photos(fitting)[0]
        if len(compared) == 1 < len(fitting):
            return Choice(None, _nothing_compares(fitting))
        best, reason = _most_accurate(compared, len(fitting) - len(compared), len(candidates), checks)
    reason += _remedy_for_others([r for r in fitting if not any(r is other for other in compared)], compared)
    if (score := score_of(best)) is not None and score.doubts:
        reason += " Its accuracy is in doubt: see the note on it."
    if not checks:
        reason += " No limit was given."
    return Choice(best, reason + _unmeasured(len(results) - len(candidates)))


def _most_accurate(compared: list[Result], others: int, total: int, checks: list[_Check]) -> tuple[Result, str]:
    """The fastest of those results on the same photos that are the most accurate within chance; and why.

    others: how many more are within the limits, but were measured on other photos.
    """
    top = min(compared, key=lambda r: (-_accuracy(r), *_speed(r)))
    best_score = score_of(top)
    ties = [r for r in compared if best_score and (score := score_of(r)) and differs_by_chance(score, best_score)]
    best = min(ties, key=_speed)
    if len(ties) == 1:
        return best, _reason(best, "is the most accurate", len(compared), total, checks, others)
    quality = "is the fastest" if len(ties) == len(compared) else f"is the fastest of the {len(ties)} most accurate"
    rival = min((r for r in ties if r is not best), key=lambda r: (-_accuracy(r), *_speed(r)))
    tie = (
        f" {'Both' if len(ties) == 2 else f'All {len(ties)}'} are equally accurate within chance: {rival.name} has "
        f"{_accuracy(rival):.1%} {scores_named([rival])} on the same photos, and takes {_latency(rival):.2f} ms."
    )
    if _accuracy(rival) > _accuracy(best):
        tie += " Only more photos can tell whether it is better."
    return best, _reason(best, quality, len(compared), total, checks, others) + tie


def _remedy_for_others(others: Sequence[Result], compared: Sequence[Result]) -> str:
    """How results that were measured on other photos could be compared with those that were chosen from."""
    if not others:
        return ""
    if _folder_of_trainings([*others, *compared]):
        return " To compare all, train them with the same --seed, or give --images a folder that none was trained on."
    return " mobilenet-benchmark --images DIR measures all on the same photos."


def _unmeasured(count: int) -> str:
    return f" {count} whose accuracy was not measured {'was' if count == 1 else 'were'} left out." if count else ""


def _nothing_compares(fitting: Sequence[Result]) -> str:
    number = {2: "both"}.get(len(fitting), f"all {len(fitting)}")
    if folder := _folder_of_trainings(fitting):
        return (
            f"No model is chosen: each of the {len(fitting)} was measured on other photos of {folder}, those that it "
            f"was not trained on, so that their accuracies cannot be compared. Train {number} with the same --seed, "
            "or give --images a folder that none was trained on. Or give --min-accuracy alone: the fastest that "
            "reaches it is chosen."
        )
    return (
        f"No model is chosen: the accuracy of each of the {len(fitting)} was measured on other photos, so that they "
        f"cannot be compared. Measure {number} on the same: mobilenet-benchmark --images DIR. Or give --min-accuracy "
        "alone: the fastest that reaches it is chosen."
    )


def _folder_of_trainings(results: Sequence[Result]) -> str | None:
    """The folder of which each of the results was measured on a part, because of its training; None if they differ."""
    scores = [score for score in map(score_of, results) if score is not None]
    folders = {score.folder for score in scores}
    trained = any(score.trained_left_out for score in scores)
    return folders.pop() if trained and len(folders) == 1 else None


def megabytes(size: float) -> str:
    """A size in bytes as text, in MB of a million bytes: `1.54 MB`."""
    return f"{size / 1e6:.2f} MB"


def _reason(best: Result, quality: str, fitting: int, total: int, checks: list[_Check], others: int = 0) -> str:
    """`NAME is the fastest of the 3 models (out of 32) within 2 ms: 60.0% top-1, 1.00 ms, 1.50 MB.`

    others: see _most_accurate.
    """
    limits = " and ".join(check.text for check in checks)
    within = f"with {limits}" if limits.startswith("at least") else f"within {limits}"
    if total == 1:
        among = f"is the only model, and {within}" if checks else "is the only model"
    elif not checks:
        among = f"{quality} of {fitting} models"
    elif fitting == 1:
        among = f"is the only one of {total} models {within}"
    else:
        among = f"{quality} of the {fitting} models (out of {total}) {within}"
    if others:
        among += f" ({others} more {'was' if others == 1 else 'were'} measured on other photos and cannot be compared)"
    return f"{best.name} {among}: {_figures(best)}."


def _without_accuracy(fitting: list[Result], total: int, checks: list[_Check]) -> Choice:
    if checks and all(result.model.mult_adds is not None for result in fitting):
        best = min(fitting, key=lambda r: (-(r.model.mult_adds or 0), *_speed(r)))
        quality, guess = "has the most Mult-Adds", ", so this is a guess: more of them mostly mean more accuracy"
    else:
        best, quality, guess = min(fitting, key=_speed), "is the fastest", ""
    caveat = f"No accuracy was measured (mobilenet-benchmark --images DIR measures it){guess}."
    return Choice(best, f"{_reason(best, quality, len(fitting), total, checks)} {caveat}")


def _nothing_fits(candidates: list[Result], checks: list[_Check]) -> str:
    """How many each limit excludes, and which model is nearest."""
    total = len(candidates)
    counts = [(check.text, sum(check.excess(result) > 1 for result in candidates)) for check in checks]
    excluded = "; ".join(f"{text} excludes {count} of {total}" for text, count in counts if count)
    nearest = min(candidates, key=lambda r: (_worst(r, checks), *_speed(r)))
    if _worst(nearest, checks) == math.inf:
        return f"No model fits: {excluded}. No accuracy was measured: mobilenet-benchmark --images DIR measures it."
    over = " and ".join(check.value(nearest) for check in checks if check.excess(nearest) > 1)
    return f"No model fits: {excluded}. The nearest is {nearest.name}, with {over}."


def _checks(limits: Limits, score: str) -> list[_Check]:
    """score: what the accuracy is called."""
    checks = []
    if (latency := limits.get("max_latency_ms")) is not None:
        text = f"{latency:g} ms"
        checks.append(_Check(text, lambda r: _share(_latency(r), latency), lambda r: f"{_latency(r):.2f} ms"))
    if (size := limits.get("max_size")) is not None:
        checks.append(_Check(megabytes(size), lambda r: _share(r.size_bytes, size), lambda r: megabytes(r.size_bytes)))
    if (accuracy := limits.get("min_accuracy")) is not None:
        text = f"at least {accuracy:.1%} {score}"
        checks.append(_Check(text, lambda r: _beyond(accuracy, r), lambda r: f"{_accuracy(r):.1%} {scores_named([r])}"))
    return checks


def _beyond(least: float, result: Result) -> float:
    score = score_of(result)
    return _share(least, None if score is None else score.share)


def _share(value: float, of: float | None) -> float:
    """value / of, but 1 if both are 0: that is within the limit."""
    if of is None:
        return math.inf
    return value / of if of else (math.inf if value > 0 else 1.0)


def _worst(result: Result, checks: list[_Check]) -> float:
    return max((check.excess(result) for check in checks), default=1.0)


def _figures(result: Result) -> str:
    score, text = score_of(result), ""
    if score is not None:
        text = f"{score.share:.1%} {score.name} (95% interval {score.interval_text}, {score.photos} photos), "
    return f"{text}{_latency(result):.2f} ms, {megabytes(result.size_bytes)}"


def _photos(result: Result) -> int:
    score = score_of(result)
    return 0 if score is None else score.photos


def _accuracy(result: Result) -> float:
    score = score_of(result)
    return 0.0 if score is None else score.share


def _latency(result: Result) -> float:
    return result.latency_ms.p50


def _speed(result: Result) -> tuple[float, int, str]:
    return _latency(result), result.size_bytes, result.name
