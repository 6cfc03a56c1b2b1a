"""Fill a model with the weights in a Keras 2 file, by their names. TensorFlow is loaded with this module."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.keras_loader import keras

from .hdf5_weights import StoredWeight, layer_name, stored_groups
from .keras2_graph import layers_of
from .unknown_code import MODELS

__all__ = ["fill_from_archive", "fill_from_groups", "snake_case"]

# What Keras 2 saves among the weights though no answer depends on it: how many photos a normalization has seen, and the
# state of random numbers.
_NO_WEIGHTS = ("count", "StateVar")
_ALIASES = {"depthwise_kernel": "kernel"}  # Keras 2's name of a depthwise convolution's weights


def fill_from_groups(model: keras.Model, file: Any, source: str) -> None:
    """Fill a model with the weights in an open HDF5 file of the older format (whole model, or weights only).

    The weights of each layer of the outer model are matched by their names: a model inside a model stores those that
    are trained first. If names do not fit, as after a layer was renamed, they are taken in Keras's order.
    Raises WeightsError if the file lacks weights of the model, or has others.
    """
    groups = {name: weights for name, weights in stored_groups(file).items() if weights}
    for layer in model.layers:
        wanted = [weight for weight in layer.weights if weight.name not in _NO_WEIGHTS]
        stored = [weight for weight in groups.pop(layer.name, []) if weight.name not in _NO_WEIGHTS]
        if wanted or stored:
            _assign(_by_name(layer, stored) or _in_order(layer, stored), source, layer.name)
    if groups:
        raise _misfit(source, next(iter(groups)), "which its description of the model does not have")


def fill_from_archive(model: keras.Model, config: dict[str, Any], group: Any, source: str) -> None:
    """Fill a model with the weights of a `.keras` file, whose groups are called by the classes of the layers.

    config: the description of the model. group: of h5py, the open file's at first.
    Raises WeightsError if weights are missing or of another shape.
    """
    held: Any = next((group[key] for key in ("layers", "_layer_checkpoint_dependencies") if key in group), {})
    seen: Counter[str] = Counter()
    for entry in layers_of(config):
        kind = snake_case(entry["class_name"].rpartition(">")[2])
        key = f"{kind}_{seen[kind]}" if seen[kind] else kind
        seen[kind] += 1
        if entry["class_name"] == "InputLayer" or entry["class_name"].endswith("OpLambda"):
            continue
        name = layer_name(entry.get("name") or entry["config"]["name"])
        layer = model.get_layer(name)
        if entry["class_name"] in MODELS:
            fill_from_archive(layer, entry, held.get(key, {}), source)
        elif layer.weights:
            stored = held[key]["vars"] if key in held else {}
            pairs = [(variable, _numbered(stored, n)) for n, variable in enumerate(_own(layer))]
            _assign(pairs, source, name)


def _numbered(stored: Any, number: int) -> StoredWeight | None:
    if str(number) not in stored:
        return None
    return StoredWeight((), str(number), stored[str(number)])


Pairs = Sequence[tuple[Any, StoredWeight | None]]


def _by_name(layer: Any, stored: Sequence[StoredWeight]) -> Pairs | None:
    """Each variable of a layer, or of the layers in it, with the weight of its name; None if names do not fit."""
    wanted = {(leaf.name, _ALIASES.get(v.name, v.name)): v for leaf in _leaves(layer) for v in _own(leaf)}
    leaves = {leaf for leaf, _ in wanted}
    named = {
        (next((name for name in weight.layers if name in leaves), ""), _ALIASES.get(weight.name, weight.name)): weight
        for weight in stored
    }
    count = sum(len(_own(leaf)) for leaf in _leaves(layer))
    if len(named) != len(stored) or len(wanted) != count or named.keys() != wanted.keys():
        return None
    return [(variable, named[key]) for key, variable in wanted.items()]


def _in_order(layer: Any, stored: Sequence[StoredWeight]) -> Pairs:
    """Each variable of a layer with the weight in its place: those that are trained first, as Keras stores them."""
    leaves = [*_leaves(layer)]
    trained = [v for leaf in leaves for v in leaf.trainable_weights]
    others = [v for leaf in leaves for v in leaf.non_trainable_weights if v.name not in _NO_WEIGHTS]
    places: list[StoredWeight | None] = [*stored]
    if len(places) != len(trained) + len(others):
        places = [None] * (len(trained) + len(others))
    return list(zip([*trained, *others], places, strict=True))


def _assign(pairs: Pairs, source: str, layer: str) -> None:
    for variable, stored in pairs:
        if stored is None:
            raise _misfit(source, layer, "of which weights are missing")
        if stored.shape != tuple(variable.shape):
            raise _misfit(source, layer, f"which takes weights {tuple(variable.shape)} and has {stored.shape}")
        variable.assign(stored.read())


def _misfit(source: str, layer: str, why: str) -> WeightsError:
    return WeightsError(
        f"{source} holds weights that do not fit its own description: of the layer {layer}, {why}.\n"
        "The file is damaged, or was made by joining two: save the model again, model.save('model.keras')."
    )


def _own(layer: Any) -> list[Any]:
    return [weight for weight in layer.weights if weight.name not in _NO_WEIGHTS]


def _leaves(layer: Any) -> Iterator[Any]:
    """The layers with weights in a layer, which may be a model: itself if it is none."""
    if isinstance(layer, keras.Model):
        for inner in layer.layers:
            yield from _leaves(inner)
    else:
        yield layer


def snake_case(name: str) -> str:
    """DepthwiseConv2D -> depthwise_conv2d, as Keras names the groups of a file."""
    return re.sub("([a-z])([A-Z])", r"\1_\2", re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)).lower()
