"""mobilenet-report: benchmark results and training runs as a page; results also as Markdown or as CSV."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from mobilenet_tf.console import command_edge, warn
from mobilenet_tf.errors import InputError, OutputError
from mobilenet_tf.files import replace_file
from mobilenet_tf.locks import locked
from mobilenet_tf.progress import ignore_progress
from mobilenet_tf.results.limit_options import limit_options
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import printable

__all__ = ["report"]

PAGE = Path("build/report.html")


@click.command("mobilenet-report", cls=Command, context_settings={"show_default": True})
@click.argument("results", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=f"The file to write.  [default: {PAGE}; for Markdown and CSV, standard output]",
)
@click.option("--markdown", "form", flag_value="markdown", help="Write Markdown tables instead of the page.")
@click.option("--csv", "form", flag_value="csv", help="Write CSV, a row for each result, instead of the page.")
@limit_options
@click.option("--title", help="Title of the page.  [default: Benchmark, or Training]")
@click.option("--overwrite", is_flag=True, help="Replace FILE if it exists.")
@click.version_option(package_name="mobilenet-tf")
def report(
    results: tuple[Path, ...], output: Path | None, form: str | None, title: str | None, overwrite: bool, **limits: Any
) -> None:
    """Make one page of RESULTS: *.result.json files, folders of training runs, or folders that hold either.

    \b
    mobilenet-report build/results -o report.html
    mobilenet-report build/results --max-latency-ms 10 --max-size 2MB
    mobilenet-report build/results --csv > results.csv
    mobilenet-report build/train/RUN1 build/train/RUN2

    The page opens offline. Of benchmark results it has a table that can be sorted, charts of accuracy against latency,
    of sizes, of the stages and of how the latency varies, what the best models answer, and the environment. It marks
    the model to choose: the most accurate within the limits, and of those that are equally accurate within chance the
    fastest. Of a training run it has the curves, each class, the confusion matrix, the photos that were wrong and the
    calibration of confidence; several runs are compared. A page of an earlier run at the default place is replaced,
    any other file only with --overwrite. Exit status: 0 if the report is written, 2 for wrong usage or input.
    """
    with command_edge(verbose=True) as stderr:  # no library prints anything here
        from mobilenet_tf.results.inputs import read_inputs

        target = output or (PAGE if form is None else None)
        # Another page that is written takes seconds: nothing is shown while it is waited for.
        waiting = ("another mobilenet-report", " writes ", ignore_progress)
        with nullcontext() if target is None else locked(target, *waiting):
            if target is not None and not overwrite:
                _refuse_existing(target, own_page=output is None)
            inputs = read_inputs(results)
            if form is not None and inputs.runs and inputs.results:
                warn(f"--{form} leaves out the {len(inputs.runs)} training run(s): only the page shows them.", stderr)
            text = _render(form, inputs, title, limits)
            if target is not None:
                _write(target, text)
    click.echo(text if target is None else f"Written: {printable(str(target))}", nl=target is not None)


def _render(form: str | None, inputs: Any, title: str | None, limits: Any) -> str:
    if form is None:
        from .page import report_page

        return report_page(inputs.results, inputs.runs, title=title, **limits)
    from .text import csv_report, markdown_report

    if not inputs.results:
        raise InputError(
            f"--{form} is for benchmark results; got only the training run {inputs.runs[0].name}.\n"
            f"Leave --{form} out for a page of the run; its figures are in history.csv and training.json."
        )
    return (csv_report if form == "csv" else markdown_report)(inputs.results, **limits)


def _refuse_existing(target: Path, *, own_page: bool) -> None:
    """Raise OutputError if `target` exists; own_page: unless it is a page that this command made."""
    if not target.exists():
        return
    if own_page and target.is_file():
        from .document import is_report_page

        if is_report_page(target):
            return
    what = "exists already, and is no page of mobilenet-report" if own_page else "exists already"
    raise OutputError(f"{target} {what}.\nGive --overwrite to replace it, or another FILE with -o.")


def _write(target: Path, text: str) -> None:
    try:
        with replace_file(target) as partial:
            # A title from the command line may contain bytes that are not text.
            partial.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror or error}.\nGive another FILE with -o.") from error
