"""The lists of Pascal VOC's ImageSets/Main, which say which photos train."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.data.ground_truth_file import numbered_lines
from mobilenet_tf.data.layout import SIDES, TRAIN

__all__ = ["ImageSets"]

WITH_FLAG = re.compile(r"(\S+)\s+-?[01]")  # `000012  1`: a list of one class says whether the photo shows it


@dataclass(frozen=True)
class ImageSets:
    """The folder above each ImageSets -> stem of a photo's name -> its side."""

    by_folder: Mapping[Path, Mapping[str, str]]

    @classmethod
    def among(cls, files: Sequence[str]) -> "ImageSets":
        """The lists among all files of a folder. Raises DataError for one that cannot be read.

        `trainval` counts only if there is no `train`: it holds the photos of `val` too.
        """
        lists: dict[Path, dict[str, Path]] = {}
        for path in map(Path, files):
            if path.parts[-3:-1] == ("ImageSets", "Main"):
                lists.setdefault(path.parents[2], {})[path.stem] = path
        read = {folder: _sides(of_folder) for folder, of_folder in lists.items()}
        return cls({folder: sides for folder, sides in read.items() if sides})

    def of(self, annotation: str) -> Mapping[str, str] | None:
        """The lists of the folder that an annotation is in, such as VOC2012; None if there are none."""
        return next((self.by_folder[parent] for parent in Path(annotation).parents if parent in self.by_folder), None)


def _sides(lists: Mapping[str, Path]) -> dict[str, str]:
    sides = {name: SIDES[name] for name in lists if name in SIDES}
    if "trainval" in lists and "train" not in lists:
        sides["trainval"] = TRAIN
    if TRAIN not in sides.values():
        return {}
    found: dict[str, str] = {}
    for name, side in sides.items():
        for _, line in numbered_lines(lists[name]):
            found[line.strip()] = side
            if flagged := WITH_FLAG.fullmatch(line.strip()):
                found[flagged[1]] = side
    return found
