"""What a reader of tags returns: the files of photos in one place, and which tags are true of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mobilenet_tf.contract.labels import class_folder_problem
from mobilenet_tf.data.dataset import Int64
from mobilenet_tf.errors import DataError
from mobilenet_tf.terminal import printable

__all__ = ["TagFiles", "check_names"]


@dataclass(frozen=True)
class TagFiles:
    """tags:    their names, in the order of the columns of `marks`.
    paths:    of the photos.
    marks:    (n, tags) as TaggedPhotos.labels.
    absent:   what a tag is that this place does not name: 0, or UNKNOWN.
    skipped:  a line for each thing, or kind of thing, that is left out.
    left_out: the number of photos among these.
    by_content: whether photos of the same content are one photo, which has the tags of all.
    """

    tags: tuple[str, ...]
    paths: tuple[str, ...]
    marks: Int64
    absent: int
    skipped: tuple[str, ...] = ()
    left_out: int = 0
    notes: tuple[str, ...] = ()
    by_content: bool = False

    def with_tags(self, names: Sequence[str], place_of: Mapping[str, int]) -> "TagFiles":
        """The same photos with the tags `names`. place_of: a tag of these -> its index in `names`; others
        are dropped.
        """
        marks = np.full((len(self.paths), len(names)), self.absent, np.int64)
        for column, tag in enumerate(self.tags):
            if tag in place_of:
                marks[:, place_of[tag]] = self.marks[:, column]
        return replace(self, tags=tuple(names), marks=marks)


def check_names(names: Sequence[str], place: str) -> None:
    """Raise DataError for a name that cannot be that of a tag, or that comes twice. place: what an error calls it."""
    for name in names:
        if problem := class_folder_problem(name):
            raise DataError(
                f"{place}: '{printable(name[:60])}' {problem}: it cannot name a tag.\nGive it another name."
            )
    twice = [name for number, name in enumerate(names) if name in names[:number]]
    if twice:
        raise DataError(f"{place}: the tag '{printable(twice[0])}' comes twice.\nRemove one of its columns.")
