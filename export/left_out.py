"""Notice that top-1 would stand on a part of the photos only: the others lie in folders that are no class."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.data.photos import MOST_LEFT_OUT
from mobilenet_tf.terminal import printable, shortened_list

__all__ = ["left_out_of_accuracy"]


def left_out_of_accuracy(photos: Sequence[Path], classes: Sequence[int | None], folder: Path | None) -> str | None:
    """Why no top-1 should be shown, in words; None if there is no reason against it.

    photos:  that files are verified on, under `folder`; None for the bundled photos.
    classes: of each photo; None if it is not known.
    Photos in one folder, or in folders none of which is a class, were not meant to be labelled.
    """
    if folder is None or len({photo.parent for photo in photos}) < 2 or not any(index is not None for index in classes):
        return None
    foreign = Counter(
        photo.parent.name
        for photo, index in zip(photos, classes, strict=True)
        if index is None and photo.parent != folder
    )
    if foreign.total() <= MOST_LEFT_OUT * len(photos):
        return None
    listed = shortened_list([f"{printable(name)} ({count})" for name, count in sorted(foreign.items())])
    return (
        f"expected a class for at least nine of ten photos; {foreign.total()} of the {len(photos)} photos that verify "
        f"are in folders of {folder} that are no class of the weights: {listed}.\n"
        "The files are written, but without top-1: on the other photos alone it would mislead.\n"
        "Give the weights of these classes (--weights), mend the folders' names, or give --allow-skipped."
    )
