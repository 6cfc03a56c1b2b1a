"""The latency model as text: what it predicts, how far off it is, and what to export for a budget."""

from collections import defaultdict
from collections.abc import Sequence

from mobilenet_tf.console import table
from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.published import published_top1

from .latency_model import LatencyModel, Prediction, fit_latency, predictions, spec_of
from .records import Result

__all__ = ["prediction_text"]


def prediction_text(results: Sequence[Result], max_latency_ms: float | None = None) -> str:
    """What the networks that were not measured would take, by recipe; empty where nothing can be predicted."""
    groups = defaultdict(list)
    for result in results:
        groups[result.model.recipe, result.target, result.backend, result.accelerator, result.threads].append(result)
    parts = []
    for group in groups.values():
        try:
            model = fit_latency(group)
        except InputError:
            continue
        found = predictions(model, group)
        if found:
            parts.append(_table(model, found, group[0].threads) + _hint(found, group, max_latency_ms))
    return "\n\n".join(parts)


def _table(model: LatencyModel, found: Sequence[Prediction], threads: int) -> str:
    rows = [[p.name, f"{p.latency_ms:.2f}", f"{p.published_top1:.1f} %"] for p in found]
    legend = (
        f"Predicted from {model.networks} measured networks ({model.recipe}, {threads} thread{'s' * (threads > 1)}); "
        f"a network left out is predicted {model.error:.0%} off on average.\n"
        "Published top-1: ImageNet, Google's float checkpoint."
    )
    return f"{table(['not measured', 'p50 ms', 'published top-1'], rows)}\n\n{legend}"


def _hint(found: Sequence[Prediction], measured: Sequence[Result], max_latency_ms: float | None) -> str:
    """What to export, where a network that was not measured should be better than those that were."""
    if max_latency_ms is None:
        return ""
    within = [p for p in found if p.latency_ms <= max_latency_ms]
    best = max(within, key=lambda p: p.published_top1, default=None)
    specs = [spec_of(result) for result in measured if result.latency_ms.p50 <= max_latency_ms]
    had = [published_top1(spec) or 0.0 for spec in specs if spec is not None]
    if best is None or best.published_top1 <= max(had, default=0.0):
        return ""
    return f"\nWithin {max_latency_ms:g} ms the best of these should be {best.name}: export and measure it."
