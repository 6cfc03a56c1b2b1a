"""The latency of networks that were not measured, from those that were measured on the same device:

    latency = a * output positions + b * Mult-Adds + c * bytes moved, with no coefficient below zero,

fitted to the relative errors. A position of a layer's output costs something even if it has few channels, because
kernels take 16 or 32 channels at a time. The error is measured by leaving each network out of the fit in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.architectures import ARCHITECTURES
from mobilenet_tf.networks.cost import positions, totals, traffic
from mobilenet_tf.networks.published import published_specs, published_top1
from mobilenet_tf.networks.spec import ModelSpec

from .records import Result

__all__ = ["LatencyModel", "LatencyPrediction", "fit_latency", "fit_latency_for", "predict_unmeasured", "spec_of"]

MIN_NETWORKS = 4  # to fit three coefficients to, with one left out
IMAGENET_CLASSES = (1000, 1001)  # with and without the background
# Recipe -> bytes of one activation, of one weight.
BYTES = {"float32": (4, 4), "float16": (4, 4), "dynamic_int8": (4, 1), "int8": (1, 1), "int16x8": (2, 1)}

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class LatencyModel:
    """coefficients: a in ms per position, b in ms per Mult-Add, c in ms per byte.

    archs:    the architectures of the networks that the model was fitted to.
    networks: how many they are.
    error:    mean relative error for a network that is left out of the fit.
    """

    coefficients: tuple[float, float, float]
    recipe: str
    archs: tuple[str, ...]
    networks: int
    error: float

    def predict(self, spec: ModelSpec) -> float:
        """Median latency in ms."""
        return float(_features(spec, self.recipe) @ np.array(self.coefficients))


@dataclass(frozen=True)
class LatencyPrediction:
    """The latency of a network that was not measured. published_top1: of a float checkpoint on ImageNet, in percent."""

    name: str
    latency_ms: float
    published_top1: float


def fit_latency(results: Sequence[Result]) -> LatencyModel:
    """Fit to results of one recipe, target, backend and number of threads.

    Raises InputError for fewer than four different networks of ImageNet's classes, or if recipe, target, backend or
    threads differ.
    """
    kinds = {(r.model.recipe, r.target, r.backend, r.accelerator, r.threads) for r in results}
    networks = _networks(results)
    if len(kinds) != 1 or len(networks) < MIN_NETWORKS:
        raise InputError(
            f"expected results of {MIN_NETWORKS} or more ImageNet networks of one recipe on one device to fit latency "
            f"to; got {len(networks)} of {len(kinds)} kinds."
        )
    recipe = results[0].model.recipe or ""
    rows = np.stack([_features(spec, recipe) for spec, _ in networks.values()])
    latency = np.array([ms for _, ms in networks.values()])
    errors = []
    for left_out in range(len(latency)):
        others = np.arange(len(latency)) != left_out
        predicted = rows[left_out] @ _solve(rows[others], latency[others])
        errors.append(abs(predicted / latency[left_out] - 1))
    a, b, c = (float(x) for x in _solve(rows, latency))
    archs = tuple(dict.fromkeys(spec.arch for spec, _ in networks.values()))
    return LatencyModel((a, b, c), recipe, archs, len(latency), float(np.mean(errors)))


def fit_latency_for(arch: str, results: Sequence[Result]) -> LatencyModel:
    """Fit to the results of `arch` alone, whose layers are alike, if they are enough; else to those of the networks of
    its paper, if they are enough; else to all of them.

    Raises InputError as `fit_latency` does.
    """
    of_paper = [row.name for row in ARCHITECTURES.values() if row.paper == ARCHITECTURES[arch].paper]
    for archs in ([arch], of_paper):
        alike = [result for result in results if result.model.arch in archs]
        if len(_networks(alike)) >= MIN_NETWORKS:
            return fit_latency(alike)
    return fit_latency(results)


def predict_unmeasured(model: LatencyModel, arch: str, results: Sequence[Result]) -> list[LatencyPrediction]:
    """Every network of `arch` with a published accuracy that `results` do not contain, the fastest first."""
    measured = _networks(results)
    predictions = [
        LatencyPrediction(spec.artefact(model.recipe), model.predict(spec), published_top1(spec) or 0.0)
        for spec in published_specs()
        if spec.arch == arch and spec.name not in measured
    ]
    return sorted(predictions, key=lambda prediction: prediction.latency_ms)


def spec_of(result: Result) -> ModelSpec | None:
    """The network that was measured, if its latency can be compared with those of the published networks.

    None if the result names no network, if the latency model does not know its recipe, or if it has other classes than
    ImageNet's: the published accuracies say nothing of other data.
    """
    model = result.model
    if model.arch is None or model.alpha is None or model.recipe not in BYTES or model.classes not in IMAGENET_CLASSES:
        return None
    return ModelSpec(model.arch, model.alpha, model.res, model.classes)


def _networks(results: Sequence[Result]) -> dict[str, tuple[ModelSpec, float]]:
    """Name of a network -> (the network, its median latency in ms)."""
    return {spec.name: (spec, r.latency_ms.p50) for r in results if (spec := spec_of(r)) is not None}


def _features(spec: ModelSpec, recipe: str) -> Float64:
    activations, weights = traffic(spec)
    per_activation, per_weight = BYTES[recipe]
    return np.array([positions(spec), totals(spec)[0], activations * per_activation + weights * per_weight])


def _solve(rows: Float64, latency: Float64) -> Float64:
    """The least squares of the relative errors with no coefficient below zero: the best of all subsets of columns."""
    scaled, best, smallest_error = rows / latency[:, None], np.zeros(3), np.inf
    for size in (1, 2, 3):
        for chosen in combinations(range(3), size):
            columns = scaled[:, chosen]
            norms = np.linalg.norm(columns, axis=0)
            solution = np.linalg.lstsq(columns / norms, np.ones(len(latency)), rcond=None)[0] / norms
            error = float(np.square(columns @ solution - 1).sum())
            if (solution >= 0).all() and error < smallest_error:
                best, smallest_error = np.zeros(3), error
                best[list(chosen)] = solution
    return best
