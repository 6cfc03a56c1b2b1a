"""What the charts of the report share: plotly, their look in light and in dark, rows, names that are safe to show.

Colours that must differ between light and dark stand in TEMPLATES, of which the page's script takes one.
"""

from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from mobilenet_tf.results.groups import Group
from mobilenet_tf.results.selection import Choice

__all__ = ["BAR", "GOLD", "GREY", "TEMPLATES", "Chart", "brief", "chart", "downwards", "plotly_js", "rows", "safe"]

GREY, GOLD = "#87909c", "#e0a100"  # legible on light and on dark
BAR, FRAME = 22, 110  # pixels: of each row of a bar chart; of its axis and legend
LONGEST = 28  # letters of a name beside a chart


@dataclass(frozen=True)
class Chart:
    """One figure. caption: what it shows and how to read it, for somebody new to it."""

    title: str
    caption: str
    figure: go.Figure


def plotly_js() -> str:
    """plotly.js, whole, to put inside a page."""
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


def chart(title: str, caption: str, figure: go.Figure) -> Chart:
    """A finished figure in the look that all share."""
    figure.update_layout(template={}, autosize=True, margin={"l": 8, "r": 8, "t": 8, "b": 8})
    figure.update_layout(legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom"})
    return Chart(title, caption, figure)


def rows(figure: go.Figure, group: Group, choice: Choice, unit: str) -> go.Figure:
    """One row for each result, from the top down; the choice's name is bold."""
    places = list(range(len(group.results)))
    pairs = zip(group.results, map(brief, group.short), strict=True)
    figure.update_traces(y=places, orientation="h")
    figure.update_traces(hovertext=[safe(label) for label in group.short], selector={"type": "bar"})
    figure.update_yaxes(tickvals=places)
    figure.update_yaxes(ticktext=[f"<b>★ {name}</b>" if result is choice.result else name for result, name in pairs])
    return downwards(figure, len(places), unit)


def downwards(figure: go.Figure, rows: int, unit: str) -> go.Figure:
    """Horizontal bars, the first at the top; `unit` names the axis below."""
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(title=unit, rangemode="tozero")
    return figure.update_layout(height=BAR * rows + FRAME, bargap=0.3)


def safe(text: str) -> str:
    """Text as plotly shows it: it reads tags and entities as HTML does."""
    return escape(text, quote=False)


def brief(text: str) -> str:
    """The same for the margin of a chart on a phone: long names lose their middle, since they differ at the end."""
    return safe(text if len(text) <= LONGEST else f"{text[: LONGEST // 2 - 1]}…{text[-LONGEST // 2 :]}")
