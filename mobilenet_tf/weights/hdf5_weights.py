"""The weights in an HDF5 file with the names of the layers that they belong to. Nothing but numbers is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .hdf5_file import check_total

__all__ = ["StoredWeight", "layer_name", "listed", "stored_groups"]


@dataclass(frozen=True)
class StoredWeight:
    """A weight in a file.

    layers:  the names that its layer may have, from the longest on: of `base/conv1/kernel`, base_conv1 and conv1.
    name:    its own, as `kernel`.
    dataset: of h5py, not read yet.
    """

    layers: tuple[str, ...]
    name: str
    dataset: Any

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.dataset.shape)

    def read(self) -> NDArray[Any]:
        """Its numbers."""
        return np.asarray(self.dataset[()])


def stored_groups(file: Any) -> dict[str, list[StoredWeight]]:
    """The weights in a file of the older format, by the layer of the outer model that they lie in, in their order.

    Raises WeightsError if the file lists far more than it can hold, KeyError if a listed one is missing.
    """
    root = file.get("model_weights", file)
    groups = {
        layer_name(layer): [
            _stored(layer, name, root[layer][name]) for name in listed(root[layer].attrs, "weight_names")
        ]
        for layer in listed(root.attrs, "layer_names")
    }
    total = sum(weight.dataset.nbytes for group in groups.values() for weight in group)
    check_total(file.filename, total, file.id.get_filesize())
    return groups


def layer_name(name: str) -> str:
    """The name of a layer in Keras 3, which allows no slash in it."""
    return name.replace("/", "_")


def _stored(group: str, path: str, dataset: Any) -> StoredWeight:
    *layers, name = path.split("/")
    names = [layer_name("/".join(layers[start:])) for start in range(len(layers))] or [layer_name(group)]
    return StoredWeight(tuple(names), name.partition(":")[0], dataset)


def listed(attributes: Any, name: str) -> Iterator[str]:
    """A list of names; HDF5 holds at most 64 KB in one attribute, so that Keras numbers the parts of a longer one."""
    parts = [attributes[name]] if name in attributes else []
    while not parts or f"{name}{len(parts)}" in attributes:
        if f"{name}{len(parts)}" not in attributes:
            return
        parts.append(attributes[f"{name}{len(parts)}"])
    for part in parts:
        for text in part:
            yield text if isinstance(text, str) else text.decode(errors="replace")
