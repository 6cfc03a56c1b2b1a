"""Hostile HDF5 files of weights: what they hold lies elsewhere, is far larger than they are, or is of another kind."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["ARRAYS", "ATTRIBUTES"]

Poison = Callable[[Path], None]  # changes a file
SECRET = "/etc/passwd"
CHUNK = {"maxshape": (None, 4), "chunks": (2**26, 4)}


def _kernel(file: Any) -> str:
    """The name of an array of two axes: that of the last layer, in a small classifier."""
    import h5py

    found: list[str] = []
    file.visititems(
        lambda name, item: found.append(name) if isinstance(item, h5py.Dataset) and item.ndim == 2 else None
    )
    return found[-1]


def _in_place(replace: Callable[[Any, str, Any], None], path: Path) -> None:
    """Another array in the place of the kernel. replace: gets the file, the name and the numbers that were there."""
    import h5py

    with h5py.File(path, "a") as file:
        name = _kernel(file)
        numbers = file[name][()]
        del file[name]
        replace(file, name, numbers)


def _external(file: Any, name: str, numbers: Any) -> None:
    file.create_dataset(name, numbers.shape, numbers.dtype, external=[(SECRET, 0, numbers.nbytes)])


def _virtual(file: Any, name: str, numbers: Any) -> None:
    import h5py

    layout = h5py.VirtualLayout(numbers.shape, numbers.dtype)
    layout[...] = h5py.VirtualSource(SECRET, "d", numbers.shape)
    file.create_virtual_dataset(name, layout)


def _external_link(file: Any, name: str, _: Any) -> None:
    import h5py

    file[name] = h5py.ExternalLink(SECRET, "/d")


def _soft_link(file: Any, name: str, _: Any) -> None:
    import h5py

    file[name] = h5py.SoftLink(f"/{name}")


def _made(shape: Any, dtype: Any, options: dict[str, Any], file: Any, name: str, _: Any) -> None:
    file.create_dataset(name, shape, dtype, **options)


def _filled(value: Any, file: Any, name: str, numbers: Any) -> None:
    file[name] = np.full_like(numbers, value)


def _texts(file: Any, name: str, numbers: Any) -> None:
    file.create_dataset(name, data=np.full(numbers.shape, "x", object))


def _group(file: Any, name: str, _: Any) -> None:
    file.create_group(name)


def _compressed(file: Any, name: str, _: Any) -> None:
    """3.6 GB of zeros in chunks that are not stored."""
    file.create_dataset(name, (30_000, 30_000), np.float32, chunks=(1000, 1000), compression="gzip")


def _deep(path: Path) -> None:
    import h5py

    with h5py.File(path, "a") as file:
        group = file
        for _ in range(5_000):
            group = group.create_group("levels")


def _wide(path: Path) -> None:
    import h5py

    with h5py.File(path, "a", libver="latest") as file:
        group = file.create_group("layers_too")
        for number in range(50_000):
            group.create_group(str(number))


def _loop(path: Path) -> None:
    import h5py

    with h5py.File(path, "a") as file:
        file.create_group("again")["again"] = file["/"]


def _cut(share: float, path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])


def _flipped(seed: int, path: Path) -> None:
    """64 bits of the first 4 kB, where the tables of the file are."""
    content, rng = bytearray(path.read_bytes()), np.random.default_rng(seed)
    for place in rng.integers(8, 4096, 64):
        content[place] ^= 1 << int(rng.integers(8))
    path.write_bytes(content)


def _attribute(name: str, value: Any, path: Path) -> None:
    import h5py

    with h5py.File(path, "a") as file:
        for group in (file, file["model_weights"], *file["model_weights"].values()):
            if name in group.attrs:
                del group.attrs[name]
                group.attrs[name] = value


def _replacing(name: str, replace: Callable[[Any, str, Any], None]) -> tuple[str, Poison]:
    return name, partial(_in_place, replace)


ARRAYS: tuple[tuple[str, Poison], ...] = (
    _replacing("weights in a file outside", _external),
    _replacing("virtual weights", _virtual),
    _replacing("weights behind a link to a file", _external_link),
    _replacing("weights behind a link to themselves", _soft_link),
    _replacing("weights of 14 GB that are not stored", partial(_made, (60_000, 60_000), np.float32, {})),
    _replacing("weights of 3.6 GB, packed", _compressed),
    _replacing("weights in a chunk of 1 GB", partial(_made, (4, 4), np.float32, CHUNK)),
    _replacing("weights of no numbers", partial(_made, (0, 0), np.float32, {})),
    _replacing("weights of 30 axes", partial(_made, (1,) * 30, np.float32, {})),
    _replacing("weights that are texts", _texts),
    _replacing("weights that are a group", _group),
    _replacing("weights of NaN", partial(_filled, np.nan)),
    _replacing("weights of infinity", partial(_filled, np.inf)),
    _replacing("weights of 1e38", partial(_filled, 1e38)),
    ("groups of 5,000 levels", _deep),
    ("50,000 groups", _wide),
    ("groups in a loop", _loop),
    ("half of a file", partial(_cut, 0.5)),
    ("flipped bits", partial(_flipped, 1)),
)  # fmt: skip

ATTRIBUTES: tuple[tuple[str, Poison], ...] = (
    *((f"more flipped bits, {seed}", partial(_flipped, seed)) for seed in range(2, 8)),
    ("a number for the version of Keras", partial(_attribute, "keras_version", 3)),
    ("a list for the version of Keras", partial(_attribute, "keras_version", [1, 2])),
    ("an old version of Keras", partial(_attribute, "keras_version", "2.1.6")),
    ("no digits in the version of Keras", partial(_attribute, "keras_version", "x.y")),
    ("a number for the description", partial(_attribute, "model_config", 3)),
    ("numbers for the names of layers", partial(_attribute, "layer_names", [1, 2])),
    ("layers that are not there", partial(_attribute, "layer_names", [b"nowhere"])),
    ("the same layer 4,000 times", partial(_attribute, "layer_names", [b"scores"] * 4_000)),
    ("the same weight 4,000 times", partial(_attribute, "weight_names", [b"scores/kernel"] * 4_000)),
    ("weights that lead elsewhere", partial(_attribute, "weight_names", [b"/", b"../..", b"."])),
    ("names that are not UTF-8", partial(_attribute, "weight_names", [b"\xff\xfe"])),
)
