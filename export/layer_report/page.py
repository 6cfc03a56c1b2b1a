"""The quantization report as one self-contained HTML page: a chart, and below it a table of the numbers."""

from collections.abc import Sequence
from html import escape

from .measure import LayerReport, RecipeReport
from .verdict import verdict_of

__all__ = ["quant_page"]

STYLE = """
:root { color-scheme: light dark; --bar: #2a78d6; --before: #b8bec7; --line: #d9dde3; --soft: #5f6b7a }
@media (prefers-color-scheme: dark) { :root { --bar: #6ea8ee; --before: #59626e; --line: #3a424c; --soft: #a3aebb } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.2rem; margin-top: 2.5rem }
p.soft, figcaption { color: var(--soft) }
figure { margin: 1rem 0; overflow-x: auto }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th:first-child, td:first-child { text-align: left } th { font-weight: 600; vertical-align: bottom }
.scroll { overflow-x: auto }
svg text { fill: currentColor; font: 12px system-ui, sans-serif }
.bar { fill: var(--bar) } .before { fill: var(--before) } .axis { stroke: var(--line) }
.key { display: inline-block; width: .8em; height: .8em; margin: 0 .3em 0 1em }
"""

ROW, WIDTH, LETTER = 22, 520, 7  # of the chart, in pixels
MOST_LETTERS = 40  # of a layer's name beside the chart


def quant_page(name: str, recipes: Sequence[RecipeReport]) -> str:
    """The page for one export: its name, and a section for each quantized file."""
    sections = "".join(_section(recipe) for recipe in recipes)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Quantization of {escape(name)}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>Quantization of {escape(name)}</h1>\n{sections}</body></html>\n"
    )


def _section(report: RecipeReport) -> str:
    weights = "one scale per kernel" if report.per_tensor else "one scale per channel"
    notes = "".join(f"<p>{escape(note)}</p>" for note in report.notes)
    worst = ", ".join(report.worst) or "none"
    verdict = "".join(f"<p>{escape(sentences)}</p>\n" for sentences in verdict_of(report))
    return (
        f"<h2>{escape(report.recipe)}: correction {escape(report.correction)}, {weights}</h2>\n{notes}"
        f"<p>Most error is added at: <b>{escape(worst)}</b>.</p>\n{verdict}{_chart(report)}\n{_table(report)}\n"
    )


def _chart(report: RecipeReport) -> str:
    """Two bars for each layer, the error before and after; the longest bar fills the width."""
    first, last = report.steps[0], report.steps[-1]
    longest = max((max(layer.error_steps.values()) for layer in report.layers), default=0) or 1
    left = LETTER * min(MOST_LETTERS, max((len(layer.name) for layer in report.layers), default=0)) + 16
    bars = [_bars(place, layer, (first, last), longest, left) for place, layer in enumerate(report.layers)]
    height = ROW * len(report.layers) + 8
    return (
        f"<figure><figcaption>Mean absolute error of each layer's output, in quantization steps, on {report.images} "
        f'images. <span class="key" style="background:var(--before)"></span>{escape(first)}'
        f'<span class="key" style="background:var(--bar)"></span>{escape(last)}</figcaption>\n'
        f'<svg role="img" aria-label="Error of each layer in quantization steps" width="{left + WIDTH + 130}" '
        f'height="{height}"><line class="axis" x1="{left}" y1="0" x2="{left}" y2="{height}"/>{"".join(bars)}</svg>'
        "</figure>"
    )


def _bars(place: int, layer: LayerReport, steps: tuple[str, str], longest: float, left: int) -> str:
    """The bars of one layer, which begin at `left`, after the first and the last step."""
    before, after = (layer.error_steps[step] for step in steps)
    name, half = layer.name, MOST_LETTERS // 2
    if len(name) > MOST_LETTERS:
        name = f"{name[: half - 1]}…{name[-half:]}"
    y, scale = place * ROW + 4, WIDTH / longest
    return (
        f'<text x="{left - 8}" y="{y + 13}" text-anchor="end">{escape(name)}</text>'
        f'<rect class="before" x="{left}" y="{y}" width="{before * scale:.1f}" height="8"/>'
        f'<rect class="bar" x="{left}" y="{y + 8}" width="{after * scale:.1f}" height="8"/>'
        f'<text x="{left + max(before, after) * scale + 6:.1f}" y="{y + 13}">{before:.2f} → {after:.2f}</text>'
    )


def _table(report: RecipeReport) -> str:
    steps = "".join(f"<th>error after<br>{escape(step)}</th>" for step in report.steps)
    rows = "".join(
        f"<tr><td>{escape(layer.name)}</td>"
        + "".join(f"<td>{layer.error_steps[step]:.2f}</td>" for step in report.steps)
        + f"<td>{_db(layer.sqnr_db)}</td><td>{_db(layer.weight_sqnr_db)}</td>"
        f"<td>{layer.weights:,}</td><td>{_largest(layer)}</td><td>{_ranges(layer)}</td></tr>"
        for layer in report.layers
    )
    return (
        f'<div class="scroll"><table><thead><tr><th>layer</th>{steps}<th>SQNR of<br>output, dB</th>'
        "<th>SQNR of<br>weights, dB</th><th>weights</th><th>largest weight<br>(least channel to greatest)</th>"
        f"<th>each channel's<br>largest weight</th></tr></thead><tbody>{rows}</tbody></table></div>"
        '<p class="soft">SQNR: signal-to-quantization-noise ratio; exact: quantized without error. Errors are in steps '
        "of the layer's output and include those of the layers before it. Bars: each channel's largest weight, sorted; "
        "the longest is the layer's largest weight. If they differ much, one scale per kernel suits few channels.</p>"
    )


def _magnitudes(layer: LayerReport) -> list[float]:
    return sorted(max(-low, high) for low, high in zip(layer.weight_min, layer.weight_max, strict=True))


def _largest(layer: LayerReport) -> str:
    magnitudes = _magnitudes(layer)
    return f"{magnitudes[0]:.2g} to {magnitudes[-1]:.2g}"


def _ranges(layer: LayerReport) -> str:
    """A sparkline of the largest weights of at most 60 channels, sorted."""
    magnitudes = _magnitudes(layer)
    shown = magnitudes[:: -(-len(magnitudes) // 60)]
    top = magnitudes[-1] or 1
    bars = "".join(
        f'<rect class="bar" x="{2 * x}" y="{16 - 16 * m / top:.1f}" width="1.5" height="{16 * m / top:.1f}"/>'
        for x, m in enumerate(shown)
    )
    return (
        f'<svg role="img" aria-label="largest weight of each channel" width="{2 * len(shown)}" height="16">{bars}</svg>'
    )


def _db(value: float | None) -> str:
    return "exact" if value is None else f"{value:.1f}"
