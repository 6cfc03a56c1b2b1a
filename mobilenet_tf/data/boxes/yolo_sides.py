"""The sides of a split that a data.yaml names: `train: images/train`, or a list of photos, `train: train.txt`."""

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mobilenet_tf.data.ground_truth_file import numbered_lines
from mobilenet_tf.data.layout import side_of
from mobilenet_tf.terminal import printable

from .annotations import Problems
from .places import PhotosInside, side_under
from .yolo_names import YoloNames

__all__ = ["Sides"]


@dataclass
class Sides:
    """folders, listed: of photos, with links followed -> the side. missing: (word for a side, place not there)."""

    root: Path
    file: Path
    folders: dict[Path, str] = field(default_factory=dict)
    listed: dict[str, str] = field(default_factory=dict)
    missing: list[tuple[str, str]] = field(default_factory=list)

    @cached_property
    def of_lists(self) -> set[str]:
        """The sides that have a list."""
        return {*self.listed.values()}

    @classmethod
    def read(cls, names: YoloNames, root: Path, problems: Problems) -> "Sides":
        """What the file says of photos under `root`. Raises DataError for a list that is no text."""
        sides = cls(root, names.file)
        photos = PhotosInside(root, root)
        for word, place in names.places:
            side, found = side_of(word), _there(names, place)
            if found is None or side is None:
                sides.missing.append((word, place))
            elif os.path.isdir(found):
                sides.folders[found.resolve()] = side
            else:
                for number, line in numbered_lines(found):
                    path = _photo(line.strip(), photos, found, root)
                    if path is None:
                        problems.add("photo(s) of a list that are not there", f"{found}, line {number}")
                    else:
                        sides.listed[os.path.realpath(path)] = side
        return sides

    def of(self, path: str) -> str | None:
        """The side of a photo; None if nothing names one. A photo that a side's list leaves out is not of that side."""
        resolved = Path(path).resolve()
        listed = self.listed.get(str(resolved))
        named = listed or next((side for place, side in self.folders.items() if resolved.is_relative_to(place)), None)
        if named is not None:
            return named
        of_folder = side_under(self.root, path)
        return None if of_folder in self.of_lists else of_folder

    def notes(self, used: Collection[str | None]) -> list[str]:
        """A line for each side that the file names and no photo has. used: the sides that photos have."""
        return [
            f"{self.file} says that `{word}` is {printable(place[:60])}, which is not there: it is done without."
            for word, place in self.missing
            if side_of(word) not in used
        ]


def _there(names: YoloNames, place: str) -> Path | None:
    """The folder or the list of that name. Roboflow writes ../train/images, though its data.yaml is beside train."""
    beside = names.file.parent
    options = (beside / names.base / place, beside / place, beside / place.removeprefix("../"))
    is_list = place.lower().endswith(".txt")
    # os.path's are False, too, for what is no name of a file, such as a long text.
    return next((one for one in options if os.path.isdir(one) or (is_list and os.path.isfile(one))), None)


def _photo(line: str, photos: PhotosInside, file: Path, root: Path) -> str | None:
    """The photo of a line, relative to the list, or by its last name, as in Darknet's data/obj/a.jpg."""
    beside = os.path.relpath(file.parent / line, root)
    return photos.find(beside) or photos.find(line) or photos.find_near(line.rpartition("/")[2], str(root / line))
