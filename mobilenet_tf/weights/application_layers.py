"""The layers, also those without weights, that a file of weights alone lists beside a network of Keras Applications."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from .hdf5_weights import StoredWeight, layer_name, listed
from .keras2_weights import snake_case

__all__ = ["StoredLayers", "layers_outside", "rescaling_layers", "stored_layers"]

NUMBER = re.compile(r"_\d+$")
# Layers that change no answer, that lie around others, or that every classifier of average pooling has.
HARMLESS = re.compile(
    r"input|functional|model|sequential|dropout|drop\b|flatten|random_|average_pool|avg_?pool|\bgap\b|dense|"
    r"predictions|activation|softmax|sigmoid",
    re.IGNORECASE,
)
# Of what Keras 2 made the hard-swish of MobileNetV3, each operation a layer.
HARD_SWISH = re.compile(r"add|mul|re_lu|reshape|global", re.IGNORECASE)


# Layers without weights that change the values of an image.
RESCALING = re.compile(r"rescaling|normalization|lambda|tf_|subtract|multiply|true_?div|divide", re.IGNORECASE)


@dataclass(frozen=True)
class StoredLayers:
    """The layers that a file lists.

    names:       of those without weights too, such as `dense` and `functional/rescaling_1`.
    weighted:    the names of those with weights, if the file tells them apart.
    outer_alone: whether a model is one of the layers, whose own layers without weights are not listed.
    """

    names: frozenset[str]
    weighted: frozenset[str]
    outer_alone: bool

    @property
    def rescalings(self) -> int | None:
        """How many Rescaling layers there are; None if the file does not tell."""
        if self.outer_alone:
            return None
        return sum(name.rpartition("/")[2].startswith("rescaling") for name in self.names)


def stored_layers(file: Any) -> StoredLayers:
    """The layers in an open HDF5 file of weights alone; in a `.weights.h5` they are numbered by their classes."""
    if "layer_names" in file.attrs:
        names = [*listed(file.attrs, "layer_names")]
        counts = {layer_name(name): sum(1 for _ in listed(file[name].attrs, "weight_names")) for name in names}
        # A layer has at most 5 weights, a squeeze-and-excite block of the oldest Keras a few more.
        nested = any(count > 20 for count in counts.values())
        return StoredLayers(frozenset(counts), frozenset(name for name in counts if counts[name]), nested)
    found: set[str] = set()

    def add(path: str) -> None:
        parts = path.split("/")
        if len(parts) > 1 and parts[-2] in ("layers", "_layer_checkpoint_dependencies"):
            found.add("/".join(parts[1::2]))

    file.visit(add)
    return StoredLayers(frozenset(found), frozenset(), outer_alone=False)


def rescaling_layers(layers: StoredLayers, own: Collection[str] = ()) -> list[str]:
    """The layers of a file that rescale the image, or may do so.

    own: the kinds of layers, such as `multiply`, that its network has itself.
    """
    kinds = {name: name.rpartition("/")[2] for name in layers.names - layers.weighted}
    return sorted(name for name, kind in kinds.items() if RESCALING.match(kind) and NUMBER.sub("", kind) not in own)


def layers_outside(layers: StoredLayers, base: Any, head: Sequence[StoredWeight]) -> list[str]:
    """The layers of a file that are neither of `base` nor what a classifier has: they may change its answers."""
    known = {layer.name for layer in base.layers} | {name for weight in head for name in weight.layers}
    inside = Counter(snake_case(type(layer).__name__) for layer in base.layers if not layers.outer_alone)
    of_keras2 = base.name.startswith("MobileNetV3") and bool(layers.weighted) and not layers.outer_alone
    outside = []
    for layer in sorted(layers.names - layers.weighted - known):
        kind = NUMBER.sub("", layer.rpartition("/")[2])
        if inside[kind] > 0:
            inside[kind] -= 1
        elif not HARMLESS.search(kind) and not (of_keras2 and HARD_SWISH.search(kind)):
            outside.append(layer)
    return outside
