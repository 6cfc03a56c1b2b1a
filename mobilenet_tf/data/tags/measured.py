"""The photos whose tags a model is measured on: all of a folder or a list, with the tags that the model knows."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from mobilenet_tf.data.class_matching import ClassMatcher
from mobilenet_tf.errors import DataError
from mobilenet_tf.tasks.tags import UNKNOWN
from mobilenet_tf.terminal import printable, shortened_list

from .find import find_tag_source, read_tags
from .tag_files import TagFiles

__all__ = ["files_to_measure"]


def files_to_measure(source: Path, ground_truth: Path | None, tags: Sequence[str]) -> TagFiles:
    """The photos of a folder, those that it keeps for validation too, or of a list, with the tags of a model.

    A tag of the photos that the model does not know is left out; one of the model's that nothing says of the photos is
    UNKNOWN. Both are in `skipped`. Raises DataError if the model knows none of their tags.
    """
    layout = find_tag_source(source, None, ground_truth)
    parts = [read_tags(place) for place in (layout.train, layout.validation) if place is not None]
    matcher = ClassMatcher(tags)
    known = [{tag: index for tag in part.tags if (index := matcher.exact_or_loose(tag)) is not None} for part in parts]
    if not any(known):
        raise DataError(
            f"expected photos with tags that the model knows in {source}; its tags are {_listed(tags)}, and those of "
            f"the photos {_listed(parts[0].tags)}.\n"
            "Give the names of the model's tags with --labels FILE, as the photos have them."
        )
    unknown = {tag for part, of_model in zip(parts, known, strict=True) for tag in part.tags if tag not in of_model}
    fitting = [part.with_tags(tags, of_model) for part, of_model in zip(parts, known, strict=True)]
    marks = np.concatenate([part.marks for part in fitting])
    unsaid = [tag for tag, is_unknown in zip(tags, (marks == UNKNOWN).all(0).tolist(), strict=True) if is_unknown]
    skipped = [
        *([f"{source}: the model does not know the tags {_listed(sorted(unknown))}"] if unknown else []),
        *([f"{source}: nothing says of the photos whether they have {_listed(unsaid)}"] if unsaid else []),
        *(line for part in parts for line in part.skipped),
    ]
    return replace(
        fitting[0],
        paths=tuple(path for part in fitting for path in part.paths),
        marks=marks,
        skipped=tuple(skipped),
        left_out=sum(part.left_out for part in parts),
    )


def _listed(names: Sequence[str]) -> str:
    return shortened_list([printable(name) for name in names])
