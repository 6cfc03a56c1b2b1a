"""mobilenet-classify: classify photos with a .tflite file."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobilenet_tf.console import command_edge, progress_shown, warn
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import columns_of, printable, shortened, width_of, wrapped

from .options import input_options
from .photos_given import Outcome, end, find

if TYPE_CHECKING:
    from mobilenet_tf.contract.places import PlaceCell

    from .classifier import Prediction

__all__ = ["classify"]

NO_TAG = "none of its tags"
MOST_COLUMNS_OF_A_NAME = 30  # on a terminal


@dataclass(frozen=True)
class _Answers:
    """What a model said of photos, and of itself. names: how the labels of the outcomes are printed."""

    name: str
    backend: str
    notes: list[str]
    outcomes: list[Outcome]
    names: dict[str, str]


@click.command("mobilenet-classify", cls=Command, context_settings={"show_default": True})
@click.argument("model", type=click.Path(path_type=Path))
@click.argument("photos", type=click.Path(path_type=Path), nargs=-1)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=3,
    help="Number of classes to show for each photo. Of tags all above their thresholds are shown, or, if the file "
    "carries none, all above 50 % too.",
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
            paths, failed, unread_count = find(photos, stderr)
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
    end(outcomes, unread_count, "Classified")


def _answers(
    model: Path, paths: Sequence[Path], top: int, options: dict[str, Any], on_progress: OnProgress
) -> _Answers:
    """What the model says of the photos, in a process of its own: a damaged file may crash the interpreter."""
    from .child_process import run_in_child_process
    from .model_file import model_file

    file, notes = model_file(model)
    answers = run_in_child_process(file, partial(_classify, file, paths, top, options), on_progress)
    return replace(answers, notes=[*notes, *answers.notes])


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
            outcomes.append(Outcome(path, classifier.classify(path, top)))
        except ImagesError as error:
            outcomes.append(Outcome(path, error=str(error)))
    names, given = short_names(classifier.labels), [one.answer.classes for one in outcomes if one.answer]
    shown = {label: names[label] for classes in given for label, _ in classes}
    return _Answers(classifier.path.name, classifier.backend, classifier.notes, outcomes, shown)


def _print_lines(outcomes: Sequence[Outcome], names: dict[str, str]) -> None:
    texts = [printable(outcome.path.name) for outcome in outcomes]
    if columns_of(sys.stdout) is not None:
        texts = [shortened(text, MOST_COLUMNS_OF_A_NAME) for text in texts]
    width = max(map(width_of, texts))
    for text, outcome in zip(texts, outcomes, strict=True):
        if outcome.answer is not None:
            named = ", ".join(f"{name} {score:.0%}" for name, score in _named(outcome.answer, names)) or NO_TAG
            padding = " " * (width - width_of(text))
            line = f"{text}{padding}  {outcome.answer.inference_ms:6.2f} ms  {named}"
            click.echo(wrapped(line, indent=width + 2))


def _named(answer: "Prediction", names: dict[str, str]) -> Iterator[tuple[str, float]]:
    """How each class is printed, with its score: by its label, or as a place."""
    for (label, score), place in zip(answer.classes, _places(answer), strict=True):
        yield names[label] if place is None else str(place), score


def _places(answer: "Prediction") -> "Sequence[PlaceCell | None]":
    return [None] * len(answer.classes) if answer.places is None else answer.places


def _place_as_json(place: "PlaceCell") -> dict[str, Any]:
    return {"latitude": place.latitude, "longitude": place.longitude, "radius_km": place.radius_km}


def _as_json(outcome: Outcome) -> dict[str, Any]:
    if outcome.answer is None:
        return {"path": str(outcome.path), "error": outcome.error}
    return {
        "path": str(outcome.path),
        "classes": [
            {"label": label, "score": score, **({} if place is None else _place_as_json(place))}
            for (label, score), place in zip(outcome.answer.classes, _places(outcome.answer), strict=True)
        ],
        "inference_ms": outcome.answer.inference_ms,
    }
