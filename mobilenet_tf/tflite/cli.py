"""mobilenet-classify: classify photos with a .tflite file, or find similar ones."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mobilenet_tf.console import command_edge
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.standard_streams import Command
from mobilenet_tf.terminal import printable

from .options import model_options, verbose_option
from .photos_given import Answers, answers_of, each_photo, end, find, outcomes_json, print_lines
from .similar_cli import find_similar, print_similar

if TYPE_CHECKING:
    from mobilenet_tf.contract.places import PlaceCell

    from .classifier import Prediction

__all__ = ["classify"]

NO_TAG = "none of its tags"


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
    help="Number of classes, or of similar photos, to show for each photo. Of tags all above their thresholds are "
    "shown, or, if the file carries none, all above 50 % too.",
)
@click.option(
    "--similar",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="With a model of embeddings: show the photos in this folder that are most like each of PHOTOS, with the "
    "cosine of both, --top of them.",
)
@model_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document instead of a line per photo.")
@verbose_option
@click.version_option(package_name="mobilenet-tf")
def classify(
    model: Path,
    photos: tuple[Path, ...],
    top: int,
    similar: Path | None,
    as_json: bool,
    verbose: bool,
    **options: Any,
) -> None:
    """Classify PHOTOS (files or folders; default: the bundled photos) with a .tflite, or find similar ones.

    \b
    mobilenet-classify build/export/mobilenet_v1_a0.50_r160/mobilenet_v1_a0.50_r160_int8.tflite photo.jpg
    mobilenet-classify build/export/mobilenet_v1_a0.50_r160_embedding/ photo.jpg --similar photos/

    Exit status: 0 if all photos are classified, 1 if some are left out, 2 for wrong usage or input, 130 if interrupted.
    """
    with command_edge(verbose) as stderr:
        given = find(photos, stderr)
        found = None if similar is None else find_similar(model, similar, given, stderr, top=top, **options)
        answers = None if found else answers_of(model, partial(_classify, top, options), given, stderr)
    if found is not None:
        print_similar(found, given.unread_count, as_json=as_json)
        return
    assert answers is not None
    if as_json:
        click.echo(outcomes_json(answers.outcomes, _as_json))
    else:
        click.echo(f"{printable(answers.name)} on {answers.backend}")
        print_lines(answers.outcomes, partial(_text, answers.names))
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


def _text(names: dict[str, str], answer: "Prediction") -> str:
    return ", ".join(f"{name} {score:.0%}" for name, score in _named(answer, names)) or NO_TAG


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
