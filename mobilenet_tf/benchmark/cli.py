"""mobilenet-benchmark: how fast, how large and how accurate .tflite classifiers are, here or on an Android device."""

import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TextIO

import click

from mobilenet_tf.console import NumberList, command_edge, progress_shown, warn
from mobilenet_tf.errors import CheckError
from mobilenet_tf.results.limit_options import LIMITS, limit_options
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import wrapped
from mobilenet_tf.tflite.given_input import GivenInput
from mobilenet_tf.tflite.options import input_options, verbose_option

from .settings import BenchmarkSettings, MeasurementSettings

__all__ = ["benchmark"]


@click.command("mobilenet-benchmark", cls=Command, context_settings={"show_default": True})
@click.argument("models", metavar="MODEL...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option(
    "--images",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Measure accuracy too, on the photos in this folder, whose classes are known; of embeddings recall@1.",
)
@click.option(
    "--ground-truth",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Lines `file,label` that give the class of each photo. Without it, the names of folders or wnids do.",
)
@click.option("--labels", type=click.Path(path_type=Path), metavar="FILE", help="The class names, one a line.")
@click.option(
    "--background-offset",
    type=click.IntRange(0, 1),
    help="1 if class 0 is the background, which the labels may leave out; 0 if it is a class."
    "  [default: as the model's own labels say]",
)
@click.option(
    "--class-offset",
    type=int,
    default=0,
    metavar="N",
    help="Add N to each class number in the ground truth: -1 if its numbers begin at 1.",
)
@click.option("--allow-skipped", is_flag=True, help="Let more than a tenth of the photos be left out.")
@input_options
@click.option(
    "--threads",
    type=NumberList(int),
    default=[1],
    help="Number of threads of one inference. Of several numbers, each is measured in turn.",
)
@click.option("--runs", type=click.IntRange(min=1), default=100, help="Time at least this many inferences.")
@click.option("--warmup", type=click.IntRange(min=0), default=10, help="Inferences before the timed ones.")
@click.option("--min-seconds", type=click.FloatRange(min=0), default=1.0, help="Time for at least this long.")
@click.option(
    "--sustained",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="Afterwards, infer for this long without a pause, and record how the latency changes.",
)
@click.option("--profile", is_flag=True, help="Time each op of the graph by itself too.")
@click.option("--cool-down", type=click.FloatRange(min=0), default=0.0, help="Seconds to wait between two models.")
@click.option(
    "--backend",
    type=click.Choice(["auto", "ai-edge-litert", "tflite-runtime", "tf.lite"]),
    default="auto",
    help="The interpreter. `auto` takes the first that is installed, but never TensorFlow's.",
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    default=["host"],
    metavar="host|adb[:SERIAL]",
    help="Where to measure. Give it once for each device to measure on several at the same time.",
)
@click.option(
    "--accelerator",
    type=click.Choice(["cpu", "gpu", "nnapi"]),
    default="cpu",
    help="What runs the model on an Android device.",
)
@click.option(
    "--benchmark-binary",
    "binary",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TensorFlow's benchmark_model for the device's ABI. Without it, the demo app on the device measures.",
)
@click.option("--app", is_flag=True, help="Install the demo app on the device first, and measure with it.")
@click.option(
    "--apk",
    type=click.Path(path_type=Path),
    default=Path("build/apk/mobilenet-demo.apk"),
    metavar="FILE",
    help="The demo app that --app installs.",
)
@limit_options
@click.option("--predict", is_flag=True, help="Predict the latency of published networks that were not measured.")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path),
    default=Path("build/results"),
    help="Folder to write the results into.",
)
@click.option("--overwrite", is_flag=True, help="Measure again the models that have a result there already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
@verbose_option
@click.version_option(package_name="mobilenet-tf")
def benchmark(models: tuple[Path, ...], as_json: bool, verbose: bool, predict: bool, **options: Any) -> None:
    """Measure MODEL... (.tflite files, or folders of them) on this computer or on Android devices.

    \b
    mobilenet-benchmark build/export --images photos/ --max-latency-ms 5
    mobilenet-benchmark build/export --target adb --threads 1,4
    mobilenet-report build/results -o report.html

    One result for each model is written into OUTPUT_DIR; a model that has one there is not measured again. Exit
    status: 0 if all is done, 1 if some models cannot be measured, no model is within the limits or more than a tenth of
    the photos was left out, 2 for wrong usage or input, or if no model can be measured, 130 if interrupted.
    """
    limits: Any = {name: options.pop(name) for name in LIMITS}
    with command_edge(verbose) as stderr:
        settings = _settings(options)
        outcomes, errors = _measure(models, settings, stderr)
        errors += [outcome.error for outcome in outcomes if outcome.error is not None]
        if not any(outcome.result for outcome in outcomes):
            raise errors[0]
        _warn(outcomes, stderr)
    from .printing import print_results  # loads NumPy: only after the measurements, whose memory is measured

    results = [outcome.result for outcome in outcomes if outcome.result is not None]
    fits = print_results(results, limits, predict=predict, as_json=as_json)
    errors += [] if settings.allow_skipped else _left_out_errors(results)
    for text in dict.fromkeys(map(str, errors)):
        click.echo(wrapped(f"Error: {text}", sys.stderr), err=True)
    if errors or not fits:
        raise click.exceptions.Exit(1)


def _left_out_errors(results: Sequence[Any]) -> list[CheckError]:
    """An error for each result whose accuracy leaves more than a tenth of the photos out."""
    from .accuracy_notes import left_out_error

    found = [left_out_error(result.accuracy) for result in results if result.accuracy is not None]
    return [error for error in found if error is not None]


def _settings(options: dict[str, Any]) -> BenchmarkSettings:
    """The settings that the options make. Raises InputError if they contradict each other."""
    threads, apk = options.pop("threads"), options.pop("apk")
    given = GivenInput.of(options.pop("mean"), options.pop("std"), options.pop("res"))
    measurement = {
        field.name: options.pop(field.name) for field in fields(MeasurementSettings) if field.name in options
    }
    return BenchmarkSettings(
        measurement=MeasurementSettings(**measurement, given=given),
        threads=tuple(dict.fromkeys(threads)),
        apk=apk if options.pop("app") else None,
        **options,
    )


def _measure(paths: Sequence[Path], settings: BenchmarkSettings, stderr: TextIO) -> tuple[list[Any], list[Any]]:
    """Choose, check, install, and only then measure.

    Returns an Outcome for each model, target and number of threads, and the errors of folders without models.
    """
    from .jobs import make_jobs
    from .sweep import find_models, sweep_targets
    from .targets import check_inputs, choose_targets, install_app

    models, errors = find_models(paths)
    if not models:
        raise errors[0]
    targets = choose_targets(settings)
    check_inputs(settings, models)
    if settings.apk is not None:
        install_app(targets, settings.apk)
    jobs = make_jobs(settings, models, targets)
    with progress_shown(stderr) as on_progress:
        outcomes = sweep_targets(
            jobs, overwrite=settings.overwrite, cool_down=settings.cool_down, on_progress=on_progress
        )
    return outcomes, [*errors]


def _warn(outcomes: Sequence[Any], stderr: TextIO) -> None:
    reused = sum(outcome.reused for outcome in outcomes)
    if reused:
        warn(f"{reused} of {len(outcomes)} were measured before; --overwrite measures them again.", stderr)
    for note in dict.fromkeys(note for outcome in outcomes if outcome.result for note in outcome.result.notes):
        warn(note, stderr)
