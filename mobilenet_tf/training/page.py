"""report.html in a run's folder: the page of mobilenet-report on this run, left when the run ends, however it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mobilenet_tf.data.scan import describe_error
from mobilenet_tf.errors import MobilenetError, require
from mobilenet_tf.files import replace_file
from mobilenet_tf.results.run_record_file import TRAINING_FILE
from mobilenet_tf.results.run_records import read_run_record
from mobilenet_tf.terminal import printable

__all__ = ["PAGE_FILE", "page_left", "remove_page"]

PAGE_FILE = "report.html"


@contextmanager
def page_left(folder: Path, on_note: Callable[[str], None], *, writes: bool = True) -> Iterator[None]:
    """Around a run: when it ends, finished, stopped or by an error, its page is written if it has done an epoch.

    Of a run that could not go on, and of an earlier one that comes back, the page stays as it was. A page that cannot
    be written is no reason to lose the run: `on_note` is given a sentence that says why.
    writes: whether this process writes what the run leaves.
    """
    before, has_ended_well = _record_stamp(folder), False
    try:
        yield
        has_ended_well = True
    finally:
        after = _record_stamp(folder)
        is_missing = has_ended_well and not (folder / PAGE_FILE).is_file()
        if writes and after is not None and (after != before or is_missing):
            try:
                _write_page(folder)
            except Exception as error:  # the model is there, whatever is wrong with its page
                why = str(error) if isinstance(error, MobilenetError) else describe_error(error)
                on_note(
                    f"{printable(str(folder / PAGE_FILE))} is not written: {why.rstrip('.')}.\n"
                    f"The model is not affected. To try again: mobilenet-report {printable(str(folder))}"
                )


def _record_stamp(folder: Path) -> tuple[int, int] | None:
    """What tells whether the record of the run was written again; None if there is none."""
    try:
        status = (folder / TRAINING_FILE).stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def remove_page(folder: Path) -> None:
    """Remove the page of before an epoch that changes what it shows, if it can be removed."""
    with suppress(OSError):  # the end of the run says that the page cannot be written
        (folder / PAGE_FILE).unlink(missing_ok=True)


def _write_page(folder: Path) -> None:
    require("plotly")
    from mobilenet_tf.report.page import report_page

    page = report_page([], [read_run_record(folder / TRAINING_FILE)])
    with replace_file(folder / PAGE_FILE) as partial:
        partial.write_text(page, encoding="utf-8")
