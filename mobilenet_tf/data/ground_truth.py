"""The true class of a photo, if its name or folder says it."""

import re
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.contract.labels import imagenet_wnids

__all__ = ["true_classes"]

_WNID = re.compile(r"n\d{8}(?=$|[_.\-])")


def true_classes(
    photos: Sequence[Path], labels: Sequence[str], *, imagenet: bool, background: bool
) -> list[int | None]:
    """Each photo's class index, or None if nothing says it.

    A folder that is named like a label says it, or, if the classes are ImageNet's, a wnid: the name of the folder, or
    the beginning of the file's name (n01440764_tench.JPEG).
    """
    by_name = {label: index for index, label in reversed(list(enumerate(labels)))}
    by_wnid = {wnid: index + background for index, wnid in enumerate(imagenet_wnids())} if imagenet else {}

    def true_class(photo: Path) -> int | None:
        if photo.parent.name in by_name:
            return by_name[photo.parent.name]
        wnid = _WNID.match(photo.name) or _WNID.match(photo.parent.name)
        return by_wnid.get(wnid[0]) if wnid else None

    return [true_class(photo) for photo in photos]
