import io

import pytest

from mobilenet_tf.training.config import SizedConfig
from mobilenet_tf.training.run_shown import epoch_lines, run_shown

CONFIG = SizedConfig(epochs=2, freeze=0, batch_size=8)
TASKS = [
    ("epoch 1/2: reading photos", 0.0),
    ("epoch 1/2 loss 1.200 90 images/s", 0.25),
    ("epoch 1/2 loss 1.100 90 images/s", 0.5),
    ("epoch 1/2: validating, 8 of 8 photos", 0.5),
    ("epoch 1/2 loss 1.100 top-1 62.5% 90 images/s", 0.5),
    ("epoch 2/2 loss 0.900 90 images/s", 0.75),
    ("epoch 2/2 loss 0.800 90 images/s", 1.0),
    ("epoch 2/2 loss 0.800 top-1 75.0% 91 images/s", 1.0),
]
LINES = [
    "epoch 1/2 loss 1.100 top-1 62.5% 90 images/s, about 2:11 left",
    "epoch 2/2 loss 0.800 top-1 75.0% 91 images/s",
]


def test_each_epoch_that_is_done_is_a_line_with_the_time_that_is_left():
    """A step a minute, and a call of the clock without a step is 11 seconds later."""
    times = iter((60.0, 120.0, 131.0, 200.0, 260.0, 271.0))
    lines, others = [], []
    shown = epoch_lines(CONFIG, 96, lines.append, lambda *task: others.append(task), lambda: next(times))
    for task, share in TASKS:
        shown(task, share)
    assert lines == LINES
    assert others == [task for task in TASKS if " top-1 " not in task[0]]


def test_without_a_terminal_the_lines_are_all_that_is_written():
    stream = io.StringIO()
    with run_shown(CONFIG, 96, stream) as (on_progress, on_note):
        for task, share in TASKS:
            on_progress(task, share)
        on_note("the end.")
    lines = [line.partition(",")[0] for line in stream.getvalue().splitlines()]
    assert lines == [*(line.partition(",")[0] for line in LINES), "Note: the end."]


@pytest.mark.parametrize(
    "score", ["top-1 75.0%", "AP 1.0%", "mean AP 2.0%", "cosine 0.912 recall@1 71.3%", "recall@1 5.0%"]
)
def test_the_score_of_any_task_makes_a_line(score):
    lines = []
    shown = epoch_lines(CONFIG, 96, lines.append, lambda *_: None)
    shown(f"epoch 2/2 loss 0.800 {score} 91 images/s", 1.0)
    assert lines == [f"epoch 2/2 loss 0.800 {score} 91 images/s"]
