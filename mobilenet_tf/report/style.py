"""What the charts of the report share: plotly, colours in light and in dark mode, rows, and names that are escaped.

Colours that must differ between light and dark mode are in TEMPLATES, of which the page's script takes one.
"""

from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from mobilenet_tf.results.groups import Group
from mobilenet_tf.results.selection import Choice

__all__ = [
    "BAR_HEIGHT",
    "GOLD",
    "GREY",
    "LOG_CAPTION",
    "TEMPLATES",
    "Chart",
    "escape_text",
    "finish_chart",
    "lay_out_bars",
    "lay_out_results",
    "log_latency_axis",
    "plotly_js",
    "shorten",
]

GREY, GOLD = "#87909c", "#e0a100"  # legible in light and in dark mode
BAR_HEIGHT, FRAME_HEIGHT = 22, 110  # pixels: of each row of a bar chart; of its axis and legend
MAX_LETTERS = 28  # of a name beside a chart
LAST_LETTERS = len("_a0.50_r160_float32")  # of a longer name, which are shown: what tells it from others
MOST_TICKS = 5  # of a logarithmic axis, so that their numbers have room on a phone
LOG_CAPTION = " Equal distances are equal ratios here, so that fast and slow models can be compared."


@dataclass(frozen=True)
class Chart:
    """One figure. caption: what it shows and how to read it, for a reader who sees it for the first time."""

    title: str
    caption: str
    figure: go.Figure


def plotly_js() -> str:
    """The text of plotly.js, to put inside a page."""
    return get_plotlyjs()


def _template(ink: str, line: str, paper: str, colours: list[str]) -> dict[str, Any]:
    axis = {"gridcolor": line, "linecolor": line, "zerolinecolor": line, "automargin": True, "title": {"standoff": 8}}
    axis |= {"ticks": "outside", "ticklen": 5, "tickcolor": "rgba(0,0,0,0)"}  # some room before the numbers
    return {
        "layout": {
            "font": {"color": ink, "size": 12, "family": "system-ui, sans-serif"},
            "colorway": colours,
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "hoverlabel": {"bgcolor": paper, "bordercolor": line, "font": {"color": ink}},
            "xaxis": axis,
            "yaxis": axis,
        }
    }


TEMPLATES = {
    "light": _template("#1d2329", "#d9dde3", "#ffffff", ["#2a78d6", "#d9730d", "#1a8f6a", "#8a5cc9", "#c2445f"]),
    "dark": _template("#e4e8ed", "#3a424c", "#20262d", ["#6ea8ee", "#f0a35e", "#4fc4a0", "#b79aea", "#ee8095"]),
}


def finish_chart(title: str, caption: str, figure: go.Figure) -> Chart:
    """The figure with the margins and the legend that all charts have."""
    figure.update_layout(template={}, autosize=True, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    figure.update_layout(legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"})
    return Chart(title, caption, figure)


def lay_out_results(figure: go.Figure, group: Group, choice: Choice, unit: str) -> go.Figure:
    """One row for each result, from the top down; the name of the chosen one is bold."""
    places = list(range(len(group.results)))
    pairs = zip(group.results, map(shorten, group.short_labels), strict=True)
    figure.update_traces(y=places, orientation="h")
    figure.update_traces(hovertext=[escape_text(label) for label in group.short_labels], selector={"type": "bar"})
    figure.update_yaxes(tickvals=places)
    figure.update_yaxes(ticktext=[f"<b>★ {name}</b>" if result is choice.result else name for result, name in pairs])
    return lay_out_bars(figure, len(places), unit)


def lay_out_bars(figure: go.Figure, rows: int, unit: str) -> go.Figure:
    """Horizontal bars, the first at the top; `unit` is the title of the axis below."""
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title=unit, rangemode="tozero")
    return figure.update_layout(height=BAR_HEIGHT * rows + FRAME_HEIGHT, bargap=0.3)


def log_latency_axis(figure: go.Figure, low: float, high: float, unit: str) -> bool:
    """Give times from `low` to `high` a logarithmic x axis if they span more than 5 to 1; whether it was given.

    On a linear axis the fast ones would be squeezed into its beginning.
    """
    if not 0 < 5 * low < high:
        return False
    margin = 0.03 * log10(high / low) + 0.02
    ticks = _log_ticks(low, high)
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks], tickangle=0)
    figure.update_xaxes(range=[log10(low) - margin, log10(high) + margin], title=f"{unit}, log scale")
    return True


def _log_ticks(low: float, high: float) -> list[float]:
    """At most MOST_TICKS round numbers from `low` to `high`, as evenly spaced in ratio as round numbers can be."""
    decades = range(floor(log10(low)), ceil(log10(high)) + 1)
    for digits in ((1, 2, 5), (1, 3), (1,)):
        ticks = [digit * 10.0**decade for decade in decades for digit in digits]
        shown = [tick for tick in ticks if low <= tick <= high]
        if len(shown) <= MOST_TICKS:
            return shown
    return shown[:: -(-len(shown) // MOST_TICKS)]


def escape_text(text: str) -> str:
    """Text that plotly shows as it is, although it interprets tags and entities as HTML does."""
    return escape(text, quote=False)


def shorten(text: str, most: int = MAX_LETTERS) -> str:
    """The same for the margin of a chart on a phone: long names lose their middle, because they differ at the end."""
    start = most - LAST_LETTERS - 1
    return escape_text(text if len(text) <= most else f"{text[:start]}…{text[-LAST_LETTERS:]}")
