"""The predictions of the latency model as text, with their error, and what to export for a latency limit."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.published import published_specs, published_top1
from mobilenet_tf.terminal import table, wrapped

from .latency_model import LatencyModel, LatencyPrediction, fit_latency_for, predict_unmeasured, spec_of
from .records import Result

__all__ = ["prediction_text"]


def prediction_text(results: Sequence[Result], max_latency_ms: float | None = None) -> str:
    """The latency of networks that were not measured, in a table for each recipe; empty if nothing can be predicted."""
    groups = defaultdict(list)
    for result in results:
        groups[result.model.recipe, result.target, result.backend, result.accelerator, result.threads].append(result)
    parts = []
    for group in groups.values():
        archs_of_models, predictions = _predicted(group)
        if predictions:
            lines = [_table(predictions), "", *_legend(archs_of_models, group)]
            parts.append("\n".join(lines) + _hint(predictions, group, max_latency_ms))
    return "\n\n".join(parts)


def _predicted(group: Sequence[Result]) -> tuple[dict[LatencyModel, list[str]], list[LatencyPrediction]]:
    """(each model and the architectures that it predicts; all predictions, the fastest first)."""
    archs_of_models: dict[LatencyModel, list[str]] = defaultdict(list)
    predictions: list[LatencyPrediction] = []
    for arch in dict.fromkeys(spec.arch for spec in published_specs()):
        try:
            model = fit_latency_for(arch, group)
        except InputError:
            continue
        if found := predict_unmeasured(model, arch, group):
            archs_of_models[model].append(arch)
            predictions += found
    return archs_of_models, sorted(predictions, key=lambda prediction: prediction.latency_ms)


def _table(predictions: Sequence[LatencyPrediction]) -> str:
    rows = [[p.name, f"{p.latency_ms:.2f}", f"{p.published_top1:.1f} %"] for p in predictions]
    return table(["not measured", "p50 ms", "published top-1"], rows)


def _legend(archs_of_models: Mapping[LatencyModel, Sequence[str]], group: Sequence[Result]) -> list[str]:
    """The lines below the table."""
    threads, lines = group[0].threads, []
    for model, archs in archs_of_models.items():
        what = "" if len(archs_of_models) == 1 else f"{', '.join(archs)}: "
        lines += [
            f"{what}{'p' if what else 'P'}redicted from {model.networks} measured networks of {', '.join(model.archs)} "
            f"({model.recipe}, {threads} thread{'s' * (threads > 1)}).",
            f"Mean error of the prediction for a network that was left out of the fit: {model.error:.0%}.",
        ]
        others = [arch for arch in archs if arch not in model.archs]
        if others:
            lines.append(f"None of {', '.join(others)} was measured: the error of these may be much larger.")
    return [*map(wrapped, lines), "The published top-1 is that of a float checkpoint on ImageNet."]


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
