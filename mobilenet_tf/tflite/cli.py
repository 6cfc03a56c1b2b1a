"""mobilenet-classify: classify photos with a .tflite file."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobilenet_tf.console import command_edge
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import columns_of, printable, shortened, width_of, wrapped

from .options import model_options, verbose_option
from .photos_given import Answers, Outcome, answers_of, each_photo, end, find, outcomes_json

if TYPE_CHECKING:
    from mobilenet_tf.contract.places import PlaceCell

    from .classifier import Prediction

__all__ = ["classify"]

NO_TAG = "none of its tags"
MOST_COLUMNS_OF_A_NAME = 30  # on a terminal


@dataclass(frozen=True)
class _NamedAnswers(Answers):
    """names: how the labels of the outcomes are printed."""

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
@model_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a line per photo.")
@verbose_option
@click.version_option(package_name="mobilenet-tf")
def classify(model: Path, photos: tuple[Path, ...], top: int, as_json: bool, verbose: bool, **options: Any) -> None:
    """Classify PHOTOS (files or folders; default: the bundled photos) with a .tflite.

    \b
    mobilenet-classify build/export/mobilenet_v1_a0.50_r160/mobilenet_v1_a0.50_r160_int8.tflite photo.jpg

    Exit status: 0 if all photos are classified, 1 if some are left out, 2 for wrong usage or input, 130 if interrupted.
    """
    with command_edge(verbose) as stderr:
        given = find(photos, stderr)
        answers = answers_of(model, partial(_classify, top, options), given, stderr)
    if as_json:
        click.echo(outcomes_json(answers.outcomes, _as_json))
    else:
        click.echo(f"{printable(answers.name)} on {answers.backend}")
        _print_lines(answers.outcomes, answers.names)
    end(answers.outcomes, given.unread_count, "Classified")


def _classify(
    top: int, options: dict[str, Any], model: Path, paths: Sequence[Path], on_progress: OnProgress
) -> _NamedAnswers:
    from .classifier import Classifier
    from .label_text import short_names
    from .process_limits import allow_more_memory

    allow_more_memory(options["threads"] - 1)
    classifier = Classifier(model, **options)
    answer = partial(classifier.classify, top=top)
    outcomes = each_photo(paths, answer, classifier.res, "classify", on_progress)
    names, given = short_names(classifier.labels), [one.answer.classes for one in outcomes if one.answer]
    shown = {label: names[label] for classes in given for label, _ in classes}
    return _NamedAnswers(classifier.path.name, classifier.backend, classifier.notes, outcomes, shown)


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


def _as_json(answer: "Prediction") -> dict[str, Any]:
    return {
        "classes": [
            {"label": label, "score": score, **({} if place is None else _place_as_json(place))}
            for (label, score), place in zip(answer.classes, _places(answer), strict=True)
        ],
        "inference_ms": answer.inference_ms,
    }
