"""mobilenet-detect: objects on photos by a .tflite detector."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobilenet_tf.console import command_edge
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import printable, table, wrapped

from .options import model_options, verbose_option
from .photos_given import Answers, answers_of, each_photo, end, find, outcomes_json

if TYPE_CHECKING:
    from .detector import DetectedPhoto

__all__ = ["detect"]


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
@model_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of the table.")
@verbose_option
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
        given = find(photos, stderr)
        if draw is not None:
            check_folder(draw, given.paths, overwrite=overwrite)
        answers = answers_of(model, partial(_detect, options), given, stderr)
        if draw is not None:
            draw_all(draw, {one.path: one.answer.objects for one in answers.outcomes if one.answer is not None})
    if as_json:
        click.echo(outcomes_json(answers.outcomes, _as_json))
    else:
        _print_table(answers, draw)
    end(answers.outcomes, given.unread_count, "Done with")


def _detect(options: dict[str, Any], model: Path, paths: Sequence[Path], on_progress: OnProgress) -> Answers:
    from .detector import Detector
    from .process_limits import allow_more_memory

    chosen = {name: options[name] for name in ("threshold", "most")}
    allow_more_memory(options["threads"] - 1)
    detector = Detector(model, **{name: value for name, value in options.items() if name not in chosen})
    outcomes = each_photo(paths, partial(detector.detect, **chosen), detector.res, "detect", on_progress)
    return Answers(detector.path.name, detector.backend, detector.notes, outcomes)


def _print_table(answers: Answers, draw: Path | None) -> None:
    click.echo(f"{printable(answers.name)} on {answers.backend}")
    rows = []
    for outcome in answers.outcomes:
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


def _as_json(photo: "DetectedPhoto") -> dict[str, Any]:
    return {
        "width": photo.width,
        "height": photo.height,
        "objects": [
            {"label": one.label, "class_id": one.class_id, "score": one.score, "box": [*one.box]}
            for one in photo.objects
        ],
        "inference_ms": photo.inference_ms,
    }
