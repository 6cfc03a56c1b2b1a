"""The chart of accuracy against latency.

There is one for each set of photos, because accuracies on different photos cannot be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from mobilenet_tf.results.groups import Group, notes_of
from mobilenet_tf.results.records import Result
from mobilenet_tf.results.score import Score, score_of, scores_named
from mobilenet_tf.results.selection import Choice, Limits, by_photos, pareto_front

from .style import GOLD, GREY, LOG_CAPTION, Chart, escape_text, finish_chart, log_latency_axis, shorten

__all__ = ["tradeoff_charts"]

CAPTION = (
    "Each point is a model. The further left it is, the faster is the model; the higher it is, the more often the "
    "model is right. The stroke through a point is the 95% interval of its {score}: on other photos of the same kind "
    "it would be somewhere there."
)
FRONT_CAPTION = (
    " The dotted line, the Pareto front, joins the models that no other beats in both. A model below it is worth "
    "choosing only for its size."
)
# Enough digits that no two ticks read the same, however far one zooms in.
TICK_FORMATS = (
    {"dtickrange": [None, 0.0001], "value": ".3%"},
    {"dtickrange": [0.0001, 0.00099], "value": ".2%"},
    {"dtickrange": [0.00099, 0.0099], "value": ".1%"},
    {"dtickrange": [0.0099, None], "value": ".0%"},
)
LEAST_SPAN = 0.02  # of the axis of the score, on which 8 ticks differ by 0.2 to 0.5 points
REACH = 1.5  # how many times the slowest model's latency a limit may be to be drawn: the axis grows to it


def tradeoff_charts(group: Group, choice: Choice, limits: Limits) -> list[Chart]:
    """One chart for each set of photos, that of most models first; none if no accuracy was measured."""
    sets = by_photos(group.results)
    return [_tradeoff(members, group, choice, limits, several=len(sets) > 1) for members in sets]


@dataclass(frozen=True)
class _Ranges:
    """What the two axes show: latency in ms, and the score, which is called so, as a share."""

    latency: tuple[float, float]
    share: tuple[float, float]
    score: str


def _tradeoff(results: Sequence[Result], group: Group, choice: Choice, limits: Limits, *, several: bool) -> Chart:
    labels = {id(result): label for result, label in zip(group.results, group.labels, strict=True)}
    name = scores_named([*results])
    figure, caption = go.Figure(), CAPTION.format(score=name)
    recipes = [result.model.recipe or "other" for result in results]
    for recipe in dict.fromkeys(recipes):
        members = [result for result, other in zip(results, recipes, strict=True) if other == recipe]
        figure.add_trace(_points(members, [labels[id(result)] for result in members], recipe))
    front = pareto_front(results)
    if len(front) > 1:
        shares = [score.share if (score := score_of(r)) else None for r in front]
        figure.add_trace(_line([r.latency_ms.p50 for r in front], shares, "Pareto front", "dot"))
        caption += FRONT_CAPTION
    if choice.result is not None and any(result is choice.result for result in results):
        figure.add_trace(_star(choice.result, group))
        caption += " The star is the choice named above."
    if any(score.doubts for score in map(score_of, results) if score):
        caption += " The accuracy of a hollow point is in doubt: see the notes."
    ranges = _ranges(results, limits)
    caption += _lay_out(figure, ranges)
    caption += _draw_limits(figure, limits, ranges)
    title = "Accuracy against latency"
    if several and (score := score_of(results[0])) is not None:
        title += f", on {score.photos} photos of {score.folder}"
    return finish_chart(title, caption, figure)


def _points(results: Sequence[Result], labels: Sequence[str], recipe: str) -> go.Scatter:
    pairs = [(result, score) for result in results if (score := score_of(result)) is not None]
    ends = [score.interval for _, score in pairs]
    shares = [score.share for _, score in pairs]
    return go.Scatter(
        x=[result.latency_ms.p50 for result, _ in pairs],
        y=shares,
        error_y={
            "type": "data",
            "array": [high - share for share, (_, high) in zip(shares, ends, strict=True)],
            "arrayminus": [share - low for share, (low, _) in zip(shares, ends, strict=True)],
            "thickness": 1,
            "width": 3,
        },
        customdata=[
            [escape_text(label), _details(result, score), score.name]
            for (result, score), label in zip(pairs, labels, strict=True)
        ],
        mode="markers",
        name=shorten(recipe),
        marker={"size": 9, "symbol": ["circle-open" if score.doubts else "circle" for _, score in pairs]},
        hovertemplate="%{customdata[0]}<br>%{y:.1%} %{customdata[2]}, %{x:.2f} ms, %{customdata[1]}<extra></extra>",
    )


def _details(result: Result, score: Score) -> str:
    """What hovering over a point adds: size, interval and notes; plotly breaks no line by itself."""
    lines = [f"{result.size_bytes / 1e6:.2f} MB", f"95% interval {score.interval_text}, {score.photos} photos"]
    return "<br>".join(map(escape_text, [*lines, *(shorten(note, 80) for note in notes_of(result))]))


def _star(result: Result, group: Group) -> go.Scatter:
    place = next(place for place, other in enumerate(group.results) if other is result)
    return go.Scatter(
        x=[result.latency_ms.p50],
        y=[score.share if (score := score_of(result)) else None],
        mode="markers",
        name=f"choice: {shorten(group.short_labels[place])}",
        marker={"symbol": "star", "size": 22, "color": GOLD, "line": {"color": GREY, "width": 1}},
        hoverinfo="skip",
        zorder=-1,  # under the point, whose colour says its recipe
    )


def _line(x: Sequence[float], y: Sequence[float | None], name: str, dash: str) -> go.Scatter:
    line = {"color": GREY, "dash": dash, "width": 2 if dash == "dot" else 1}
    return go.Scatter(x=x, y=y, mode="lines", name=name, line=line, hoverinfo="skip")


def _ranges(results: Sequence[Result], limits: Limits) -> _Ranges:
    """What the axes must show: all points and intervals, and a limit of latency that is not far from them."""
    times = [result.latency_ms.p50 for result in results]
    fastest, slowest = min(times), max(times)
    limit = limits.get("max_latency_ms")
    if limit is not None and fastest / REACH <= limit <= REACH * slowest:
        fastest, slowest = min(fastest, limit), max(slowest, limit)
    ends = [score.interval for score in map(score_of, results) if score is not None]
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    if high - low < LEAST_SPAN:
        middle = min(max((low + high) / 2, LEAST_SPAN / 2), 1 - LEAST_SPAN / 2)
        low, high = middle - LEAST_SPAN / 2, middle + LEAST_SPAN / 2
    return _Ranges((fastest, slowest), (low, high), scores_named([*results]))


def _lay_out(figure: go.Figure, ranges: _Ranges) -> str:
    """Set the axes; returns what the caption must say about them."""
    unit, (fastest, slowest) = "median latency (p50), ms", ranges.latency
    figure.update_layout(height=440)
    logarithmic = log_latency_axis(figure, fastest, slowest, unit)
    if not logarithmic:
        figure.update_xaxes(range=[0, 1.06 * slowest or 1], title=unit)
    low, high = ranges.share
    margin = 0.04 * (high - low)
    figure.update_yaxes(range=[low - margin, high + margin], title=ranges.score, tickformatstops=TICK_FORMATS)
    return LOG_CAPTION if logarithmic else ""


def _draw_limits(figure: go.Figure, limits: Limits, ranges: _Ranges) -> str:
    """Draw the limits that are within the axes; returns a sentence on each that is not."""
    (fastest, slowest), (low, high), text = ranges.latency, ranges.share, ""
    if (latency := limits.get("max_latency_ms")) is not None:
        if latency > slowest:
            text += f" The limit of {latency:g} ms is to the right of the chart."
        elif latency < fastest and figure.layout.xaxis.type == "log":
            text += f" The limit of {latency:g} ms is to the left of the chart."
        else:
            figure.add_trace(_line([latency, latency], [low, high], f"limit: {latency:g} ms", "dash"))
    if (accuracy := limits.get("min_accuracy")) is not None:
        if low <= accuracy <= high:
            start = fastest if figure.layout.xaxis.type == "log" else 0.0
            figure.add_trace(_line([start, slowest], [accuracy, accuracy], f"limit: {accuracy:.1%}", "dash"))
        else:
            text += f" The limit of {accuracy:.1%} is {'below' if accuracy < low else 'above'} the chart."
    return text
