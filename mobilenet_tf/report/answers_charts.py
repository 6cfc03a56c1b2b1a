"""The charts of a model's answers: the confusion matrix of many classes, and the calibration of confidence."""

from collections import Counter

import plotly.graph_objects as go

from mobilenet_tf.results.answers import Answers, ConfidenceBin, class_figures, expected_calibration_error

from .style import GREY, Chart, escape_text, finish_chart, shorten

__all__ = ["MATRIX_CLASSES", "calibration_chart", "confusion_chart", "matrix_classes"]

MATRIX_CLASSES = 150  # more would be smaller than a pixel or two on a phone
NAMED_CLASSES = 60  # beside the matrix; the names of more would lie on each other
ROW_HEIGHT, LEAST_ROW_HEIGHT, FRAME = 14, 5, 90  # pixels
# The share of the true class's photos, as a colour that shows on light and on dark paper: right answers and wrong ones.
RIGHT = [[0, "rgba(42,120,214,0.15)"], [1, "rgba(42,120,214,1)"]]
WRONG = [[0, "rgba(226,106,0,0.3)"], [1, "rgba(226,106,0,1)"]]


def matrix_classes(answers: Answers) -> list[int]:
    """The indices of the classes that the matrix shows, in order: all, or of many those with the most wrong answers."""
    if len(answers.classes) <= MATRIX_CLASSES:
        return list(range(len(answers.classes)))
    errors = Counter[int]()
    for true, given, count in answers.confusion:
        if true != given:
            errors.update({true: count, given: count})
    return sorted(index for index, _ in errors.most_common(MATRIX_CLASSES))


def confusion_chart(answers: Answers) -> Chart:
    """The confusion matrix as colours, for more classes than a table can show."""
    shown = matrix_classes(answers)
    names = [_label(answers, index) for index in shown]
    photos = {figure.index: figure.photos for figure in class_figures(answers)}
    figure = go.Figure()
    for scale, is_right in ((RIGHT, True), (WRONG, False)):
        counts: list[list[int | None]] = [[None] * len(shown) for _ in shown]
        shares: list[list[float | None]] = [[None] * len(shown) for _ in shown]
        row = {index: place for place, index in enumerate(shown)}
        for true, given, count in answers.confusion:
            if (true == given) is is_right and count and true in row and given in row:
                counts[row[true]][row[given]] = count
                shares[row[true]][row[given]] = (count / photos[true]) ** 0.5  # so that single errors are seen
        figure.add_heatmap(
            x=names, y=names, z=shares, customdata=counts, colorscale=scale, zmin=0, zmax=1, showscale=False,
            xgap=0.5, ygap=0.5,
            hovertemplate="is %{y}<br>given %{x}: %{customdata}<extra></extra>",
        )  # fmt: skip
    side = max(LEAST_ROW_HEIGHT, ROW_HEIGHT if len(shown) <= NAMED_CLASSES else 0) * len(shown) + FRAME
    few = len(shown) <= NAMED_CLASSES
    figure.update_xaxes(showticklabels=False, showgrid=False, title="class that was given, in the same order")
    figure.update_yaxes(autorange="reversed", showgrid=False, showticklabels=few, title="" if few else "class")
    figure.update_yaxes(tickvals=names, ticktext=[shorten(answers.classes[index], 22) for index in shown])
    figure.update_layout(height=max(360, side))
    left_out = len(answers.classes) - len(shown)
    caption = (
        "Each row is a class, each column what its photos were taken for: blue is right, orange is wrong, and the "
        "stronger the colour, the larger the share of the class's photos. Touch a cell for its names and its photos."
    )
    if left_out:
        caption += f" The {len(shown)} classes of most wrong answers are shown; {left_out} are left out."
    return finish_chart("Confusion matrix", caption, figure)


def _label(answers: Answers, index: int) -> str:
    """The name of a class for the axes, where no two may be the same."""
    name = answers.classes[index]
    return escape_text(name if answers.classes.count(name) == 1 else f"{name} ({index})")


def calibration_chart(answers: Answers) -> Chart:
    """The reliability diagram: how often the model is right, by how certain it is."""
    bins = [one for one in answers.confidence if one.right + one.wrong]
    figure = go.Figure()
    figure.add_bar(
        x=[one.low + 0.05 for one in bins],
        y=[one.right / (one.right + one.wrong) for one in bins],
        width=0.094,
        name="right",
        customdata=[_bin_text(one) for one in bins],
        hovertemplate="%{customdata}<extra></extra>",
    )
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="as often as it says", line={"color": GREY, "dash": "dash"},
        hoverinfo="skip",
    )  # fmt: skip
    means = [one for one in bins if one.mean is not None]
    figure.add_scatter(
        x=[one.mean for one in means],
        y=[one.right / (one.right + one.wrong) for one in means],
        mode="markers",
        name="mean confidence",
        hoverinfo="skip",
    )
    axis = {"range": [0, 1.02], "tickformat": ".0%"}
    figure.update_layout(height=360, bargap=0, showlegend=True)
    figure.update_xaxes(**axis, title="confidence")
    figure.update_yaxes(**axis, title="right")
    return finish_chart("Calibration of confidence", _calibration_caption(answers), figure)


def _bin_text(one: ConfidenceBin) -> str:
    count = one.right + one.wrong
    return f"confidence {one.low:.0%} to {one.low + 0.1:.0%}: {one.right} of {count} are right"


def _calibration_caption(answers: Answers) -> str:
    caption = (
        "Each bar holds the photos whose answer had a confidence in this tenth, and shows how many of them are right. "
        "If bars end at the dashed line, the model is right as often as its confidence says; below it, the model is "
        "too certain."
    )
    error = expected_calibration_error(answers.confidence)
    if error is None:
        return f"{caption} The expected calibration error is not known: an earlier version measured this."
    right = answers.photos - answers.wrong_photos
    mean = sum((one.right + one.wrong) * (one.mean or 0.0) for one in answers.confidence) / answers.photos
    return (
        f"{caption} Expected calibration error (ECE, Guo et al. 2017): {error:.1%}. The mean confidence is {mean:.1%}, "
        f"and {right / answers.photos:.1%} are right."
    )
