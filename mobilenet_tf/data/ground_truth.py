"""The true class of a photo, if its name or folder says it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.terminal import printable, shortened_list

from .class_in_name import possible_classes
from .class_matching import ClassMatcher

__all__ = ["GroundTruth", "true_classes"]


@dataclass(frozen=True)
class GroundTruth:
    """What the names of photos and folders say.

    classes:   the class of each photo, in their order; None if nothing says it.
    loose:     name of a folder -> the label that it was taken for, if they differ by case, spaces, other signs, ...
    unmatched: name of a folder that is no class -> the number of its photos whose class is not known.
    by_name:   the number of photos whose file's name says the class, see class_in_name.py.
    """

    classes: tuple[int | None, ...]
    loose: dict[str, str]
    unmatched: dict[str, int]
    by_name: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know, a sentence each."""
        loose = [f"'{printable(folder)}' for '{printable(label)}'" for folder, label in self.loose.items()]
        unmatched = [f"{printable(folder)} ({count})" for folder, count in self.unmatched.items()]
        return (
            *([f"{self.by_name} photos are of the class that their names begin with."] if self.by_name else ()),
            *([f"Folders were taken for the classes of similar names: {shortened_list(loose)}."] if loose else ()),
            *([f"Folders that are no class, with their photos: {shortened_list(unmatched)}."] if unmatched else ()),
        )


def true_classes(photos: Sequence[Path], matcher: ClassMatcher, folder: Path | None = None) -> GroundTruth:
    """The classes of photos, which are under `folder` if it is given.

    The folder below `folder`, and nearest to the photo, that is named like a label says it; or, if the classes are
    ImageNet's, a wnid does: the beginning of the file's name (n01440764_tench.JPEG), or the name of a folder. If none
    does, a folder may differ from the only similar label by its case, spaces, other signs or the form of its accents;
    and so may what the name of a photo has before its number, if a camera did not give it, see class_in_name.py.
    The name of `folder` itself counts for the photos that are directly in it: beside folders of classes it is none.
    """
    of_folder: dict[Path, tuple[int | None, str | None]] = {}
    classes: list[int | None] = []
    loose: dict[str, str] = {}
    unmatched: Counter[str] = Counter()
    named, by_name = possible_classes(photos), 0  # names that are the labels' are no chance
    for photo in photos:
        if photo.parent not in of_folder:
            of_folder[photo.parent] = _class_of_folder(_names_up_to(folder, photo.parent), matcher)
        index, similar = of_folder[photo.parent]
        if index is None or similar is not None:
            by_wnid = matcher.wnid(photo.name)
            index, similar = (index, similar) if by_wnid is None else (by_wnid, None)
        if index is None and photo in named:
            matches = map(matcher.exact_or_loose, named[photo])
            index = next((match for match in matches if match is not None), None)
            by_name += index is not None
        if index is None:
            unmatched[_name_below(folder, photo)] += 1
        elif similar is not None:
            loose[similar] = matcher.labels[index]
        classes.append(index)
    return GroundTruth(tuple(classes), dict(sorted(loose.items())), dict(sorted(unmatched.items())), by_name)


def _class_of_folder(names: Sequence[str], matcher: ClassMatcher) -> tuple[int | None, str | None]:
    """(the class that the nearest of these folders names, that folder's name if it is only similar to the label)."""
    for find in (matcher.exact, matcher.wnid):
        for name in names:
            index = find(name)
            if index is not None:
                return index, None
    for name in names:
        index = matcher.loose(name)
        if index is not None:
            return index, name
    return None, None


def _names_up_to(folder: Path | None, nearest: Path) -> list[str]:
    """The names of the folders from `nearest` up to the one below `folder`; that of `folder` itself if it is `nearest`.

    Without `folder` only that of `nearest`.
    """
    if folder is None or not nearest.is_relative_to(folder):
        return [nearest.name]
    return [*reversed(nearest.relative_to(folder).parts)] or [folder.resolve().name]


def _name_below(folder: Path | None, photo: Path) -> str:
    """The name of the folder below `folder` that the photo is in; that of `folder` if it is in none."""
    if folder is None or not photo.is_relative_to(folder):
        return photo.parent.name
    parts = photo.relative_to(folder).parts
    return parts[0] if len(parts) > 1 else folder.resolve().name
