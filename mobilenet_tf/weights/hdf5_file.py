"""Open an HDF5 file of anybody's: nothing outside it is read, and nothing larger than it can hold.

HDF5 lets a file name any other file of the computer as the place of its numbers, and say of a few bytes that they are
gigabytes. Each file is looked through for both before a number is read. Nothing else opens HDF5 files here.
"""

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mobilenet_tf.errors import WeightsError

__all__ = ["check_size", "check_total", "hdf5_attributes", "open_hdf5", "stored_numbers", "weights_in_archive"]

MAX_WEIGHTS = 2**32  # bytes: three times the largest network of Keras Applications
MAX_LINKS = 200_000  # groups and arrays; the largest network of Keras Applications has 10,000
MAX_DEPTH = 64  # groups in groups; a model inside a model takes two
# Compressed weights of a network that was pruned take a tenth of their size in memory. Small files may do as they like.
MAX_EXPANSION, FREE_SIZE = 30, 2**26
REMEDY = "If you trust it, open it with the Keras that wrote it and save it again: model.save('model.keras')."


@contextmanager
def open_hdf5(path: Path, source: Path | None = None) -> Iterator[Any]:
    """The h5py.File at `path`, of which everything that is stored lies in the file itself.

    source: what errors call it, if it is a copy.
    Raises WeightsError for links to other files, numbers in other files, and arrays that are much larger than the file;
    OSError, KeyError or ValueError for a damaged file.
    """
    with _opened(path) as file:
        _check(file, source or path, path.stat().st_size)
        yield file


@contextmanager
def hdf5_attributes(path: Path) -> Iterator[Any]:
    """The attributes of the HDF5 file at `path`, which always lie in it. Raises OSError for a damaged file."""
    with _opened(path) as file:
        yield file.attrs


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The h5py.File at `path`. That the tables in it are damaged, h5py says by RuntimeError, which becomes OSError."""
    import h5py

    try:
        with h5py.File(path) as file:
            yield file
    except RuntimeError as error:
        if type(error) is not RuntimeError:
            raise
        raise OSError(str(error)) from error


@contextmanager
def weights_in_archive(path: Path) -> Iterator[Any]:
    """The h5py.File of the weights in a `.keras` file, unpacked and opened as by open_hdf5.

    Raises as open_hdf5 does, ValueError for an archive that says that it is much larger than it is, and KeyError if it
    has no weights.
    """
    with TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        copy = Path(folder) / "model.weights.h5"
        compressed = archive.getinfo(copy.name).compress_size
        check_size(archive, copy.name, min(MAX_WEIGHTS, _allowed(compressed)))
        with archive.open(copy.name) as member, copy.open("wb") as unpacked:
            shutil.copyfileobj(member, unpacked)
        with open_hdf5(copy, path) as file:
            yield file


def stored_numbers(path: Path) -> int:
    """How many numbers the weights in a `.keras` or HDF5 file have, all of which is looked through. Raises as
    open_hdf5 and weights_in_archive do.
    """
    is_archive = zipfile.is_zipfile(path)
    if is_archive and (size := _size_without_hdf5(path)) is not None:
        return size // 2  # of float16, the smallest
    with weights_in_archive(path) if is_archive else open_hdf5(path) as file:
        return sum(dataset.size for _, dataset in _datasets(file, path))


def _size_without_hdf5(path: Path) -> int | None:
    """The bytes that the weights of a `.keras` file take if Keras wrote them without h5py; None if it had it."""
    with zipfile.ZipFile(path) as archive:
        if "model.weights.npz" not in archive.namelist():
            return None
        info = archive.getinfo("model.weights.npz")
        check_size(archive, info.filename, min(MAX_WEIGHTS, _allowed(info.compress_size)))
        return info.file_size


def check_size(archive: zipfile.ZipFile, name: str, limit: int) -> None:
    """Raise ValueError for a file in an archive that says that it takes more than `limit` bytes."""
    if (size := archive.getinfo(name).file_size) > limit:
        raise ValueError(f"{name} in it says that it has {size} bytes")


def check_total(source: str, total: int, size: int) -> None:
    """Raise WeightsError if a file of `size` bytes cannot hold weights of `total` bytes, as it says."""
    if total > min(MAX_WEIGHTS, _allowed(size)):
        raise WeightsError(
            f"{source} has {size} bytes and says that it holds {total} bytes of weights: they are not in it.\n{REMEDY}"
        )


def _allowed(size: int) -> int:
    """How many bytes of arrays a file of `size` bytes may hold."""
    return MAX_EXPANSION * size + FREE_SIZE


def _check(file: Any, source: Path, size: int) -> None:
    """Raise WeightsError unless everything in an open file lies in it, and is not much larger than it."""
    total = 0
    for name, dataset in _datasets(file, source):
        if dataset.external or dataset.is_virtual:
            raise _outside(source, name)
        chunk = dataset.dtype.itemsize
        for side in dataset.chunks or ():
            chunk *= side
        total += max(dataset.nbytes, chunk)
        check_total(str(source), total, size)


def _datasets(file: Any, source: Path) -> Iterator[tuple[str, Any]]:
    """(name, array) of each array in a file, in no order. Raises WeightsError for a link that leads out of it."""
    import h5py

    seen, links = set(), 0
    pending: list[tuple[str, Any, int]] = [("", file, 0)]
    while pending:
        path, group, depth = pending.pop()
        for key in group:
            name, links = f"{path}/{key}", links + 1
            if links > MAX_LINKS or depth > MAX_DEPTH:
                what = f"more than {MAX_LINKS} groups" if links > MAX_LINKS else f"more than {MAX_DEPTH} levels"
                raise WeightsError(f"{source} holds {what}, which no model has.\n{REMEDY}")
            link = group.get(key, getlink=True)
            if not isinstance(link, h5py.HardLink):  # Keras writes no other, which may lead to any file
                raise _outside(source, name)
            item = group[key]
            if (place := h5py.h5o.get_info(item.id).addr) in seen:
                continue
            seen.add(place)
            if isinstance(item, h5py.Dataset):
                yield name, item
            elif isinstance(item, h5py.Group):
                pending.append((name, item, depth + 1))


def _outside(source: Path, name: str) -> WeightsError:
    return WeightsError(
        f"{source} takes {name} from elsewhere, perhaps from another file of this computer, which is not read.\n"
        "Save the model again in one file, where it was made: model.save('model.keras')."
    )
