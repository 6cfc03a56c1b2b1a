"""mobilenet-detect: objects on photos by a .tflite detector."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from mobilenet_tf.console import command_edge, progress_shown, warn
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import printable, table, wrapped

from .options import input_options
from .photos_given import Outcome, end, find

__all__ = ["detect"]


@dataclass(frozen=True)
class _Answers:
    """What a model found on photos, and said of itself."""

    name: str
    backend: str
    notes: list[str]
    outcomes: list[Outcome]


@click.command("mobilenet-detect", cls=Command, context_settings={"show_default": True})
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("photos", type=click.Path(path_type=Path), nargs=-1)
@click.option("--threshold", type=click.FloatRange(0, 1), default=0.5, help="Least score of an object that is shown.")
@click.option(
    "--most", type=click.IntRange(min=1), default=20, help="Number of objects to show for each photo at most."
)
@click.option(
    "--draw",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder in which each photo is written with the boxes drawn on it.",
)
@click.option("--overwrite", is_flag=True, help="Replace photos of the same names in the folder of --draw.")
@click.option(
    "--labels",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The class names, one a line, in place of those that the model carries.",
)
@input_options
@click.option("--threads", type=int, default=1, help="Number of threads for one inference.")
@click.option(
    "--backend",
    type=click.Choice(["auto", "ai-edge-litert", "tflite-runtime"]),
    default="auto",
    help="Interpreter to run the model with; auto takes the first one that is installed.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
@click.option("--verbose", is_flag=True, help="Show what the interpreter prints.")
@click.version_option(package_name="mobilenet-tf")
def detect(
    model: Path, photos: tuple[Path, ...], draw: Path | None, as_json: bool, verbose: bool, **options: Any
) -> None:
    """Find objects on PHOTOS (files or folders; default: the bundled photos) with a .tflite detector.

    \b
    mobilenet-detect build/export/ssd_mobilenet_v1_a0.50_r300_raccoon photo.jpg --draw out/

    Exit status: 0 if all photos are done, 1 if some are left out, 2 for wrong usage or input, 130 if interrupted.
    """
    from .drawing import check_folder, draw_all

    overwrite = options.pop("overwrite")
    with command_edge(verbose) as stderr:
        try:
            paths, failed, unread_count = find(photos, stderr)
            no_photos = None
        except ImagesError as error:
            paths, failed, unread_count, no_photos = [], [], 0, error
        if draw is not None:
            check_folder(draw, paths, overwrite=overwrite)
        with progress_shown(stderr) as on_progress:
            answers = _answers(model, paths, options, on_progress)
        for note in answers.notes:
            warn(note, stderr)
        if no_photos is not None:  # what is wrong with the model is said first
            raise no_photos
        if draw is not None:
            draw_all(draw, {one.path: one.answer.objects for one in answers.outcomes if one.answer is not None})
        outcomes = [*answers.outcomes, *failed]
    if as_json:
        click.echo(json.dumps([_as_json(outcome) for outcome in outcomes], indent=2))
    else:
        _print_table(answers, outcomes, draw)
    end(outcomes, unread_count, "Done with")


def _answers(model: Path, paths: Sequence[Path], options: dict[str, Any], on_progress: OnProgress) -> _Answers:
    """What the model finds on the photos, in a process of its own: a damaged file may crash the interpreter."""
    from .child_process import run_in_child_process
    from .model_file import model_file

    file, notes = model_file(model)
    answers = run_in_child_process(file, partial(_detect, file, paths, options), on_progress)
    return replace(answers, notes=[*notes, *answers.notes])


def _detect(model: Path, paths: Sequence[Path], options: dict[str, Any], on_progress: OnProgress) -> _Answers:
    import numpy as np

    from .detector import Detector
    from .process_limits import allow_more_memory

    chosen = {name: options[name] for name in ("threshold", "most")}
    allow_more_memory(options["threads"] - 1)
    detector = Detector(model, **{name: value for name, value in options.items() if name not in chosen})
    if paths:
        # The first inference allocates memory: its time is not shown.
        detector.detect(np.zeros((detector.res, detector.res, 3), np.uint8))
    outcomes = []
    for number, path in enumerate(paths):
        on_progress("detect", number / len(paths))
        try:
            outcomes.append(Outcome(path, detector.detect(path, **chosen)))
        except ImagesError as error:
            outcomes.append(Outcome(path, error=str(error)))
    return _Answers(detector.path.name, detector.backend, detector.notes, outcomes)


def _print_table(answers: _Answers, outcomes: Sequence[Outcome], draw: Path | None) -> None:
    click.echo(f"{printable(answers.name)} on {answers.backend}")
    rows = []
    for outcome in outcomes:
        if outcome.answer is None:
            continue
        photo, name = outcome.answer, printable(outcome.path.name)
        first = [name, f"{photo.inference_ms:.2f} ms"]
        for found in photo.objects:
            left, top, right, bottom = found.pixels(photo.width, photo.height)
            rows.append([*first, printable(found.label), f"{found.score:.0%}", f"{left},{top} {right},{bottom}"])
            first = ["", ""]
        if not photo.objects:
            rows.append([*first, "nothing", "-", "-"])
    if rows:
        click.echo(table(["photo", "latency", "object", "score", "left,top right,bottom"], rows))
    if draw is not None:
        click.echo(wrapped(f"Written: {printable(str(draw))}/"))


def _as_json(outcome: Outcome) -> dict[str, Any]:
    if outcome.answer is None:
        return {"path": str(outcome.path), "error": outcome.error}
    photo = outcome.answer
    return {
        "path": str(outcome.path),
        "width": photo.width,
        "height": photo.height,
        "objects": [
            {"label": one.label, "class_id": one.class_id, "score": one.score, "box": [*one.box]}
            for one in photo.objects
        ],
        "inference_ms": photo.inference_ms,
    }
