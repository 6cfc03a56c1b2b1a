"""The latency model as text: what it predicts, how far off it is, and what to export for a budget."""

from collections import defaultdict
from collections.abc import Sequence

from mobilenet_tf.console import table
from mobilenet_tf.errors import InputError

from .latency_model import LatencyModel, Prediction, fit_latency, predictions
from .results import Result

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
            parts.append(_part(model, found, group[0].threads, max_latency_ms))
    return "\n\n".join(parts)


def _part(model: LatencyModel, found: Sequence[Prediction], threads: int, max_latency_ms: float | None) -> str:
    rows = [[p.name, f"{p.latency_ms:.2f}", f"{p.published_top1:.1f} %"] for p in found]
    legend = (
        f"Predicted from {model.networks} measured networks ({model.recipe}, {threads} threads); a network left out is "
        f"predicted {model.error:.0%} off on average.\nPublished top-1: ImageNet, Google's float checkpoint."
    )
    lines = [table(["not measured", "p50 ms", "published top-1"], rows), "", legend]
    within = [p for p in found if max_latency_ms is not None and p.latency_ms <= max_latency_ms]
    if within:
        best = max(within, key=lambda p: p.published_top1)
        lines.append(f"Within {max_latency_ms:g} ms the best of these should be {best.name}: export and measure it.")
    return "\n".join(lines)
