"""The predictions of the latency model as text, with their error, and what to export for a latency limit."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import product

from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.published import published_specs, published_top1
from mobilenet_tf.terminal import table

from .latency_model import LatencyModel, LatencyPrediction, fit_latency_for, predict_unmeasured, spec_of
from .records import Result

__all__ = ["prediction_text"]


def prediction_text(results: Sequence[Result], max_latency_ms: float | None = None) -> str:
    """The latency of networks that were not measured, for each recipe; empty if nothing can be predicted."""
    groups = defaultdict(list)
    for result in results:
        groups[result.model.recipe, result.target, result.backend, result.accelerator, result.threads].append(result)
    parts = []
    archs = dict.fromkeys(spec.arch for spec in published_specs())
    for group, arch in product(groups.values(), archs):
        try:
            model = fit_latency_for(arch, group)
        except InputError:
            continue
        predictions = predict_unmeasured(model, arch, group)
        if predictions:
            parts.append(_table(model, predictions, group[0].threads) + _hint(predictions, group, max_latency_ms))
    return "\n\n".join(parts)


def _table(model: LatencyModel, predictions: Sequence[LatencyPrediction], threads: int) -> str:
    rows = [[p.name, f"{p.latency_ms:.2f}", f"{p.published_top1:.1f} %"] for p in predictions]
    legend = (
        f"Predicted from {model.networks} measured networks of {', '.join(model.archs)} ({model.recipe}, "
        f"{threads} thread{'s' * (threads > 1)}).\n"
        f"Mean error of the prediction for a network that was left out of the fit: {model.error:.0%}.\n"
        "The published top-1 is that of a float checkpoint on ImageNet."
    )
    return f"{table(['not measured', 'p50 ms', 'published top-1'], rows)}\n\n{legend}"


def _hint(predictions: Sequence[LatencyPrediction], measured: Sequence[Result], max_latency_ms: float | None) -> str:
    """What to export, if a network that was not measured should be better than those that were."""
    if max_latency_ms is None:
        return ""
    within = [p for p in predictions if p.latency_ms <= max_latency_ms]
    best = max(within, key=lambda p: p.published_top1, default=None)
    specs = [spec_of(result) for result in measured if result.latency_ms.p50 <= max_latency_ms]
    measured_top1 = [published_top1(spec) or 0.0 for spec in specs if spec is not None]
    if best is None or best.published_top1 <= max(measured_top1, default=0.0):
        return ""
    return f"\nWithin {max_latency_ms:g} ms the best of these should be {best.name}: export and measure it."
