"""The results of a benchmark as one page that opens offline: the table first, then the charts.

Everything is inside the file, and its content security policy does not let the browser fetch anything.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any, Unpack

from mobilenet_tf.errors import ResultError
from mobilenet_tf.results.groups import Group, group_results, notes_of
from mobilenet_tf.results.records import Environment, Result
from mobilenet_tf.results.selection import Choice, Limits, choose

from .charts import make_charts
from .style import TEMPLATES, Chart, plotly_js
from .table import breakable, results_table

__all__ = ["asset", "is_report_page", "report_page"]

POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"

# In the head of every page, by which a later run knows that it may replace it.
GENERATOR = '<meta name="generator" content="mobilenet-report">'
HEAD_BYTES = 1000


def report_page(results: Sequence[Result], *, title: str = "Benchmark", **limits: Unpack[Limits]) -> str:
    """The HTML page: one section for each device, since results of different devices do not compare.

    Raises ResultError if there are no results.
    """
    if not results:
        raise ResultError("expected at least one result to report on; got none.")
    groups = group_results(results)
    charts: list[Chart] = []
    sections = []
    for place, group in enumerate(groups):
        choice = choose(group.results, **limits)
        charts_of_group = make_charts(group, choice, limits)
        sections.append(_section(group, place, choice, charts_of_group))
        charts += charts_of_group
    figures = ",".join(chart.figure.to_json() for chart in charts)
    # A script element ends at the first "</script", even inside a string.
    data = f'{{"figures":[{figures}],"templates":{json.dumps(TEMPLATES)}}}'.replace("<", "\\u003c")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{GENERATOR}<title>{escape(title)}</title><style>\n{asset('report.css')}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{_introduction(groups, results)}{''.join(sections)}"
        f'<script type="application/json" id="charts">{data}</script>\n<script>{plotly_js()}</script>\n'
        f"<script>\n{asset('report.js')}</script></body></html>\n"
    )


def is_report_page(path: Path) -> bool:
    """Whether a file is a page that `report_page` made; False if it cannot be read."""
    try:
        with path.open("rb") as file:
            return GENERATOR.encode() in file.read(HEAD_BYTES)
    except OSError:
        return False


def asset(name: str) -> str:
    """The text of a file in the package's folder assets/."""
    return (files(__package__) / "assets" / name).read_text(encoding="utf-8")


def _introduction(groups: Sequence[Group], results: Sequence[Result]) -> str:
    times = sorted(_readable_time(result.environment.time) for result in results)
    when = times[0] if times[0] == times[-1] else f"{times[0]} to {times[-1]}"
    text = f'<p class="soft">{_count(len(results), "result")}, measured {escape(when)}.</p>\n'
    if len(groups) > 1:
        items = "".join(f'<li><a href="#device-{n}">{escape(group.title)}</a></li>' for n, group in enumerate(groups))
        text += (
            "<p>Each device has a section of its own: times of one cannot be compared with those of another.</p>"
            f"<ul>{items}</ul>"
        )
    return text + "<noscript><p>The charts and the sorting need JavaScript; the tables do not.</p></noscript>\n"


def _readable_time(time: str) -> str:
    """`2026-01-02 03:04 UTC` for an ISO 8601 time; other text as it is."""
    try:
        return f"{datetime.fromisoformat(time):%Y-%m-%d %H:%M %Z}".strip()
    except ValueError:
        return time


def _section(group: Group, place: int, choice: Choice, charts: Sequence[Chart]) -> str:
    unmeasured = all(result.accuracy is None for result in group.results)
    parts = [
        f'<section aria-labelledby="device-{place}"><h2 id="device-{place}">{escape(group.title)}</h2>',
        _choice(group, choice),
        results_table(group, choice, place),
        "<p>Accuracy against latency is not drawn: no accuracy was measured.</p>" if unmeasured else "",
        f'<p class="soft">The charts leave out {escape(group.prefix)} before each name.</p>' if group.prefix else "",
        *(_figure(chart) for chart in charts),
        f"<h3>Environment</h3>{_environment(group.results)}</section>\n",
    ]
    return "\n".join(part for part in parts if part)


def _choice(group: Group, choice: Choice) -> str:
    name = next((f"★ {n}" for n, r in zip(group.labels, group.results, strict=True) if r is choice.result), "No choice")
    notes = notes_of(choice.result) if choice.result else []
    texts = [choice.reason, *(f"Note: {note}" for note in notes)]
    return f'<div class="choice"><strong>{breakable(name)}</strong><br>{"<br>".join(map(breakable, texts))}</div>'


def _figure(chart: Chart) -> str:
    height = chart.figure.layout.height
    return (
        f"<figure><h3>{escape(chart.title)}</h3><figcaption>{escape(chart.caption)}</figcaption>"
        f'<div class="chart" role="img" aria-label="{escape(chart.title)}" style="height:{height}px"></div></figure>'
    )


def _environment(results: Sequence[Result]) -> str:
    """Each value once: what is the same for all results, and if values differ, all of them."""
    environments = [result.environment for result in results]
    rows = [(name, [_readable(name, getattr(e, name)) for e in environments]) for name in Environment.__annotations__]
    rows += [
        ("backend", [result.backend for result in results]),
        ("preprocessing", [result.preprocessing_sha256[:12] for result in results]),
        ("images", [str(result.accuracy.images) if result.accuracy else None for result in results]),
    ]
    different = [(name, [value for value in dict.fromkeys(values) if value]) for name, values in rows]
    items = "".join(f"<dt>{escape(_readable_name(n))}</dt><dd>{escape(_joined(v))}</dd>" for n, v in different if v)
    return f"<dl>{items}</dl>"


def _readable_name(name: str) -> str:
    return {"memory_bytes": "memory", "temperature_c": "temperature"}.get(name, name.replace("_", " "))


def _joined(values: Iterable[str]) -> str:
    parts = list(values)
    return "; ".join(parts[:4]) + (f"; and {len(parts) - 4} more" if len(parts) > 4 else "")


def _readable(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if name == "memory_bytes":
        return f"{value / 2**30:.1f} GiB"
    if name == "temperature_c":
        return f"{value:.0f} °C"
    if name == "time":
        return _readable_time(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {part if isinstance(part, str) else json.dumps(part)}" for key, part in value.items())
    return str(value)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
