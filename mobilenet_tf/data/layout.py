"""Whether the sub-folders of a folder are its classes, the sides of a split (train/, val/) or a folder around these."""

import os
import re
import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.errors import DataError

from .class_matching import normalized
from .photos import is_photo_name
from .walk import folder_identity, is_hidden, visited_above

__all__ = [
    "DEEPEST_WRAPPER",
    "FILLER",
    "SIDES",
    "TEST",
    "TRAIN",
    "VALIDATION",
    "ClassSource",
    "Layout",
    "NamedPhotos",
    "PhotoList",
    "find_layout",
    "find_validation",
    "folder_of",
    "names_a_side",
    "side_of",
    "sides_of",
    "split_note",
    "sub_folders",
    "unwrapped",
    "with_photos",
]

TRAIN, VALIDATION, TEST, OTHER = "train", "validation", "test", "other"
# A word in the name of a folder, or the name of a split -> the side that it means.
SIDES = {
    **dict.fromkeys(("train", "training", "trn"), TRAIN),
    **dict.fromkeys(("validation", "validate", "val", "valid", "dev", "eval", "evaluation"), VALIDATION),
    **dict.fromkeys(("test", "testing", "tst"), TEST),
    **dict.fromkeys(("pred", "predict", "prediction", "holdout", "unlabeled", "unlabelled", "extra"), OTHER),
}
FILLER = "set|sets|data|dataset|image|images|img|imgs|photo|photos|pictures|split|folder|dir"
_SIDE = re.compile(f"({'|'.join(SIDES)})({FILLER})?")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\W\d_a-zA-Z]+")
DEEPEST_WRAPPER = 5  # folders that hold nothing but one folder


@dataclass(frozen=True)
class PhotoList:
    """A file that lists photos with their labels, and the folder that it names them in."""

    file: Path
    folder: Path

    def __str__(self) -> str:
        return str(self.file)


@dataclass(frozen=True)
class NamedPhotos:
    """A folder, its files with names of photos, and for each the class that its name begins with."""

    folder: Path
    files: tuple[str, ...]
    classes: tuple[str, ...]

    def __str__(self) -> str:
        return str(self.folder)


# A folder whose sub-folders are classes, or another thing that says the class of each photo.
ClassSource = Path | PhotoList | NamedPhotos


@dataclass(frozen=True)
class Layout:
    """What says which photos are of which class: to train on, and to validate with or None. notes: what was chosen."""

    train: ClassSource
    validation: ClassSource | None = None
    notes: tuple[str, ...] = ()


def folder_of(place: ClassSource) -> Path:
    """The folder that the photos are in."""
    return place if isinstance(place, Path) else place.folder


def find_layout(folder: Path, validation: Path | None = None) -> Layout:
    """The folders of classes in `folder`: itself, or its sub-folders of a side to train on and one to validate with.

    The names of the sides may be written as people do: Training, test_set, seg_train. Of validation and test photos the
    former validate; a folder given as `validation` does in place of both. Sides whose photos lie in no class are not
    used. A folder that holds nothing but another folder with these is looked through.
    Raises DataError if the sub-folders are a split that cannot be trained on as it is.
    """
    root = unwrapped(folder)
    below = with_photos(root)
    sides = sides_of([path.name for path in below])
    of_side = {side: [path for path in below if sides[path.name] == side] for side in (TRAIN, VALIDATION, TEST)}
    train, held_out = of_side[TRAIN], of_side[VALIDATION] or of_side[TEST]
    if len(train) == len(held_out) == 1 and _have_same_classes(train[0], held_out[0]):
        return _split_layout(root, train[0], validation or held_out[0], below)
    sided = [path for path in below if sides[path.name]]
    with_classes = [path for path in sided if _has_classes(path)]
    if len(sided) > 1 and len(train) == 1 and with_classes == train:
        return _split_layout(root, train[0], validation, below)
    are_all = sided == below and (len({sides[path.name] for path in sided}) > 1 or with_classes)
    if len(sided) > 1 and (are_all or any(path in with_classes for path in train)):
        raise _split_error(root, sided, train, held_out)
    if len(below) == 1 and _has_classes(below[0]):
        raise DataError(
            f"expected one sub-folder per class in {root}; beside its photos only {below[0].name} has some, in "
            f"sub-folders.\nIf these are the classes: mobilenet-train {_quoted(below[0])}"
        )
    notes = () if root == folder else (f"The classes are the sub-folders of {root}.",)
    return Layout(root, notes=notes + _same_inside_note(root, below))


def find_validation(folder: Path) -> Path:
    """The folder of classes in `folder`, given to validate with. Raises DataError if the sub-folders are a split."""
    root = unwrapped(folder)
    below = with_photos(root)
    sides = sides_of([path.name for path in below])
    with_classes = [path for path in below if _has_classes(path)]
    if with_classes and all(sides[path.name] for path in below):
        best = max(with_classes, key=lambda path: sides[path.name] in (VALIDATION, TEST))
        raise DataError(
            f"expected one sub-folder per class in {root}; {_listed(below)} are the sides of a split, not classes.\n"
            f"Give the one to validate with: --validation {_quoted(best)}"
        )
    return root


def side_of(name: str) -> str | None:
    """The side of a split that a name means, `train`, `validation`, `test` or `other`, if it says nothing else."""
    side, rest = _parsed(name)
    return None if rest else side


def names_a_side(name: str) -> bool:
    """Whether a folder's name says nothing but which side of a split it is: train, Training, test_set."""
    return side_of(name) is not None


def sub_folders(folder: Path) -> list[Path]:
    """The folders in `folder`, linked ones too, sorted, without hidden ones."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not is_hidden(path.name))


def _split_layout(folder: Path, train: Path, held_out: Path | None, below: Sequence[Path]) -> Layout:
    validation = None if held_out is None else unwrapped(held_out)
    return Layout(unwrapped(train), validation, (split_note(folder, train, held_out, below),))


def split_note(folder: Path, train: Path, held_out: Path | None, below: Sequence[Path]) -> str:
    """The note that says which of the sides `below` are trained on, validate and are not used."""
    used = {path.resolve() for path in (train, held_out) if path is not None}
    others = [path for path in below if path.resolve() not in used]
    unused = f"; not used: {_listed(others)}" if others else ""
    if held_out is None:
        return f"{folder}: {train.name} is trained on, no other side has the classes inside{unused}."
    name = held_out.name if held_out in below else str(held_out)
    return f"{folder}: {train.name} is trained on, and {name} validates{unused}."


def _split_error(folder: Path, below: Sequence[Path], train: Sequence[Path], held_out: Sequence[Path]) -> DataError:
    with_classes = [path for path in (*train, *held_out, *below) if _has_classes(path)]
    if with_classes:
        command = f"mobilenet-train {_quoted(with_classes[0])}"
        others = [path for path in held_out if path in with_classes[1:]]
        if others:
            command += f" --validation {_quoted(others[0])}"
        what = f"Give the folder of the classes: {command}"
    else:
        first = (*train, *below)[0]
        what = (
            f"Sort the photos of {first} into sub-folders named after their classes: cat/, dog/, ..., or list them in "
            f"{first}/labels.csv, a line `file,label` for each."
        )
    sides = f"{_listed(below)} are the sides of a split, not classes"
    return DataError(f"expected one sub-folder per class in {folder}; {sides}.\n{what}")


def _quoted(folder: Path) -> str:
    return shlex.quote(str(unwrapped(folder)))


def _listed(paths: Sequence[Path]) -> str:
    names = [path.name for path in paths]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def sides_of(names: Sequence[str]) -> dict[str, str | None]:
    """Name of a folder -> the side of a split that it means, or None.

    Besides the side a name may have words that another side's name has too, as in seg_train and seg_test: a folder
    `bullet train` alone is a class.
    """
    parsed = {name: _parsed(name) for name in names}
    sides: dict[str, str | None] = {}
    for name, (side, rest) in parsed.items():
        with_other_side = any(rest == other_rest and side != other for other, other_rest in parsed.values() if other)
        sides[name] = side if not rest or with_other_side else None
    return sides


def _parsed(name: str) -> tuple[str | None, tuple[str, ...]]:
    """(the side that a word of the name means, None without or with several; the other words)."""
    words = [word.lower() for word in _WORD.findall(name)]
    found = [match for word in words if (match := _SIDE.fullmatch(word))]
    rest = tuple(word for word in words if not _SIDE.fullmatch(word) and not re.fullmatch(FILLER, word))
    return (SIDES[found[0][1]] if len(found) == 1 else None), rest


def _has_classes(folder: Path) -> bool:
    return len(_class_names(folder)) > 1


def _have_same_classes(train: Path, held_out: Path) -> bool:
    """Whether the sub-folders of the one are classes, and one of the other's is named like one of them."""
    trained, others = _class_names(train), _class_names(held_out)
    return len(trained) > 1 and not trained.isdisjoint(others)


def _class_names(folder: Path) -> set[str]:
    return {normalized(path.name) for path in with_photos(unwrapped(folder))}


def _same_inside_note(folder: Path, below: Sequence[Path]) -> tuple[str, ...]:
    """A note if each sub-folder has the same sub-folders, which may be the classes."""
    inside = [tuple(normalized(path.name) for path in sub_folders(one)) for one in below]
    if len(below) < 2 or len(inside[0]) < 2 or len(set(inside)) > 1:
        return ()
    names = _listed(sub_folders(below[0]))
    return (f"{folder}: its sub-folders are the classes, though each has the sub-folders {names}.",)


def unwrapped(folder: Path) -> Path:
    """The folder below that has more than one folder or photos: archives often hold train/train/cat."""
    for _ in range(DEEPEST_WRAPPER):
        below = with_photos(folder)
        if len(below) != 1 or not with_photos(below[0]) or _photos_in(folder):
            break
        folder = below[0]
    return folder


def with_photos(folder: Path) -> list[Path]:
    """The sub-folders that hold photos, at any depth."""
    return [path for path in sub_folders(folder) if _holds_photos(path)]


def _holds_photos(folder: Path) -> bool:
    """Whether a file that looks like a photo is anywhere under `folder`, linked folders included."""
    visited = visited_above(folder)
    pending = [folder]
    while pending:
        current = pending.pop()
        with suppress(OSError):  # reading the photos names a folder that cannot be listed
            if folder_identity(current) in visited:
                continue
            visited.add(folder_identity(current))
            if _photos_in(current):
                return True
            pending += sub_folders(current)
    return False


def _photos_in(folder: Path) -> bool:
    return any(is_photo_name(name) and not is_hidden(name) for name in os.listdir(folder))
