"""TFRecord shards in the ImageNet layout: `train-*` and `validation-*` files of tf.train.Example.

A record has `image/encoded` (JPEG, PNG, ...) and `image/class/label` (int64), and may have the class's name in
`image/class/text` or `image/class/synset`. Google's ImageNet counts labels from 1, with 0 for a background class
that no photo has; others count from 0. The labels are counted from 0 here. Labels in the shards count from 0 if any
record has label 0, those to validate with included; otherwise they count from 1.

A `labels.txt` beside the shards names the classes, one a line. If labels count from 1 it may begin with a line
`background`, which is dropped. Without that line it must end with the name of the highest label: otherwise nobody
could say whether its first line is label 0 or 1.

The shards are read once, for an index of where each photo's bytes lie; later each photo is read from its position.
The index takes 42 bytes a photo, and 256 more for the thumbnail, if the photos are few enough to be
compared. TensorFlow is loaded for the scan alone.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.labels import BACKGROUND, LABELS_FILE, read_labels, without_numbers
from mobilenet_tf.contract.preprocessing import load_rgb
from mobilenet_tf.errors import DataError
from mobilenet_tf.progress import OnProgress, ignore_progress, part_of

from .dataset import Dataset, Int64, UInt8, UInt64, untrained_classes_note
from .growing_looks import GrowingLooks, ThumbnailRoom, joined_looks
from .photo_looks import PhotoLooks
from .scan import changed_photo_error, describe_error, scan_pool
from .sides import given_sides, held_out_sides

__all__ = ["has_shards", "load_records", "scan_shards"]

IMAGE, LABEL, NAMES = "image/encoded", "image/class/label", ("image/class/text", "image/class/synset")
SCANNED = 0.95  # share of the time after which all photos are read; the rest finds copies
HEADER = 12  # bytes: the record's length, and that length's checksum
FOOTER = 4  # bytes: the checksum of the data, which Python alone would take too long over
CRC32C = 0x82F63B78  # Castagnoli's polynomial, bits reversed
GZIP = b"\x1f\x8b"
MAX_CLASSES = 100_000  # a label beyond is some other number


@dataclass(frozen=True)
class RecordPhotos:
    """Photos inside shards: the shard of each, the offset of its encoded bytes there, and their number."""

    shards: tuple[str, ...]
    shard: NDArray[np.int32]
    offset: Int64
    length: Int64
    labels: Int64
    digests: UInt64

    def __len__(self) -> int:
        return len(self.labels)

    def name(self, index: int) -> str:
        """Its shard, and where in it the photo begins."""
        return f"{Path(self.shards[self.shard[index]]).name}, byte {self.offset[index]}"

    def read(self, index: int, short_side: int) -> UInt8:
        """As Photos.read."""
        path, offset = self.shards[self.shard[index]], int(self.offset[index])
        try:
            with open(path, "rb") as file:
                file.seek(offset)
                return load_rgb(io.BytesIO(file.read(int(self.length[index]))), short_side)
        except Exception as error:  # Pillow's decoders raise all kinds of exceptions
            why = describe_error(error)
            raise changed_photo_error(f"cannot read the photo at byte {offset} of {path}: {why}.") from error


@dataclass(frozen=True)
class Records:
    """What shards hold: labels as the records have them, how the photos look, and the (text, synset) of each label."""

    photos: RecordPhotos
    looks: PhotoLooks
    names: dict[int, tuple[str, str]]
    skipped: tuple[str, ...]


def has_shards(folder: Path) -> bool:
    """Whether a `train-*` file in `folder` begins as a TFRecord, or as a compressed one, which the scan refuses."""
    return any(_begins_as_shard(path) for path in _shards(folder, "train"))


def load_records(folder: Path, validation: Path | None, share: float, seed: int, on_progress: OnProgress) -> Dataset:
    """The photos of the `train-*` shards in `folder`, and to validate with those of the `validation-*` shards there.

    `validation` is another folder to take the `validation-*` shards from. If there are none, `share` of each class is
    held out. A damaged shard is read up to the damage, and named. Raises DataError.
    """
    held_out_paths = _shards(validation or folder, "validation")
    if validation is not None and not held_out_paths:
        raise DataError(f"expected TFRecord shards named validation-* in {validation}, as in {folder}; found none.")
    train_paths = _shards(folder, "train")
    train_share = SCANNED * len(train_paths) / (len(train_paths) + len(held_out_paths))
    train = scan_shards(train_paths, IMAGE, LABEL, part_of(on_progress, 0, train_share))
    on_copies = part_of(on_progress, SCANNED, 1)
    if not held_out_paths:
        classes, first, notes = _classes(folder, train.photos.labels, train.names)
        sides = held_out_sides(classes, _counted_from(first, train.photos), train.looks, share, seed, on_copies)
        return sides.dataset(classes, train.skipped, len(train.skipped), len(train.skipped), notes)
    held_out = scan_shards(held_out_paths, IMAGE, LABEL, part_of(on_progress, train_share, SCANNED))
    labels = np.concatenate([train.photos.labels, held_out.photos.labels])
    classes, first, notes = _classes(folder, labels, held_out.names | train.names)
    shifted = _counted_from(first, train.photos), _counted_from(first, held_out.photos)
    sides = given_sides(classes, shifted, (train.looks, held_out.looks), share, seed, on_copies)
    skipped = train.skipped + held_out.skipped
    notes += untrained_classes_note(classes, sides.train, sides.validation)
    return sides.dataset(classes, skipped, len(skipped), len(skipped), notes)


def scan_shards(paths: list[Path], image: str, label: str, on_progress: OnProgress = ignore_progress) -> Records:
    """Index the records of these shards, whose features `image` and `label` are the photo and its class.

    Each photo is decoded once (`find_broken` says at what cost), a thread a shard. Raises DataError if none is left.
    """
    room = ThumbnailRoom()
    with scan_pool() as pool:
        scans = []
        for scan in pool.map(partial(_scan_shard, image=image, label=label, room=room), paths):
            scans.append(scan)
            on_progress("scanning shards", len(scans) / len(paths))
    skipped = tuple(line for scan in scans for line in scan.skipped)
    rows = np.concatenate([scan.rows for scan in scans])
    if not len(rows):
        first = f"Skipped {len(skipped)}, first {skipped[0]}." if skipped else "They are empty."
        raise DataError(f"expected photos in {len(paths)} shard(s) like {paths[0]}; none can be read.\n{first}")
    shard = np.repeat(np.arange(len(paths), dtype=np.int32), [len(scan.rows) for scan in scans])
    names = {number: name for scan in scans for number, name in scan.names.items()}
    looks = joined_looks([scan.looks for scan in scans])
    offset, length, label_of = np.ascontiguousarray(rows.T)
    photos = RecordPhotos(tuple(map(str, paths)), shard, offset, length, label_of, looks.digests)
    return Records(photos, looks, names, skipped)


@dataclass(frozen=True)
class _ShardScan:
    """One shard's `rows` (n, 3): each photo's offset, length and label; how the n photos look; names and skipped lines
    as in Records.
    """

    rows: Int64
    looks: PhotoLooks
    names: dict[int, tuple[str, str]]
    skipped: list[str]


def _scan_shard(path: Path, image: str, label: str, room: ThumbnailRoom) -> _ShardScan:
    rows: list[tuple[int, int, int]] = []
    looks = GrowingLooks(room)
    names: dict[int, tuple[str, str]] = {}
    skipped: list[str] = []
    try:
        for number, (offset, record) in enumerate(_records(path)):
            try:
                encoded, place, name = _parse(record, image, label)
                looks.look(encoded)
            # Protobuf's parser and Pillow's decoders raise all kinds of exceptions.
            except Exception as error:
                skipped.append(f"{path}, record {number}: {describe_error(error)}")
                continue
            rows.append((offset + record.index(encoded), len(encoded), place))
            names[place] = name
    except (OSError, _DamagedError) as error:
        skipped.append(f"{path}: {describe_error(error)}; {len(rows)} photo(s) before that were read")
    return _ShardScan(np.array(rows, np.int64).reshape(-1, 3), looks.done(), names, skipped)


class _DamagedError(Exception):
    """The rest of a shard cannot be read."""


def _records(path: Path) -> Iterator[tuple[int, bytes]]:
    """(offset, bytes) of each record. Raises _DamagedError at a header or an end that fits no record, or OSError."""
    size = path.stat().st_size
    with path.open("rb") as file:
        while header := file.read(HEADER):
            offset = file.tell()
            length = _length(header)
            if len(header) < HEADER or (length is not None and offset + length + FOOTER > size):
                raise _DamagedError(f"truncated at byte {size}, inside a record")
            if length is None:
                raise _DamagedError(f"damaged, or compressed, at byte {offset - HEADER}: no TFRecord header")
            yield offset, file.read(length)
            file.seek(FOOTER, io.SEEK_CUR)


def _length(header: bytes) -> int | None:
    """The length in a record's header, or None if its checksum does not fit."""
    if len(header) < HEADER:
        return None
    length, checksum = struct.unpack("<QI", header)
    return length if _masked_crc(header[:8]) == checksum else None


def _masked_crc(data: bytes) -> int:
    """TFRecord's checksum: CRC-32C, rotated and shifted, so that it is safe to take the checksum of checksums."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (CRC32C if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def _parse(record: bytes, image: str, label: str) -> tuple[bytes, int, tuple[str, str]]:
    """The encoded photo, the label and the class's (text, synset), empty if the record has none."""
    from mobilenet_tf.keras_loader import tf

    features = tf.train.Example.FromString(record).features.feature
    encoded, labels = features[image].bytes_list.value, features[label].int64_list.value
    if len(encoded) != 1 or len(labels) != 1:
        raise ValueError(f"expected one {image} and one {label}; got {len(encoded)} and {len(labels)}")
    if not 0 <= labels[0] < MAX_CLASSES:
        raise ValueError(f"expected a label from 0 to {MAX_CLASSES - 1}; got {labels[0]}")
    text, synset = (b"".join(features[name].bytes_list.value).decode("utf-8", "replace").strip() for name in NAMES)
    return encoded[0], labels[0], (text, synset)


def _shards(folder: Path, side: str) -> list[Path]:
    return sorted(path for path in folder.glob(f"{side}-*") if path.is_file())


def _begins_as_shard(path: Path) -> bool:
    with path.open("rb") as file:
        header = file.read(HEADER)
    return _length(header) is not None or header.startswith(GZIP)


def _counted_from(first: int, photos: RecordPhotos) -> RecordPhotos:
    return replace(photos, labels=photos.labels - first)


def _classes(
    folder: Path, labels: Int64, names: dict[int, tuple[str, str]]
) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
    """(the classes' names; the first one's label in the shards, 0 or 1, as the top of this file describes; notes)."""
    lowest, highest = int(labels.min()), int(labels.max())
    file = folder / LABELS_FILE
    first = min(lowest, 1)
    if not file.is_file():
        return _names_in_records(names, first, highest), first, ()
    listed, note = without_numbers(read_labels(file), str(file))
    if first == 1 and listed[:1] == [BACKGROUND]:
        listed = listed[1:]
    elif first == 1 and highest < len(listed):
        raise DataError(
            f"the labels in {folder} run from {lowest} to {highest}, and {file} has {len(listed)} lines: it does not "
            f"show\nwhether the first line is label 0 or 1. If it is 1, put a line `{BACKGROUND}` before it."
        )
    if highest - first >= len(listed):
        raise DataError(
            f"expected a line for each of the labels {first} to {highest} in {file}; it has {len(listed)}.\n"
            "Complete it, or remove it: the classes are then named by the shards, or numbered."
        )
    return tuple(listed), first, (note,) if note else ()


def _names_in_records(names: dict[int, tuple[str, str]], first: int, highest: int) -> tuple[str, ...]:
    """Names from the records: their text if it tells the classes apart, else their synset, else numbers."""
    for kind in range(len(NAMES)):
        known = {label: name[kind] for label, name in names.items() if name[kind]}
        if known and len(set(known.values())) == len(names):
            return tuple(known.get(label, f"class {label - first}") for label in range(first, highest + 1))
    return tuple(f"class {index}" for index in range(highest - first + 1))
