"""Put the weights of a file that has no model into the order of a network, by their names.

A model inside a model stores the weights that were trained before those that were frozen: the order in the file says
nothing. TensorFlow is loaded with this module.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mobilenet_tf.keras_loader import keras
from mobilenet_tf.networks.builder import build_trunk
from mobilenet_tf.networks.spec import ModelSpec

from .arrays import Arrays
from .hdf5_weights import StoredWeight, layer_name, stored_groups
from .keras2_weights import snake_case

__all__ = ["arrays_of_network", "matched", "plain_name", "stored_weights", "variables_of"]

NO_WEIGHTS = ("optimizer", "metrics", "loss_tracker")  # what a `.weights.h5` keeps of the training beside the model
NORMALIZATION = re.compile(r"^normalization_\d+$")
ALIASES = {"depthwise_kernel": "kernel"}


def stored_weights(file: Any) -> list[StoredWeight]:
    """All weights in an open HDF5 file, `.h5` or `.weights.h5`, with the names of their layers.

    Raises as stored_groups does.
    """
    import h5py

    if "layer_names" in file.get("model_weights", file).attrs:
        return [weight for group in stored_groups(file).values() for weight in group]
    found: list[StoredWeight] = []

    def add(path: str, item: Any) -> None:
        parts = path.split("/")
        is_weight = parts[0] not in NO_WEIGHTS and parts[-3:-2] not in ([], ["seed_generator"]) and parts[-2] == "vars"
        if isinstance(item, h5py.Dataset) and is_weight:
            found.append(StoredWeight((plain_name(parts[-3]), "/".join(parts[:-3])), parts[-1], item))

    file.visititems(add)
    return found


def arrays_of_network(stored: Sequence[StoredWeight], spec: ModelSpec) -> Arrays | None:
    """The arrays of a network of ours in its order, if the names are those of ours or of Keras Applications.

    The two weights that are left over are its classifier's. None if names or shapes do not fit.
    """
    image, features = build_trunk(spec)
    bases = [keras.Model(image, features)]
    if (application := spec.architecture.keras) is not None:
        build = getattr(keras.applications, application.builder)
        size = (spec.res, spec.res, 3)
        bases.append(build(input_shape=size, alpha=spec.alpha, include_top=False, weights=None, **application.options))
    for base in bases:
        if (found := matched(stored, base)) is not None and len(found[1]) == 2:
            kernel, bias = sorted((weight.read() for weight in found[1]), key=lambda array: -array.ndim)
            return [*found[0], np.asarray(kernel.reshape(kernel.shape[-2:]), np.float32), np.asarray(bias, np.float32)]
    return None


def plain_name(name: str) -> str:
    """The name of a layer without a slash; of EfficientNet's Normalization, which Keras numbers, without its number."""
    return NORMALIZATION.sub("normalization", layer_name(name))


def variables_of(layer: keras.Layer) -> list[Any]:
    """The weights of a layer that its answers depend on: not how many photos a Normalization has seen."""
    return [variable for variable in layer.weights if variable.name != "count"]


def matched(stored: Sequence[StoredWeight], base: keras.Model) -> tuple[Arrays, list[StoredWeight]] | None:
    """(the weights of `base` in its order; the stored weights that are not of it), if the names and shapes fit.

    base: a network without its classifier. Its layers may be stored by their names, or numbered by their classes, as in
    `depthwise_conv2d_3`.
    """
    for keys in (_by_name(base), _by_class(base)):
        for inside in dict.fromkeys(weight.layers[-1] if keys.numbered else "" for weight in stored):
            rest, arrays = list(stored), []
            for names, variable in keys.wanted:
                fitting = [
                    weight
                    for weight in rest
                    if (weight.layers[-1] == inside or not keys.numbered)
                    and any((layer, ALIASES.get(weight.name, weight.name)) in names for layer in weight.layers)
                ]
                if len(fitting) != 1 or fitting[0].shape != tuple(variable.shape):
                    break
                rest.remove(fitting[0])
                arrays.append(np.asarray(fitting[0].read(), np.float32))
            else:
                return arrays, rest
    return None


class _Keys:
    """For each variable, in order, the (layer, weight) names under which it may be stored."""

    def __init__(self, wanted: Iterator[tuple[set[tuple[str, str]], Any]], *, numbered: bool) -> None:
        self.wanted, self.numbered = list(wanted), numbered


def _by_name(base: keras.Model) -> _Keys:
    def wanted() -> Iterator[tuple[set[tuple[str, str]], Any]]:
        for layer in base.layers:
            for number, variable in enumerate(variables_of(layer)):
                name = ALIASES.get(variable.name, variable.name)
                yield {(plain_name(layer.name), key) for key in (name, str(number))}, variable

    return _Keys(wanted(), numbered=False)


def _by_class(base: keras.Model) -> _Keys:
    def wanted() -> Iterator[tuple[set[tuple[str, str]], Any]]:
        seen: Counter[str] = Counter()
        for layer in base.layers:
            kind = snake_case(type(layer).__name__)
            key = f"{kind}_{seen[kind]}" if seen[kind] else kind
            seen[kind] += 1
            for number, variable in enumerate(variables_of(layer)):
                yield {(key, str(number))}, variable

    return _Keys(wanted(), numbered=True)
