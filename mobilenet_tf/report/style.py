"""What the charts of the report share: plotly, colours in light and in dark mode, rows, and names that are escaped.

Colours that must differ between light and dark mode are in TEMPLATES, of which the page's script takes one.
"""

from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from mobilenet_tf.results.groups import Group
from mobilenet_tf.results.selection import Choice

__all__ = [
    "BAR_HEIGHT",
    "GOLD",
    "GREY",
    "TEMPLATES",
    "Chart",
    "escape_text",
    "finish_chart",
    "lay_out_bars",
    "lay_out_results",
    "plotly_js",
    "shorten",
]

GREY, GOLD = "#87909c", "#e0a100"  # legible in light and in dark mode
BAR_HEIGHT, FRAME_HEIGHT = 22, 110  # pixels: of each row of a bar chart; of its axis and legend
MAX_LETTERS = 28  # of a name beside a chart


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


def escape_text(text: str) -> str:
    """Text that plotly shows as it is, although it interprets tags and entities as HTML does."""
    return escape(text, quote=False)


def shorten(text: str) -> str:
    """The same for the margin of a chart on a phone: long names lose their middle, because they differ at the end."""
    half = MAX_LETTERS // 2
    return escape_text(text if len(text) <= MAX_LETTERS else f"{text[: half - 1]}…{text[-half:]}")
