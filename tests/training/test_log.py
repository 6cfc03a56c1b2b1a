import csv
from dataclasses import asdict, replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from mobilenet_tf.training import log
from mobilenet_tf.training.state import Epoch, RunState

HISTORY = [
    Epoch(number, 2.0 / number, 0.2 * number, 0.15 * number, 0.1, 50.0, 3.0 / number, 0.05, 0.1 * number)
    for number in range(1, 5)
]
OLD = [replace(epoch, validation_loss=None, mean_learning_rate=None, balanced_accuracy=None) for epoch in HISTORY[:2]]


@pytest.fixture
def figures(monkeypatch):
    """The figures that are saved."""
    saved = []
    save = Figure.savefig

    def remember(figure, *arguments, **options):
        saved.append(figure)
        save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", remember)
    return saved


def written(folder, history, kept=3, freeze=2):
    log.write_log(folder, history, kept, freeze)
    return list(csv.DictReader((folder / "history.csv").read_text().splitlines()))


def test_the_history_has_every_value_of_every_epoch(tmp_path):
    rows = written(tmp_path, HISTORY)
    assert [{name: float(value) for name, value in row.items()} for row in rows] == [asdict(e) for e in HISTORY]
    assert {"validation_loss", "first_learning_rate", "mean_learning_rate"} <= set(rows[0])


def test_epochs_of_an_earlier_version_are_written_without_what_they_lack(tmp_path):
    state = RunState(history=[*OLD])
    text = state.to_json().replace(
        ', "validation_loss": null, "mean_learning_rate": null, "balanced_accuracy": null', ""
    )
    text = text.replace('"first_learning_rate"', '"learning_rate"')
    assert "validation" not in text
    assert "first" not in text
    assert RunState.from_json(text) == state
    rows = written(tmp_path, [*RunState.from_json(text).history, *HISTORY[2:]])
    assert [row["validation_loss"] for row in rows] == ["", "", "1.0", "0.75"]


def lines_of(axes):
    """label -> x of each vertical line."""
    return {line.get_label(): line.get_xdata()[0] for line in axes.get_lines() if line.get_linestyle() != "-"}


def test_the_curves_mark_where_the_network_unfreezes_and_what_is_kept(tmp_path, figures):
    written(tmp_path, HISTORY)
    expected = {"the whole network learns from epoch 3": 3, "best.keras: epoch 3": 3}
    for axes in figures[0].axes:
        assert lines_of(axes) == expected
    losses, top1 = ([line.get_ydata() for line in axes.get_lines()[:2]] for axes in figures[0].axes)
    np.testing.assert_array_equal(losses[1], [epoch.validation_loss for epoch in HISTORY])
    np.testing.assert_array_equal(top1[1], [100 * epoch.top1 for epoch in HISTORY])
    legend = [text.get_text() for text in figures[0].legends[0].get_texts()]
    assert legend == ["training views", "validation, averaged weights", *expected]
    with Image.open(tmp_path / "curves.png") as image:
        assert image.width > 2 * image.height


@pytest.mark.parametrize("freeze", [0, 4, 9])
def test_without_a_change_nothing_of_it_is_marked(tmp_path, figures, freeze):
    """No frozen epoch, all of them, or the whole network has not begun to learn yet."""
    written(tmp_path, HISTORY, kept=1, freeze=freeze)
    assert lines_of(figures[0].axes[0]) == {"best.keras: epoch 1": 1}


def test_curves_of_old_epochs_alone_can_be_drawn(tmp_path):
    written(tmp_path, OLD, kept=2)
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_points_at_the_ends_of_an_axis_are_whole(tmp_path, figures):
    """A share of 100 % and the first and last epoch lie inside the frame."""
    written(tmp_path, [*HISTORY, replace(HISTORY[-1], epoch=5, top1=1.0, top1_train=1.0)])
    for axes in figures[0].axes:
        assert axes.get_xlim()[0] < 1
        assert axes.get_xlim()[1] > 5
    low, high = figures[0].axes[1].get_ylim()
    assert low < 15
    assert 101 < high < 110


@pytest.mark.parametrize(
    ("epochs", "ticks"),
    [
        (1, [1]),
        (4, [1, 2, 3, 4]),
        (13, [1, 2, 4, 6, 8, 10, 12]),
        (60, [1, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]),
        (3000, [1, 3000]),
    ],
)
def test_the_epochs_are_counted_from_1_on(tmp_path, figures, epochs, ticks):
    written(tmp_path, [replace(HISTORY[0], epoch=number) for number in range(1, epochs + 1)], kept=1)
    for axes in figures[0].axes:
        assert list(axes.get_xticks()) == ticks
        assert [label.get_text() for label in axes.get_xticklabels()] == [str(tick) for tick in ticks]
