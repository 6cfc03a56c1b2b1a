"""Which photos a run trained on and which validated it, by their content: the file split.json of a run or an export.

An accuracy on photos that were trained on is too high. Weights carry this record, so that every later stage can tell
such photos from others, wherever they have been copied or renamed to.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from mobilenet_tf.contract.labels import class_name_problem
from mobilenet_tf.contract.manifest import SPLIT_FILE
from mobilenet_tf.contract.places import PlaceCell, cells_problem
from mobilenet_tf.errors import DataError, ImagesError
from mobilenet_tf.json_records import parse_versioned
from mobilenet_tf.progress import OnProgress, ignore_progress
from mobilenet_tf.terminal import printable

from .dataset import Dataset, Photos
from .digests import PhotoDigests
from .photos import read_photo
from .places.dataset import PlaceDataset

__all__ = ["MeasuredPhotos", "SortedPhotos", "Split", "split_of"]

VERSION = 1
LONGEST_NAME = 200  # characters of a data set's name
MIN_UNTRAINED = 5  # photos; if there are fewer, an accuracy counts those that were trained on too, which is said
_DIGEST = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True)
class Split:
    """The photos behind some trained weights; each is named by its `photo_digest`.

    dataset:           the name of the data set, such as that of the folder.
    epochs:            of how many epochs these weights are the best one, chosen by their top-1 on `validation`; 1 if
                       nothing was chosen; 0 before the first.
    train:             what these weights have learned from, in earlier runs too if this one continued their training.
    validation:        what top-1 was measured on; some may be in `train` too, if a copy or an earlier run was.
    top1:              the top-1 on the validation photos, a share; None before the first epoch at the model's own
                       resolution.
    validation_photos: how many photos that was measured on, copies of one photo counted each.
    classes:           the names of the classes, in their order; none in records of before they were kept.
    validation_names:  `photo_digest` of each validation photo -> its name when it was read, relative to the folder of
                       the data set; empty in records of before they were kept.
    cells:             of the classes, if these are cells of the earth.
    """

    dataset: str
    epochs: int
    train: frozenset[str]
    validation: frozenset[str]
    top1: float | None = None
    validation_photos: int = 0
    classes: tuple[str, ...] = ()
    validation_names: Mapping[str, str] = field(default_factory=dict)
    cells: tuple[PlaceCell, ...] = ()

    @property
    def trained_validation(self) -> frozenset[str]:
        """The validation photos that were trained on all the same: their accuracy says nothing about new photos."""
        return self.train & self.validation

    def sort_out(
        self, paths: Sequence[Path], digests: PhotoDigests | None = None, on_progress: OnProgress = ignore_progress
    ) -> "SortedPhotos":
        """(validation photos, photos that were trained on, others), each in the order of `paths`.

        A photo that was trained on and validated too counts as trained on. One that cannot be read is among the
        others. digests: of the files that have been read before.
        """
        sides = SortedPhotos([], [], [])
        for path, digest in zip(paths, (digests or PhotoDigests()).of(paths, on_progress), strict=True):
            is_trained, is_validation = digest in self.train, digest in self.validation
            side = sides.trained if is_trained else sides.validation if is_validation else sides.others
            side.append(path)
        return sides

    def to_json(self) -> str:
        """Its content, for `from_json`."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in self.__dataclass_fields__}
        digests = {"train": sorted(self.train), "validation": sorted(self.validation)}
        content = {"schema_version": VERSION, **fields, **digests, "cells": [asdict(cell) for cell in self.cells]}
        if not self.cells:
            del content["cells"]
        # A line for each field: json's own indentation takes ten times as long.
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in content.items())
        return f"{{\n{lines}\n}}\n"

    @classmethod
    def from_json(cls, text: str, place: str = SPLIT_FILE) -> "Split":
        """The record that `to_json` wrote. place: what an error calls it. Raises DataError for any other text."""
        advice = "It says which photos were trained on: train again, or take the file from the run's folder."
        record = parse_versioned(_Record, text, VERSION, place, DataError, advice)
        wrong = _wrong_field(record)
        if wrong:
            raise DataError(f"{place}: {wrong}.\n{advice}")
        content: dict[str, Any] = {name: getattr(record, name) for name in cls.__dataclass_fields__}
        digests = {"train": frozenset(record.train), "validation": frozenset(record.validation)}
        others = {
            "classes": tuple(record.classes or ()),
            "validation_names": record.validation_names or {},
            "cells": tuple(record.cells or ()),
        }
        return cls(**content | digests | others)


class SortedPhotos(NamedTuple):
    """Photos by what the training of some weights did with them."""

    validation: list[Path]
    trained: list[Path]
    others: list[Path]

    def among(self, paths: Collection[Path]) -> "SortedPhotos":
        """Those of the photos that are among `paths`."""
        wanted = frozenset(paths)
        return SortedPhotos(*([path for path in side if path in wanted] for side in self))

    def to_measure(self) -> "MeasuredPhotos":
        """The photos that an accuracy should count, of these, whose classes are known and no two of which are copies.

        They are those that were not trained on; but all of them if fewer than MIN_UNTRAINED of those can be read.
        """
        new = [*self.validation, *self.others]
        # A photo that training could not read is not among those that it names, and cannot be measured either.
        enough = len([*islice(filter(_is_readable, new), MIN_UNTRAINED)]) == MIN_UNTRAINED
        trained = [] if enough else self.trained
        return MeasuredPhotos(frozenset([*new, *trained]), len(trained), len(self.validation), len(self.trained))


@dataclass(frozen=True)
class MeasuredPhotos:
    """The photos that an accuracy counts.

    trained:    how many of `paths` were trained on.
    validation: how many of `paths` validated the training and were not trained on.
    known:      how many photos of the folder were trained on, those that are not in `paths` included.
    """

    paths: frozenset[Path]
    trained: int
    validation: int
    known: int

    @property
    def left_out(self) -> int:
        """How many photos are not counted because they were trained on."""
        return self.known - self.trained


@dataclass(frozen=True)
class _Record:
    """The fields of the file."""

    schema_version: int
    dataset: str
    epochs: int
    train: list[str]
    validation: list[str]
    top1: float | None
    validation_photos: int
    classes: list[str] | None = None
    validation_names: dict[str, str] | None = None
    cells: list[PlaceCell] | None = None


def split_of(data: Dataset, name: str, earlier: Split | None = None, folder: Path | None = None) -> Split:
    """The record of a run on `data`, before its first epoch.

    name:    of the data set.
    folder:  that names of photos are relative to, if they are in it.
    earlier: that of the weights the run begins with: what they have learned from counts as trained on.
    """
    # Half a surrogate pair, of a folder's name that is not UTF-8, cannot be written as text.
    clean = name.encode("utf-8", "replace").decode()[:LONGEST_NAME]
    split = Split(
        dataset=clean,
        epochs=0,
        train=_digests(data.train),
        validation=_digests(data.validation),
        validation_photos=len(data.validation),
        classes=data.classes,
        validation_names=_names(data.validation, folder),
        cells=data.cells if isinstance(data, PlaceDataset) else (),
    )
    return split if earlier is None else replace(split, train=split.train | earlier.train)


def _digests(photos: Photos) -> frozenset[str]:
    return frozenset(f"{number:016x}" for number in photos.digests.tolist())


def _names(photos: Photos, folder: Path | None) -> dict[str, str]:
    """Digest -> name; of copies the first one's."""
    names: dict[str, str] = {}
    for index, number in enumerate(photos.digests.tolist()):
        name = photos.name(index)
        if folder is not None and Path(name).is_relative_to(folder):
            name = Path(name).relative_to(folder).as_posix()
        names.setdefault(f"{number:016x}", printable(name))
    return dict(sorted(names.items()))


def _is_readable(path: Path) -> bool:
    try:
        read_photo(path)
    except ImagesError:
        return False
    return True


def _wrong_field(record: _Record) -> str | None:
    """What is wrong with the values of a record whose types are right; None if nothing is."""
    if len(record.dataset) > LONGEST_NAME:
        return f"dataset: expected at most {LONGEST_NAME} characters; got {len(record.dataset)}"
    for name, count in (("epochs", record.epochs), ("validation_photos", record.validation_photos)):
        if count < 0:
            return f"{name}: expected 0 or more; got {count}"
    if record.top1 is not None and not 0 <= record.top1 <= 1:
        return f"top1: expected a share from 0 to 1; got {record.top1:g}"
    for name, digests in (("train", record.train), ("validation", record.validation)):
        if strange := _first_strange(digests):
            return f"{name}: expected 16 hex digits for each photo; got {strange[:40]!r}"
    if (names := record.validation_names) and not {*names} <= {*record.validation}:
        return "validation_names: expected names of the validation photos only"
    if record.cells and (problem := cells_problem(record.cells, len(record.classes or ()))):
        return f"cells: {problem}"
    for name in record.classes or ():
        if problem := class_name_problem(name):
            return f"classes: '{printable(name[:40])}' {problem}"
    return None


def _first_strange(digests: Iterable[str]) -> str | None:
    return next((digest for digest in digests if not _DIGEST.fullmatch(digest)), None)
