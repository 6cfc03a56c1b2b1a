"""Latency of networks that were not measured, from those that were, on the same device:

    latency = a * output positions + b * Mult-Adds + c * bytes moved, with no coefficient below zero,

fitted to the relative errors. A position of a layer's output costs something however few channels it has: kernels take
16 or 32 at a time. The error is that of leaving each network out in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.cost import positions, totals, traffic
from mobilenet_tf.networks.published import published_specs, published_top1
from mobilenet_tf.networks.spec import ModelSpec

from .records import Result

__all__ = ["LEAST", "LatencyModel", "Prediction", "fit_latency", "predictions", "spec_of"]

LEAST = 4  # networks to fit three coefficients to, and to leave one out
BYTES = {"float32": (4, 4), "float16": (4, 4), "dynamic_int8": (4, 1), "int8": (1, 1), "int16x8": (2, 1)}

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class LatencyModel:
    """a in ms per position, b per Mult-Add, c per byte; `error` is the mean relative error of a network left out."""

    coefficients: tuple[float, float, float]
    recipe: str
    networks: int
    error: float

    def predict(self, spec: ModelSpec) -> float:
        """Median latency in ms."""
        return float(_features(spec, self.recipe) @ np.array(self.coefficients))


@dataclass(frozen=True)
class Prediction:
    """A network of the paper that was not measured. published_top1: of its float checkpoint on ImageNet, percent."""

    name: str
    latency_ms: float
    published_top1: float


def fit_latency(results: Sequence[Result]) -> LatencyModel:
    """Fit to results of one recipe, target, backend and number of threads.

    Raises InputError for fewer than four different networks, or for results that are not alike.
    """
    alike = {(r.model.recipe, r.target, r.backend, r.accelerator, r.threads) for r in results}
    networks = {spec.name: (spec, r.latency_ms.p50) for r in results if (spec := spec_of(r)) is not None}
    if len(alike) != 1 or len(networks) < LEAST:
        raise InputError(
            f"expected results of {LEAST} or more networks of one recipe on one device to fit latency to; got "
            f"{len(networks)} of {len(alike)} kinds."
        )
    recipe = results[0].model.recipe or ""
    rows = np.stack([_features(spec, recipe) for spec, _ in networks.values()])
    latency = np.array([ms for _, ms in networks.values()])
    errors = []
    for left in range(len(latency)):
        others = np.arange(len(latency)) != left
        predicted = rows[left] @ _solve(rows[others], latency[others])
        errors.append(abs(predicted / latency[left] - 1))
    a, b, c = (float(x) for x in _solve(rows, latency))
    return LatencyModel((a, b, c), recipe, len(latency), float(np.mean(errors)))


def predictions(model: LatencyModel, results: Sequence[Result]) -> list[Prediction]:
    """The paper's networks that `results` do not hold, fastest first."""
    measured = {spec.name for r in results if (spec := spec_of(r)) is not None}
    found = [
        Prediction(spec.artefact(model.recipe), model.predict(spec), published_top1(spec) or 0.0)
        for spec in published_specs()
        if spec.name not in measured
    ]
    return sorted(found, key=lambda prediction: prediction.latency_ms)


def spec_of(result: Result) -> ModelSpec | None:
    """The network that was measured; None if the result does not name one of ours, or its recipe is not modelled."""
    model = result.model
    if model.arch is None or model.alpha is None or model.recipe not in BYTES:
        return None
    return ModelSpec(model.arch, model.alpha, model.res, model.classes)


def _features(spec: ModelSpec, recipe: str) -> Float64:
    activations, weights = traffic(spec)
    per_activation, per_weight = BYTES[recipe]
    return np.array([positions(spec), totals(spec)[0], activations * per_activation + weights * per_weight])


def _solve(rows: Float64, latency: Float64) -> Float64:
    """Least squares of the relative errors over coefficients that are not negative: the best of all subsets."""
    scaled, best, least = rows / latency[:, None], np.zeros(3), np.inf
    for size in (1, 2, 3):
        for chosen in combinations(range(3), size):
            columns = scaled[:, chosen]
            norms = np.linalg.norm(columns, axis=0)
            found = np.linalg.lstsq(columns / norms, np.ones(len(latency)), rcond=None)[0] / norms
            error = float(np.square(columns @ found - 1).sum())
            if (found >= 0).all() and error < least:
                best, least = np.zeros(3), error
                best[list(chosen)] = found
    return best
