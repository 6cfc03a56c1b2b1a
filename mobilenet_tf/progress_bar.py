"""A line on a terminal that says what is being done, how much of it is done, and how long the rest may take."""

import contextlib
import time
from typing import TextIO

from .terminal import beginning_of, columns_of, end_of, printable

__all__ = ["ProgressBar", "duration_text", "progress_line"]

WIDEST_BAR = 16
# The remaining time is a guess from the time spent: before this share and this time it means nothing.
SHARE_BEFORE_GUESS, SECONDS_BEFORE_GUESS = 0.05, 3.0
SECONDS_BETWEEN_LINES = 0.1
CLEAR_LINE = "\r\x1b[K"


class ProgressBar:
    """The last line of the terminal that `stream` writes to; nothing at all if it writes to something else.

    The line is always narrower than the terminal: a line that wraps would scroll at each update.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._task: str | None = None  # what is shown, and since when
        self._shown_at = 0.0
        self._start: tuple[float, float] | None = None  # when the first share came, and that share

    def show(self, task: str, share: float | None = None) -> None:
        """Show what is being done and, if it is known, the share of the whole that is done."""
        now = time.monotonic()
        if share is not None and self._start is None:
            self._start = now, share
        if task == self._task and now - self._shown_at < SECONDS_BETWEEN_LINES:
            return
        columns = columns_of(self._stream)
        if columns is None:
            return
        self._task, self._shown_at = task, now
        if share is None:
            line = end_of(f"{printable(task)} ...", columns - 1)
        else:
            line = progress_line(task, share, self._remaining_s(share, now), columns - 1)
        self._write(CLEAR_LINE + line)

    def close(self) -> None:
        """Take the line away."""
        if self._task is not None:
            self._task = None
            self._write(CLEAR_LINE)

    def _remaining_s(self, share: float, now: float) -> float | None:
        """A guess at the seconds that remain; None if it is too early for one, or all is done."""
        started_at, first_share = self._start or (now, share)
        seconds, done = now - started_at, share - first_share
        if seconds < SECONDS_BEFORE_GUESS or done < SHARE_BEFORE_GUESS or share >= 1:
            return None
        return seconds * (1 - share) / done

    def _write(self, text: str) -> None:
        # A terminal that has gone away, or one that cannot show a letter, is no reason to lose the work.
        with contextlib.suppress(OSError, UnicodeEncodeError):
            getattr(self._stream, "write_controls", self._stream.write)(text)
            self._stream.flush()


def progress_line(task: str, share: float, remaining_s: float | None, columns: int) -> str:
    """A bar, the percentage, the remaining time if it is known, and as much of the task's end as fits `columns`."""
    width = min(WIDEST_BAR, columns // 6)
    bar = "#" * int(width * share)
    done = f"[{bar:<{width}}] {int(100 * share):3}%"
    if remaining_s is not None:
        done += f"  {duration_text(remaining_s)} left"
    return beginning_of(f"{done}  {end_of(printable(task), columns - 2 - len(done))}", columns)


def duration_text(seconds: float) -> str:
    """`2:05` for 125 seconds, `1:00:00` for an hour."""
    minutes, whole_seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{whole_seconds:02}" if hours else f"{minutes}:{whole_seconds:02}"
