"""The photos that a command is given, in files and folders: what a model answers for each, and which give no answer."""

import json
import os
import sys
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from mobilenet_tf.console import progress_shown, warn
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.terminal import columns_of, printable, shortened, width_of, wrapped

if TYPE_CHECKING:
    from .given_photo import Photo

__all__ = [
    "Answers",
    "GivenPhotos",
    "Outcome",
    "answers_of",
    "each_photo",
    "end",
    "find",
    "outcomes_json",
    "print_lines",
]

MOST_COLUMNS_OF_A_NAME = 30  # on a terminal
MOST_ERRORS = 3  # that are told if no path gives a photo


@dataclass(frozen=True)
class Outcome:
    """What came of one photo: the answer of the model, or the error that says why there is none."""

    path: Path
    answer: Any = None
    error: str | None = None


@dataclass(frozen=True)
class Answers:
    """What a model said of photos, and of itself."""

    name: str
    backend: str
    notes: list[str]
    outcomes: list[Outcome]


AnyAnswers = TypeVar("AnyAnswers", bound=Answers)


@dataclass(frozen=True)
class GivenPhotos:
    """What a command was given.

    paths:        the photos, those in folders included.
    failed:       the given paths that lead to no photo.
    unread_count: the number of files in folders of kinds that are not read.
    error:        why there is no photo at all; None if there is one.
    noted:        what was said about these files.
    """

    paths: list[Path] = field(default_factory=list)
    failed: list[Outcome] = field(default_factory=list)
    unread_count: int = 0
    error: ImagesError | None = None
    noted: frozenset[str] = frozenset()


def find(photos: Sequence[Path], stderr: TextIO, noted: Set[str] = frozenset()) -> GivenPhotos:
    """Find the photos in these files and folders, the bundled ones if none is given.

    noted: notes that were printed already, which are not printed again.
    """
    from mobilenet_tf.data.photos import bundled_photos

    paths: list[Path] = []
    failed: list[Outcome] = []
    unread_count, said = 0, {*noted}
    for photo in photos or [bundled_photos()]:
        try:
            found, count = _photos_at(photo, stderr, said)
        except ImagesError as error:
            failed.append(Outcome(photo, error=str(error)))
            continue
        paths += found
        unread_count += count
    if not paths:
        return GivenPhotos(error=ImagesError("\n".join(str(outcome.error) for outcome in failed[:MOST_ERRORS])))
    return GivenPhotos(paths, failed, unread_count, noted=frozenset(said))


def _photos_at(photo: Path, stderr: TextIO, said: set[str]) -> tuple[Sequence[Path], int]:
    """(The photo itself or the photos in the folder, the number of files there of kinds that are not read).

    said: the notes that were printed, to which those on this folder are added.
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
    for note in [f"{printable(str(photo))}: {printable(line)}" for line in found.unread]:
        if note not in said:
            warn(note, stderr)
        said.add(note)
    return found.paths, found.unread_count


def answers_of(
    model: Path,
    ask: Callable[[Path, Sequence[Path], OnProgress], AnyAnswers],
    photos: GivenPhotos,
    stderr: TextIO,
) -> AnyAnswers:
    """What `ask` returns in a process of its own, because a damaged file may crash the interpreter.

    model: the file, or a folder with one. ask: gets the file and the photos. Both it and what it returns must pickle.
    Progress and notes are shown. The outcomes of what is returned include photos.failed.
    Raises ModelError, and only then photos.error: what is wrong with the model is said first.
    """
    from .child_process import run_in_child_process
    from .model_file import model_file

    with progress_shown(stderr) as on_progress:
        file, notes = model_file(model)
        answers = run_in_child_process(file, partial(ask, file, photos.paths), on_progress)
    for note in [*notes, *answers.notes]:
        warn(note, stderr)
    if photos.error is not None:
        raise photos.error
    return replace(answers, outcomes=[*answers.outcomes, *photos.failed])


def each_photo(
    paths: Sequence[Path], answer: Callable[["Photo"], Any], res: int, task: str, on_progress: OnProgress
) -> list[Outcome]:
    """An outcome for each photo: its answer, or the ImagesError that the answer raises.

    res: of the model's input. task: what progress is reported as.
    """
    import numpy as np

    if paths:
        answer(np.zeros((res, res, 3), np.uint8))  # the first inference allocates memory: its time is not shown
    outcomes = []
    for number, path in enumerate(paths):
        on_progress(task, number / len(paths))
        try:
            outcomes.append(Outcome(path, answer(path)))
        except ImagesError as error:
            outcomes.append(Outcome(path, error=str(error)))
    return outcomes


def outcomes_json(outcomes: Sequence[Outcome], answer_json: Callable[[Any], dict[str, Any]]) -> str:
    """One JSON document of all outcomes. answer_json: what is written of an answer."""
    records = [
        {"path": str(one.path), **({"error": one.error} if one.answer is None else answer_json(one.answer))}
        for one in outcomes
    ]
    return json.dumps(records, indent=2)


def print_lines(outcomes: Sequence[Outcome], text_of: Callable[[Any], str]) -> None:
    """A line for each photo that has an answer: its path below the folder that all of them are in, the time of the
    inference, and the answer in words.
    """
    answered = [outcome for outcome in outcomes if outcome.answer is not None]
    texts = [printable(text) for text in _paths_below([outcome.path for outcome in answered])]
    if columns_of(sys.stdout) is not None:
        texts = [shortened(text, MOST_COLUMNS_OF_A_NAME) for text in texts]
    width = max(map(width_of, texts), default=0)
    for text, outcome in zip(texts, answered, strict=True):
        padding = " " * (width - width_of(text))
        line = f"{text}{padding}  {outcome.answer.inference_ms:6.2f} ms  {text_of(outcome.answer)}"
        click.echo(wrapped(line, indent=width + 2))


def _paths_below(paths: Sequence[Path]) -> list[str]:
    """The paths below the deepest folder that holds all of them; as they are if none does, as on several drives."""
    whole = [os.path.abspath(path) for path in paths]
    try:
        folder = os.path.commonpath([os.path.dirname(path) for path in whole])
    except ValueError:
        return [str(path) for path in paths]
    return [os.path.relpath(path, folder) for path in whole]


def end(
    outcomes: Sequence[Outcome], unread_count: int, done: str, *, beside: Sequence[Outcome] = (), sentence: str = ""
) -> None:
    """Name the photos that are left out, if there are any, and end with exit status 1.

    done: the verb for the others. beside: errors of photos that are not counted among these. sentence: on those.
    """
    from mobilenet_tf.data.left_out_text import first_lines

    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    told = [*errors, *(str(outcome.error) for outcome in beside)]
    for line in first_lines([f"Error: {printable(error)}" for error in told], "{count} more photos are left out."):
        click.echo(wrapped(line, sys.stderr), err=True)
    seen = len(outcomes) + unread_count
    if errors or unread_count:
        click.echo(f"{done} {len(outcomes) - len(errors)} of {seen} photos.", err=True)
    if sentence:
        click.echo(wrapped(sentence, sys.stderr), err=True)
    if errors or unread_count or sentence:
        raise click.exceptions.Exit(1)
