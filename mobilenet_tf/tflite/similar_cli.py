"""mobilenet-classify --similar: which photos of a folder are most like others."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from mobilenet_tf.errors import InputError
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.terminal import printable

from .photos_given import Answers, GivenPhotos, Outcome, answers_of, end, find, outcomes_json, print_lines

if TYPE_CHECKING:
    from .similar import SimilarPhotos

__all__ = ["SimilarAnswers", "find_similar", "print_similar"]

NO_PHOTO = "no other photo"


@dataclass(frozen=True)
class SimilarAnswers(Answers):
    """unread: the photos of the folder that cannot be read. unread_count: how many files of other kinds it has.

    among_count: how many photos the folder has, all of these included.
    """

    folder: Path
    unread: list[Outcome]
    unread_count: int
    among_count: int


def find_similar(
    model: Path, folder: Path, photos: GivenPhotos, stderr: TextIO, *, top: int, **options: Any
) -> SimilarAnswers:
    """For each of the photos those in the folder that are most like it.

    top: how many at most. options: of Embedder. Raises ModelError, ImagesError or InputError.
    """
    if options.pop("labels") is not None:
        raise InputError("--labels names classes; --similar compares photos. Leave one of them out.")
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise InputError(
            f"expected --similar to be a folder of photos; {folder} is none.\n"
            "Give the folder, and the photos that are looked up in it before --similar."
        )
    among = find([folder], stderr, photos.noted)
    if among.error is not None:
        raise among.error
    return answers_of(model, partial(_answers, folder, among, top, options), photos, stderr)


def _answers(
    folder: Path,
    among: GivenPhotos,
    top: int,
    options: dict[str, Any],
    model: Path,
    paths: Sequence[Path],
    on_progress: OnProgress,
) -> SimilarAnswers:
    from .embedder import Embedder
    from .process_limits import allow_more_memory
    from .similar import similar_photos

    allow_more_memory(options["threads"] - 1)
    embedder = Embedder(model, **options)
    outcomes, unread = similar_photos(embedder, paths, among.paths, top, on_progress)
    facts = (embedder.path.name, embedder.backend, embedder.notes)
    return SimilarAnswers(*facts, outcomes, folder, unread, among.unread_count, len(among.paths) + among.unread_count)


def print_similar(answers: SimilarAnswers, unread_count: int, *, as_json: bool) -> None:
    """Print them, and end with exit status 1 if a photo is left out, of those that were looked up or of the folder.

    unread_count: how many files of other kinds there are beside the photos that were looked up.
    """
    if as_json:
        click.echo(outcomes_json(answers.outcomes, _as_json))
    else:
        click.echo(f"{printable(answers.name)} on {answers.backend}")
        print_lines(answers.outcomes, partial(_text, answers.folder))
    looked_up = {os.path.realpath(one.path) for one in answers.outcomes}
    beside = [one for one in answers.unread if os.path.realpath(one.path) not in looked_up]
    end(answers.outcomes, unread_count, "Compared", beside=beside, sentence=_left_out_of_the_folder(answers))


def _left_out_of_the_folder(answers: SimilarAnswers) -> str:
    """A sentence on the photos of the folder that cannot be read; empty if all can."""
    left_out, count = len(answers.unread) + answers.unread_count, answers.among_count
    if not left_out:
        return ""
    return f"Compared with {count - left_out} of the {count} photos in {printable(str(answers.folder))}."


def _text(folder: Path, answer: "SimilarPhotos") -> str:
    """The photos by their paths below the folder, each with its cosine."""
    named = (
        (path.relative_to(folder) if path.is_relative_to(folder) else path, cosine) for path, cosine in answer.photos
    )
    return ", ".join(f"{printable(str(path))} {cosine:.3f}" for path, cosine in named) or NO_PHOTO


def _as_json(answer: "SimilarPhotos") -> dict[str, Any]:
    return {
        "similar": [{"path": str(path), "cosine": cosine} for path, cosine in answer.photos],
        "inference_ms": answer.inference_ms,
    }
