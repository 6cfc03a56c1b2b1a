"""Which of several measured models to choose: the Pareto front, and the best one within limits.

Latency is the median (p50) in ms, size in bytes, accuracy top-1 as a share from 0 to 1.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypedDict, Unpack

from .records import Result

__all__ = ["Choice", "Limits", "choose", "pareto_front"]


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

    A result without accuracy is on no front. Of several that are equal in both, all are.
    """
    front: list[Result] = []
    for result in sorted(_measured(results), key=lambda r: (_latency(r), -_accuracy(r))):
        equal = front and (_latency(result), _accuracy(result)) == (_latency(front[-1]), _accuracy(front[-1]))
        if not front or equal or _accuracy(result) > _accuracy(front[-1]):
            front.append(result)
    return front


def choose(results: Sequence[Result], **limits: Unpack[Limits]) -> Choice:
    """The most accurate result within the limits; of equally accurate ones the faster, then the smaller.

    With min_accuracy as the only limit: the fastest that reaches it. If no accuracy was measured: within a limit the
    one with most Mult-Adds, without a limit the fastest. The results must be of one target: others cannot be compared.
    """
    if not results:
        return Choice(None, "There are no results.")
    measured = _measured(results)
    candidates = measured or list(results)
    checks = _checks(limits)
    fitting = [result for result in candidates if _worst(result, checks) <= 1]
    if not fitting:
        return Choice(None, _nothing_fits(candidates, checks))
    if not measured:
        return _without_accuracy(fitting, len(candidates), checks)
    if {name for name, limit in limits.items() if limit is not None} == {"min_accuracy"}:
        best, quality = min(fitting, key=_speed), "is the fastest"
    else:
        best, quality = min(fitting, key=lambda r: (-_accuracy(r), *_speed(r))), "is the most accurate"
    reason = _reason(best, quality, len(fitting), len(candidates), checks)
    if not checks:
        reason += " No limit was given."
    if left_out := len(results) - len(measured):
        reason += f" {left_out} whose accuracy was not measured {'was' if left_out == 1 else 'were'} left out."
    return Choice(best, reason)


def megabytes(size: float) -> str:
    """A size in bytes as text, in MB of a million bytes: `1.54 MB`."""
    return f"{size / 1e6:.2f} MB"


def _reason(best: Result, quality: str, fitting: int, total: int, checks: list[_Check]) -> str:
    """`NAME is the fastest of the 3 models (out of 32) within 2 ms: 60.0% top-1, 1.00 ms, 1.50 MB.`"""
    within = " and ".join(check.text for check in checks)
    if total == 1:
        among = f"is the only model, and within {within}" if checks else "is the only model"
    elif not checks:
        among = f"{quality} of {total} models"
    elif fitting == 1:
        among = f"is the only one of {total} models within {within}"
    else:
        among = f"{quality} of the {fitting} models (out of {total}) within {within}"
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


def _checks(limits: Limits) -> list[_Check]:
    checks = []
    if (latency := limits.get("max_latency_ms")) is not None:
        text = f"{latency:g} ms"
        checks.append(_Check(text, lambda r: _share(_latency(r), latency), lambda r: f"{_latency(r):.2f} ms"))
    if (size := limits.get("max_size")) is not None:
        checks.append(_Check(megabytes(size), lambda r: _share(r.size_bytes, size), lambda r: megabytes(r.size_bytes)))
    if (accuracy := limits.get("min_accuracy")) is not None:
        text = f"at least {accuracy:.1%} top-1"
        checks.append(_Check(text, lambda r: _share(accuracy, r.top1), lambda r: f"{_accuracy(r):.1%} top-1"))
    return checks


def _share(value: float, of: float | None) -> float:
    """value / of, but 1 if both are 0: that is within the limit."""
    if of is None:
        return math.inf
    return value / of if of else (math.inf if value > 0 else 1.0)


def _worst(result: Result, checks: list[_Check]) -> float:
    return max((check.excess(result) for check in checks), default=1.0)


def _figures(result: Result) -> str:
    top1 = "" if result.top1 is None else f"{result.top1:.1%} top-1, "
    return f"{top1}{_latency(result):.2f} ms, {megabytes(result.size_bytes)}"


def _measured(results: Sequence[Result]) -> list[Result]:
    return [result for result in results if result.top1 is not None]


def _accuracy(result: Result) -> float:
    return result.top1 or 0.0


def _latency(result: Result) -> float:
    return result.latency_ms.p50


def _speed(result: Result) -> tuple[float, int, str]:
    return _latency(result), result.size_bytes, result.name
