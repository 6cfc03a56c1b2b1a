"""The true class of a photo, where its name or folder tells."""

import re
from collections.abc import Sequence
from pathlib import Path

from mobilenet_tf.contract.labels import imagenet_wnids

__all__ = ["true_classes"]

_WNID = re.compile(r"n\d{8}(?=$|[_.\-])")


def true_classes(
    photos: Sequence[Path], labels: Sequence[str], *, imagenet: bool, background: bool
) -> list[int | None]:
    """Each photo's class index, or None: told by a folder named like a label, or a wnid that begins a file's name
    or names its folder (n01440764_tench.JPEG) when the classes are ImageNet's."""
    by_name = {label: index for index, label in reversed(list(enumerate(labels)))}
    by_wnid = {wnid: index + background for index, wnid in enumerate(imagenet_wnids())} if imagenet else {}

    def true_class(photo: Path) -> int | None:
        if photo.parent.name in by_name:
            return by_name[photo.parent.name]
        wnid = _WNID.match(photo.name) or _WNID.match(photo.parent.name)
        return by_wnid.get(wnid[0]) if wnid else None

    return [true_class(photo) for photo in photos]
