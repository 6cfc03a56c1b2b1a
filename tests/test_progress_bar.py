import os
import pty
import time

import pytest

from mobilenet_tf import progress_bar
from mobilenet_tf.progress_bar import ProgressBar, progress_line
from mobilenet_tf.standard_streams import note_stream
from mobilenet_tf.terminal import width_of
from tests.support.terminal import screen_after

TASK = "mobilenet_v1_a0.50_r160 int8: fine-tune, divergence 0.1234 nats an image"


@pytest.mark.parametrize("columns", [10, 60, 79, 200])
@pytest.mark.parametrize("remaining_s", [None, 0, 59.6, 4000, 400_000])
@pytest.mark.parametrize("task", ["", TASK, "photo 犬.jpg " * 30, "two\nlines \x1b[2J"])
def test_a_line_of_progress_fits(task, remaining_s, columns):
    line = progress_line(task, 0.5, remaining_s, columns)
    assert width_of(line) <= columns
    assert line.isprintable()


def test_a_line_of_progress_says_how_much_is_done_and_what_is_being_done():
    assert progress_line(TASK, 0.5, None, 100) == f"[########        ]  50%  {TASK}"
    assert progress_line(TASK, 1.0, 65.2, 60) == "[##########] 100%  1:05 left  ...rgence 0.1234 nats an image"
    assert " 1:06:40 left " in progress_line(TASK, 0.01, 4000, 60)


@pytest.fixture
def terminal():
    """A terminal to write to, as a text stream, and what reads it."""
    ours, its = pty.openpty()
    with os.fdopen(its, "w", encoding="utf-8") as stream:
        yield stream, lambda: os.read(ours, 65536).decode()
    os.close(ours)


def test_a_bar_stays_on_its_line_and_goes_away(terminal):
    stream, read = terminal
    bar = ProgressBar(stream)
    written = ""
    for step in range(1, 101):
        bar.show(f"{TASK} {step}", step / 100)
        written += read()
    assert screen_after(written, 80)[0].endswith(f"{TASK[-20:]} 100")
    assert len(screen_after(written, 80)) == 1
    bar.close()
    assert screen_after(written + read(), 80) == [""]


def test_the_remaining_time_is_shown_when_it_means_something(terminal, monkeypatch):
    stream, read = terminal
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    bar = ProgressBar(stream)
    shown = {}
    for seconds, share in [(0, 0.5), (2, 0.6), (4, 0.52), (10, 0.75), (20, 0.9), (21, 1.0)]:
        now = 1000.0 + seconds
        bar.show(f"step {seconds}", share)
        shown[seconds] = read()
    assert [seconds for seconds, text in shown.items() if "left" in text] == [10, 20]
    assert "0:10 left" in shown[10]  # half of what was left at the start is done in 10 s


def test_the_same_task_is_not_drawn_more_than_ten_times_a_second(terminal, monkeypatch):
    stream, read = terminal
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    bar = ProgressBar(stream)
    for step in range(1000):
        now = step / 1000
        bar.show("the same", step / 1000)
    assert read().count(progress_bar.CLEAR_LINE) <= 10


def test_nothing_is_shown_where_there_is_no_terminal(tmp_path):
    with (tmp_path / "log").open("w") as stream:
        bar = ProgressBar(stream)
        bar.show("loading")
        bar.show("working", 0.5)
        bar.close()
    assert (tmp_path / "log").read_text() == ""


def test_a_terminal_that_goes_away_does_not_end_the_work():
    ours, its = pty.openpty()
    with note_stream(its, "utf-8") as stream:
        bar = ProgressBar(stream)
        bar.show("working", 0.5)
        os.close(ours)
        bar.show("going on", 0.6)
        bar.close()
