"""mobilenet-benchmark: how fast, how large and how accurate .tflite classifiers are, here or on an Android device."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import click

from mobilenet_tf.console import NumberList, command_edge, progress_bar, table, warn
from mobilenet_tf.results.limit_options import limit_options

__all__ = ["benchmark"]


@click.command("mobilenet-benchmark", context_settings={"show_default": True})
@click.argument("models", metavar="MODEL...", type=click.Path(path_type=Path), nargs=-1, required=True)
@click.option("--images", type=click.Path(path_type=Path), metavar="DIR", help="Labelled photos: measure accuracy too.")
@click.option(
    "--ground-truth",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Lines `file,label` for --images; without it folders or wnids tell the class.",
)
@click.option("--labels", type=click.Path(path_type=Path), metavar="FILE", help="One class name a line.")
@click.option(
    "--background-offset",
    type=click.IntRange(0, 1),
    help="1: class 0 is the background, which the labels leave out.  [default: as the model's own labels tell]",
)
@click.option("--threads", type=NumberList(int), default=[1], help="Threads of one inference; several: each in turn.")
@click.option("--runs", type=click.IntRange(min=1), default=100, help="Inferences timed, at least.")
@click.option("--warmup", type=click.IntRange(min=0), default=10, help="Inferences before these.")
@click.option("--min-seconds", type=click.FloatRange(min=0), default=1.0, help="Time at least this long.")
@click.option(
    "--sustained", type=click.FloatRange(min=0), default=0.0, metavar="SECONDS", help="Then infer without a pause."
)
@click.option("--profile", is_flag=True, help="Time each op of the graph, alone.")
@click.option("--cool-down", type=click.FloatRange(min=0), default=0.0, help="Seconds between two models.")
@click.option(
    "--backend",
    type=click.Choice(["auto", "ai-edge-litert", "tflite-runtime", "tf.lite"]),
    default="auto",
    help="Interpreter; auto takes the first that is installed, and never TensorFlow's.",
)
@click.option(
    "--target",
    multiple=True,
    default=["host"],
    metavar="host|adb[:SERIAL]",
    help="Where to measure; several devices, each with --target, at once.",
)
@click.option("--accelerator", type=click.Choice(["cpu", "gpu", "nnapi"]), default="cpu", help="Of an Android device.")
@click.option(
    "--benchmark-binary",
    "binary",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="TensorFlow's benchmark_model for the device's ABI; without it the demo app there measures.",
)
@click.option("--app", is_flag=True, help="Install the demo app on the device first; it measures.")
@click.option(
    "--apk",
    type=click.Path(path_type=Path),
    default=Path("build/apk/mobilenet-demo.apk"),
    metavar="FILE",
    help="What --app installs.",
)
@limit_options
@click.option("--predict", is_flag=True, help="Predict the paper's networks that were not measured.")
@click.option(
    "--output-dir", type=click.Path(path_type=Path), default=Path("build/results"), help="Folder of the results."
)
@click.option("--overwrite", is_flag=True, help="Measure again what has a result there already.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
@click.option("--verbose", is_flag=True, help="Show what the interpreter prints.")
@click.version_option(package_name="mobilenet-tf")
def benchmark(models: tuple[Path, ...], as_json: bool, verbose: bool, predict: bool, **options: Any) -> None:
    """Measure MODEL... (.tflite files, or folders of them) on this host or on Android devices.

    \b
    mobilenet-benchmark build/export --images photos/ --max-latency-ms 5
    mobilenet-benchmark build/export --target adb --threads 1,4
    mobilenet-report build/results -o report.html

    Writes one result a model into OUTPUT_DIR; a model that has one there is not measured again. Exit status: 0 done,
    1 no model is within the limits, 2 wrong usage or input, or a model that cannot be measured.
    """
    from .jobs import limits_of, prepare_jobs
    from .sweep import sweep_targets

    with command_edge(verbose) as stderr:
        targets = prepare_jobs(models, options)
        with progress_bar(100 * sum(map(len, targets)), stderr) as bar:

            def tell(done: float, job: Any, what: str) -> None:
                bar.update(int(100 * done) - bar.pos, f"{job.model.stem}: {what}")

            found = sweep_targets(targets, again=options["overwrite"], cool_down=options["cool_down"], tell=tell)
        failed = [measured.error for measured in found if measured.error is not None]
        if len(failed) == len(found):
            raise failed[0]
        _note(found, stderr)
    results = [measured.result for measured in found if measured.result is not None]
    limits = limits_of(options)
    chosen = _print(results, limits, predict=predict or limits["max_latency_ms"] is not None, as_json=as_json)
    for error in failed:
        click.echo(f"Error: {error}", err=True)
    if failed or not chosen:
        raise click.exceptions.Exit(failed[0].exit_status if failed else 1)


def _note(found: Sequence[Any], stderr: TextIO) -> None:
    kept = sum(measured.kept for measured in found)
    if kept:
        warn(f"{kept} of {len(found)} were measured before; --overwrite measures them again.", stderr)
    for note in dict.fromkeys(note for measured in found if measured.result for note in measured.result.notes):
        warn(note, stderr)


def _print(results: Sequence[Any], limits: Any, *, predict: bool, as_json: bool) -> bool:
    """Print the results; whether a model is within the limits, where there are any."""
    from mobilenet_tf.results.latency_text import prediction_text
    from mobilenet_tf.results.selection import choose

    limited = any(limit is not None for limit in limits.values())
    choice = choose(results, **limits) if limited else None
    if as_json:
        click.echo(json.dumps([_document(result, choice) for result in results], indent=2))
        return choice is None or choice.result is not None
    header = ["model", "threads", "p50 ms", "p90 ms", "size MB", "top-1", "top-5", "XNNPACK"]
    click.echo(table(header, [_row(result) for result in results]))
    click.echo(f"\nOne inference on {_places(results)}; preprocessing is not counted.")
    if predict and (text := prediction_text(results, limits["max_latency_ms"])):
        click.echo(f"\n{text}")
    if choice is not None:
        click.echo(f"\n{choice.reason}")
    return choice is None or choice.result is not None


def _row(result: Any) -> list[str]:
    latency, accuracy = result.latency_ms, result.accuracy
    p90 = "-" if latency.p90 is None else f"{latency.p90:.2f}"
    shares = ["-", "-"] if accuracy is None else [f"{accuracy.top1:.1%}", f"{accuracy.top5:.1%}"]
    size = f"{result.size_bytes / 1e6:.2f}"
    return [result.name, str(result.threads), f"{latency.p50:.2f}", p90, size, *shares, result.xnnpack]


def _places(results: Sequence[Any]) -> str:
    return "; ".join(dict.fromkeys(f"{r.environment.cpu}, {r.backend}, {r.accelerator.upper()}" for r in results))


def _document(result: Any, choice: Any) -> dict[str, Any]:
    latency = asdict(result.latency_ms)
    latency.pop("samples")
    accuracy = result.accuracy
    return {
        "name": result.name,
        "path": result.path,
        "target": result.target,
        "backend": result.backend,
        "xnnpack": result.xnnpack,
        "accelerator": result.accelerator,
        "threads": result.threads,
        "size_bytes": result.size_bytes,
        "latency_ms": latency,
        "stages_ms": asdict(result.stages_ms),
        "peak_memory_bytes": result.peak_memory_bytes,
        "top1": None if accuracy is None else accuracy.top1,
        "top5": None if accuracy is None else accuracy.top5,
        "images": None if accuracy is None else accuracy.images,
        "chosen": choice is not None and choice.result is result,
        "environment": asdict(result.environment),
        "notes": result.notes,
    }
