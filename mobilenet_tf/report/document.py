"""The page as a document that opens offline: what is around its sections, the style, the script and plotly.js.

Everything is inside the file, and its content security policy does not let the browser fetch anything.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path

from .style import TEMPLATES, Chart, plotly_js

__all__ = ["Section", "asset", "chart_figure", "document", "is_report_page", "joined"]

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"

# In the head of every page, by which a later run knows that it may replace it.
GENERATOR = '<meta name="generator" content="mobilenet-report">'
HEAD_BYTES = 1000


@dataclass(frozen=True)
class Section:
    """A part of the page. charts: in the order in which their places stand in `html`."""

    html: str
    charts: Sequence[Chart] = ()


def joined(sections: Iterable[Section]) -> Section:
    """Sections one after the other."""
    parts = list(sections)
    return Section("\n".join(part.html for part in parts if part.html), [c for part in parts for c in part.charts])


def document(title: str, body: Section) -> str:
    """The HTML page."""
    figures = ",".join(chart.figure.to_json() for chart in body.charts)
    # A script element ends at the first "</script", even inside a string.
    data = f'{{"figures":[{figures}],"templates":{json.dumps(TEMPLATES)}}}'.replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{GENERATOR}<title>{escape(title)}</title><style>\n{asset('report.css')}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{body.html}"
        "<noscript><p>The charts and the sorting need JavaScript; the tables do not.</p></noscript>\n"
        f'<script type="application/json" id="charts">{data}</script>\n<script>{plotly_js()}</script>\n'
        f"<script>\n{asset('report.js')}</script></body></html>\n"
    )


def chart_figure(chart: Chart, level: int = 4, *, narrow: bool = False) -> Section:
    """The place of a chart, with its title, a heading of this level, and its caption.

    narrow: whether the chart is not to be as wide as the page.
    """
    title, height = escape(chart.title), chart.figure.layout.height
    opening = '<figure class="narrow">' if narrow else "<figure>"
    return Section(
        f"{opening}<h{level}>{title}</h{level}><figcaption>{escape(chart.caption)}</figcaption>"
        f'<div class="chart" role="img" aria-label="{title}" style="height:{height}px"></div></figure>',
        [chart],
    )


def is_report_page(path: Path) -> bool:
    """Whether a file is a page that `document` made; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            return GENERATOR.encode() in file.read(HEAD_BYTES)
    except OSError:
        return False


def asset(name: str) -> str:
    """The text of a file in the package's folder assets/."""
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")
