"""mobilenet-classify: classify photos with a .tflite file."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TextIO

import click

from mobilenet_tf.console import command_edge, progress_shown, warn
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import columns_of, printable, shortened, width_of, wrapped

from .options import input_options

__all__ = ["classify"]

MOST_COLUMNS_OF_A_NAME = 30  # on a terminal
MOST_ERRORS = 3  # that are told if no path gives a photo


@dataclass(frozen=True)
class _Outcome:
    """What came of one photo: a Prediction, or the error that says why there is none."""

    path: Path
    prediction: Any = None
    error: str | None = None


@dataclass(frozen=True)
class _Answers:
    """What a model said of photos, and of itself. names: how the labels of the outcomes are printed."""

    name: str
    backend: str
    notes: list[str]
    outcomes: list[_Outcome]
    names: dict[str, str]


@click.command("mobilenet-classify", cls=Command, context_settings={"show_default": True})
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("photos", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=3,
    help="Number of classes to show for each photo; of tags, all above 50 % are shown too.",
)
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
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a line per photo.")
@click.option("--verbose", is_flag=True, help="Show what the interpreter prints.")
@click.version_option(package_name="mobilenet-tf")
def classify(model: Path, photos: tuple[Path, ...], top: int, as_json: bool, verbose: bool, **options: Any) -> None:
    """Classify PHOTOS (files or folders; default: the bundled photos) with a .tflite.

    \b
    mobilenet-classify build/export/mobilenet_v1_a0.50_r160/mobilenet_v1_a0.50_r160_int8.tflite photo.jpg

    Exit status: 0 if all photos are classified, 1 if some are left out, 2 for wrong usage or input, 130 if interrupted.
    """
    with command_edge(verbose) as stderr:
        try:
            paths, failed, unread_count = _find(photos, stderr)
            no_photos = None
        except ImagesError as error:
            paths, failed, unread_count, no_photos = [], [], 0, error
        with progress_shown(stderr) as on_progress:
            answers = _answers(model, paths, top, options, on_progress)
        for note in answers.notes:
            warn(note, stderr)
        if no_photos is not None:  # what is wrong with the model is said first
            raise no_photos
        outcomes = [*answers.outcomes, *failed]
    if as_json:
        click.echo(json.dumps([_as_json(outcome) for outcome in outcomes], indent=2))
    else:
        click.echo(f"{printable(answers.name)} on {answers.backend}")
        _print_lines(outcomes, answers.names)
    _end(outcomes, unread_count)


def _answers(
    model: Path, paths: Sequence[Path], top: int, options: dict[str, Any], on_progress: OnProgress
) -> _Answers:
    """What the model says of the photos, in a process of its own: a damaged file may crash the interpreter."""
    from .child_process import run_in_child_process
    from .model_file import model_file

    file, notes = model_file(model)
    answers = run_in_child_process(file, partial(_classify, file, paths, top, options), on_progress)
    return replace(answers, notes=[*notes, *answers.notes])


def _find(photos: Sequence[Path], stderr: TextIO) -> tuple[list[Path], list[_Outcome], int]:
    """(The photos, those in folders included; the paths that give none; the number of files of unread kinds).

    Raises ImagesError if there is no photo at all.
    """
    from mobilenet_tf.data.photos import bundled_photos

    paths: list[Path] = []
    failed: list[_Outcome] = []
    unread_count = 0
    for photo in photos or [bundled_photos()]:
        try:
            found, count = _photos_at(photo, stderr)
        except ImagesError as error:
            failed.append(_Outcome(photo, error=str(error)))
            continue
        paths += found
        unread_count += count
    if not paths:
        raise ImagesError("\n".join(str(outcome.error) for outcome in failed[:MOST_ERRORS]))
    return paths, failed, unread_count


def _photos_at(photo: Path, stderr: TextIO) -> tuple[Sequence[Path], int]:
    """(The photo itself or the photos in the folder, the number of files there of kinds that are not read).

    Raises ImagesError for a path that does not exist or cannot be looked at, and a folder without photos.
    """
    from mobilenet_tf.data.photos import find_photos

    from .file_kind import absence

    try:
        if not photo.is_dir():
            if (problem := absence(photo)) is not None:
                raise ImagesError(f"expected photos or folders of photos; {photo} {problem}.")
            return [photo], 0
        found = find_photos(photo)
    except OSError as error:  # a name that is too long, or a folder that may not be looked into
        raise ImagesError(f"cannot read {photo}: {error.strerror or error}.") from error
    for line in found.unread:
        warn(f"{printable(str(photo))}: {printable(line)}", stderr)
    return found.paths, found.unread_count


def _classify(
    model: Path, paths: Sequence[Path], top: int, options: dict[str, Any], on_progress: OnProgress
) -> _Answers:
    import numpy as np

    from .classifier import Classifier
    from .label_text import short_names
    from .process_limits import allow_more_memory

    allow_more_memory(options["threads"] - 1)
    classifier = Classifier(model, **options)
    if paths:
        # The first inference allocates memory: its time is not shown.
        classifier.classify(np.zeros((classifier.res, classifier.res, 3), np.uint8))
    outcomes = []
    for number, path in enumerate(paths):
        on_progress("classify", number / len(paths))
        try:
            outcomes.append(_Outcome(path, classifier.classify(path, top)))
        except ImagesError as error:
            outcomes.append(_Outcome(path, error=str(error)))
    names, given = short_names(classifier.labels), [one.prediction.classes for one in outcomes if one.prediction]
    shown = {label: names[label] for classes in given for label, _ in classes}
    return _Answers(classifier.path.name, classifier.backend, classifier.notes, outcomes, shown)


def _print_lines(outcomes: Sequence[_Outcome], names: dict[str, str]) -> None:
    texts = [printable(outcome.path.name) for outcome in outcomes]
    if columns_of(sys.stdout) is not None:
        texts = [shortened(text, MOST_COLUMNS_OF_A_NAME) for text in texts]
    width = max(map(width_of, texts))
    for text, outcome in zip(texts, outcomes, strict=True):
        if outcome.prediction is not None:
            named = ", ".join(f"{names[label]} {score:.0%}" for label, score in outcome.prediction.classes)
            padding = " " * (width - width_of(text))
            line = f"{text}{padding}  {outcome.prediction.inference_ms:6.2f} ms  {named}"
            click.echo(wrapped(line, indent=width + 2))


def _as_json(outcome: _Outcome) -> dict[str, Any]:
    if outcome.prediction is None:
        return {"path": str(outcome.path), "error": outcome.error}
    return {
        "path": str(outcome.path),
        "classes": [{"label": label, "score": score} for label, score in outcome.prediction.classes],
        "inference_ms": outcome.prediction.inference_ms,
    }


def _end(outcomes: Sequence[_Outcome], unread_count: int) -> None:
    """Name the photos that are left out, if there are any, and end with exit status 1."""
    from mobilenet_tf.data.left_out_text import first_lines

    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    for line in first_lines([f"Error: {printable(error)}" for error in errors], "{count} more photos are left out."):
        click.echo(wrapped(line, sys.stderr), err=True)
    seen = len(outcomes) + unread_count
    if errors or unread_count:
        click.echo(f"Classified {len(outcomes) - len(errors)} of {seen} photos.", err=True)
        raise click.exceptions.Exit(1)
