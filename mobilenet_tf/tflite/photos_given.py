"""The photos that a command is given, in files and folders, and those among them that give no answer."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import click

from mobilenet_tf.console import warn
from mobilenet_tf.errors import ImagesError
from mobilenet_tf.terminal import printable, wrapped

__all__ = ["Outcome", "end", "find"]

MOST_ERRORS = 3  # that are told if no path gives a photo


@dataclass(frozen=True)
class Outcome:
    """What came of one photo: the answer of the model, or the error that says why there is none."""

    path: Path
    answer: Any = None
    error: str | None = None


def find(photos: Sequence[Path], stderr: TextIO) -> tuple[list[Path], list[Outcome], int]:
    """(The photos, those in folders included; the paths that give none; the number of files of unread kinds).

    Raises ImagesError if there is no photo at all.
    """
    from mobilenet_tf.data.photos import bundled_photos

    paths: list[Path] = []
    failed: list[Outcome] = []
    unread_count = 0
    for photo in photos or [bundled_photos()]:
        try:
            found, count = _photos_at(photo, stderr)
        except ImagesError as error:
            failed.append(Outcome(photo, error=str(error)))
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


def end(outcomes: Sequence[Outcome], unread_count: int, done: str) -> None:
    """Name the photos that are left out, if there are any, and end with exit status 1.

    done: the verb for the others.
    """
    from mobilenet_tf.data.left_out_text import first_lines

    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    for line in first_lines([f"Error: {printable(error)}" for error in errors], "{count} more photos are left out."):
        click.echo(wrapped(line, sys.stderr), err=True)
    seen = len(outcomes) + unread_count
    if errors or unread_count:
        click.echo(f"{done} {len(outcomes) - len(errors)} of {seen} photos.", err=True)
        raise click.exceptions.Exit(1)
