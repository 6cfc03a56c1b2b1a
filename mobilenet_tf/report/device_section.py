"""A part of the page for each device: the choice, the table, the charts, what models answer, and the environment."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Any

from mobilenet_tf.results.groups import Group, notes_of
from mobilenet_tf.results.records import Environment, Result
from mobilenet_tf.results.score import score_of
from mobilenet_tf.results.selection import Choice, Limits, choose, pareto_front

from .answers_section import answers_sections
from .charts import make_charts
from .document import Section, chart_figure, joined
from .html_table import breakable
from .table import results_table

__all__ = ["device_section", "readable_time"]

MOST_DETAILED = 4  # models whose answers are shown


def device_section(group: Group, place: int, limits: Limits) -> Section:
    """The part of one device; `place` is its number on the page."""
    choice = choose(group.results, **limits)
    unmeasured = all(score_of(result) is None for result in group.results)
    parts = [
        f'<section aria-labelledby="device-{place}"><h2 id="device-{place}">{escape(group.title)}</h2>',
        _choice(group, choice),
        results_table(group, choice, place),
        "<p>Accuracy against latency is not drawn: no accuracy was measured.</p>" if unmeasured else "",
        f'<p class="soft">The charts leave out {escape(group.prefix)} before each name.</p>' if group.prefix else "",
    ]
    charts = [chart_figure(chart, level=3) for chart in make_charts(group, choice, limits)]
    end = f"<h3>Environment</h3>{_environment(group.results)}</section>\n"
    return joined([*map(Section, parts), *charts, _answers(group, choice), Section(end)])


def _answers(group: Group, choice: Choice) -> Section:
    """What the most interesting models answer: the choice, then the Pareto front, then the others, as far as there is
    room.
    """
    front = {id(result) for result in pareto_front(group.results)}
    measured = [pair for pair in zip(group.results, group.labels, strict=True) if pair[0].accuracy is not None]
    measured.sort(key=lambda pair: (pair[0] is not choice.result, id(pair[0]) not in front))
    sections = [
        joined([Section(f"<h3>Answers of {breakable(label)}</h3>"), answers_sections(result.accuracy.summary)])
        for result, label in measured[:MOST_DETAILED]
        if result.accuracy is not None
    ]
    if len(measured) > MOST_DETAILED:
        text = (
            f"The answers of {len(measured) - MOST_DETAILED} more models are not shown: give mobilenet-report their "
            "files alone."
        )
        sections.append(Section(f'<p class="soft">{text}</p>'))
    return joined(sections)


def _choice(group: Group, choice: Choice) -> str:
    name = next((f"★ {n}" for n, r in zip(group.labels, group.results, strict=True) if r is choice.result), "No choice")
    notes = notes_of(choice.result) if choice.result else []
    texts = [choice.reason, *(f"Note: {note}" for note in notes)]
    return f'<div class="choice"><strong>{breakable(name)}</strong><br>{"<br>".join(map(breakable, texts))}</div>'


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
        return readable_time(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {part if isinstance(part, str) else json.dumps(part)}" for key, part in value.items())
    return str(value)


def readable_time(time: str) -> str:
    """`2026-01-02 03:04 UTC` for an ISO 8601 time; other text as it is."""
    try:
        return f"{datetime.fromisoformat(time):%Y-%m-%d %H:%M %Z}".strip()
    except ValueError:
        return time
