"""The charts of the report: each is a figure that the page's script draws, and a caption that explains it."""

from statistics import quantiles

import plotly.graph_objects as go

from mobilenet_tf.results.groups import Group
from mobilenet_tf.results.records import Latency, Result
from mobilenet_tf.results.selection import Choice, Limits, pareto_front

from .style import (
    BAR_HEIGHT,
    LOG_CAPTION,
    Chart,
    escape_text,
    finish_chart,
    lay_out_bars,
    lay_out_results,
    log_latency_axis,
    shorten,
)
from .tradeoff import tradeoff_charts

__all__ = ["make_charts"]

LEGEND_LINES = 12  # that a legend shows without scrolling
VISIBLE_LINES = 5  # at first, one for each colour


def make_charts(group: Group, choice: Choice, limits: Limits) -> list[Chart]:
    """The charts for which something was measured."""
    charts = [
        *tradeoff_charts(group, choice, limits),
        _sizes(group, choice),
        _stages(group, choice),
        _distribution(group, choice),
        _sustained(group, choice),
        _layers(group, choice),
    ]
    return [chart for chart in charts if chart is not None]


def _sizes(group: Group, choice: Choice) -> Chart:
    figure = go.Figure()
    sizes = [result.size_bytes / 1e6 for result in group.results]
    figure.add_bar(x=sizes, hovertemplate="%{hovertext}: %{x:.2f} MB<extra></extra>")
    caption = "Each bar is the space that a file takes in an app and on the device, in MB of a million bytes."
    return finish_chart("Size of the file", caption, lay_out_results(figure, group, choice, "size, MB"))


def _stages(group: Group, choice: Choice) -> Chart:
    figure = go.Figure()
    for name in ("preprocess", "inference", "postprocess"):
        times = [getattr(result.stages_ms, name) for result in group.results]
        if any(time is not None for time in times):
            figure.add_bar(x=times, name=name, hovertemplate=f"%{{hovertext}}: {name} %{{x:.2f}} ms<extra></extra>")
    figure.update_layout(barmode="stack", showlegend=True, legend_traceorder="normal")
    caption = (
        "Each bar shows where the time for one image goes: preprocess turns a decoded photo into the model's input, "
        "inference runs the network, and postprocess finds the best classes. The times are medians. The time to open"
        " the model, which is needed once, is in the column load of the table."
    )
    return finish_chart("Time for each stage", caption, lay_out_results(figure, group, choice, "ms an image"))


def _distribution(group: Group, choice: Choice) -> Chart:
    figure = go.Figure()
    times = [result.latency_ms for result in group.results]
    quartiles = [_quartiles(time) for time in times]
    # Without the time of each run there is the median alone, with no box and no line to the right of it.
    ends = [time.p50 if time.p99 is None else time.p99 for time in times]
    figure.add_box(
        q1=[low for low, _ in quartiles],
        median=[time.p50 for time in times],
        q3=[high for _, high in quartiles],
        lowerfence=[time.min for time in times],
        upperfence=ends,
        hoverinfo="x",
    )
    caption = (
        "Each row shows how much the time of one inference varies. The box holds the middle half of all runs, and "
        "the stroke in it is the median. The line begins at the fastest run and ends at p99: 99 of 100 runs take no "
        "longer. A short line means a steady latency; a long line to the right means that a frame is late now and "
        "then."
    )
    lay_out_results(figure, group, choice, "ms")
    if log_latency_axis(figure, min(time.min for time in times), max(ends), "ms"):
        caption += LOG_CAPTION
    return finish_chart("Spread of the latency", caption, figure)


def _quartiles(latency: Latency) -> tuple[float, float]:
    """The quartiles of the samples, around the median of all runs; the median alone if there are no samples."""
    if len(latency.samples) < 2:
        return latency.p50, latency.p50
    low, _, high = quantiles(latency.samples, n=4, method="inclusive")
    return min(low, latency.p50), max(high, latency.p50)


def _sustained(group: Group, choice: Choice) -> Chart | None:
    figure = go.Figure()
    for result, label in _choice_first(group, choice):
        if result.sustained:
            figure.add_scatter(
                x=[point.seconds for point in result.sustained],
                y=[point.latency_ms for point in result.sustained],
                mode="lines",
                name=shorten(label),
                visible=True if len(figure.data) < VISIBLE_LINES else "legendonly",
                hovertemplate="%{fullData.name}<br>after %{x:.0f} s: %{y:.2f} ms<extra></extra>",
            )
    if not figure.data:
        return None
    legend = min(len(figure.data), LEGEND_LINES)
    figure.update_layout(height=360 + BAR_HEIGHT * legend, showlegend=True, yaxis_rangemode="tozero")
    figure.update_layout(xaxis_title="seconds of steady load", yaxis_title="latency, ms")
    caption = (
        "The lines show the latency while the device runs without a pause. A flat line means that the device stays "
        "as fast as it was at the start; a line that climbs means that it slows itself down to keep cool. Click a "
        "name to show or hide its line."
    )
    return finish_chart("Under sustained load", caption, figure)


def _layers(group: Group, choice: Choice) -> Chart | None:
    shown = [(result, label) for result, label in _choice_first(group, choice) if result.quantization]
    if not shown:
        return None
    names = list(dict.fromkeys(layer.name for result, _ in shown for layer in result.quantization))
    row = {name: place for place, name in enumerate(names)}
    figure = go.Figure()
    for result, label in shown:
        figure.add_bar(
            x=[layer.error_steps for layer in result.quantization],
            y=[row[layer.name] for layer in result.quantization],
            hovertext=[escape_text(layer.name) for layer in result.quantization],
            orientation="h",
            name=shorten(label),
            visible="legendonly" if figure.data else True,
            hovertemplate="%{hovertext}: %{x:.2f} steps<extra>%{fullData.name}</extra>",
        )
    figure.update_layout(showlegend=True)
    figure.update_yaxes(tickvals=list(row.values()), ticktext=[shorten(name) for name in names])
    caption = (
        "Each bar shows how far a layer's output in the quantized file is from the float network's, in quantization "
        "steps (the smallest difference that 8 bits can express there), as mobilenet-export measured it. A bar that "
        "stands out shows a layer that costs accuracy. Click a name below the chart to show or hide that model."
    )
    return finish_chart(
        "Quantization error of each layer",
        caption,
        lay_out_bars(figure, len(names) + len(shown) // 2, "mean error, steps"),
    )


def _choice_first(group: Group, choice: Choice) -> list[tuple[Result, str]]:
    """The results with their short labels: the choice and the Pareto front, which are visible at first, come first."""
    front = {id(result) for result in pareto_front(group.results)}
    pairs = list(zip(group.results, group.short_labels, strict=True))
    return sorted(pairs, key=lambda pair: (pair[0] is not choice.result, id(pair[0]) not in front))
