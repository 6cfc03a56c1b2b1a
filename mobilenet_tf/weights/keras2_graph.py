"""A model of Keras 2, rebuilt in Keras 3 from its description in a file. TensorFlow is loaded with this module.

Keras 3 reads many such descriptions itself, but neither models inside models, whose outputs Keras 2 numbers otherwise,
nor TensorFlow functions used as layers. No code of the file is run: see keras2_layers.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.keras_loader import keras

from .hdf5_weights import layer_name
from .keras2_layers import layer_of
from .keras2_ops import op_function
from .unknown_code import MODELS, unknown_layer

__all__ = ["keras2_model", "layers_of"]

_OPS = ("TFOpLambda", "SlicingOpLambda")

Config = dict[str, Any]


def keras2_model(config: Config, source: str, res: int | None = None) -> keras.Model:
    """The model that a Keras 2 description says, with weights that are not trained.

    config: what `model.to_json()` gives: `class_name` and `config`.
    source: the file, for messages.
    res:    the resolution of its images, if the description leaves it open.
    Raises WeightsError for a layer that cannot be rebuilt.
    """
    if config["class_name"] == "Sequential":
        return _sequential(config, source, res)
    if config["class_name"] in MODELS:
        return _Functional(config["config"], source, res).build()
    raise unknown_layer(source, str(config["config"].get("name", "model")), config["class_name"])


def layers_of(config: Config) -> list[Config]:
    """The descriptions of a model's layers; old Keras kept those of a Sequential as a bare list."""
    return config["config"] if isinstance(config["config"], list) else config["config"]["layers"]


def _sequential(config: Config, source: str, res: int | None) -> keras.Model:
    entries = layers_of(config)
    name = None if isinstance(config["config"], list) else config["config"].get("name")
    layers = [_made(entry, source, res) for entry in entries if entry["class_name"] != "InputLayer"]
    shape = _input_shape(config)
    if shape is None:
        return keras.Sequential(layers, name=name)
    image = x = keras.Input(_with_res(shape, res))
    for layer in layers:
        x = layer(x)
    return keras.Model(image, x, name=name)


def _input_shape(config: Config) -> list[int | None] | None:
    """The shape of the input of a Sequential or Functional, without the batch; None if nothing says it."""
    entries = layers_of(config)
    inner = entries[0]["config"] if entries else {}
    shape = None
    if isinstance(inner, dict):
        shape = inner.get("batch_input_shape") or inner.get("batch_shape")
    if shape is None and entries and entries[0]["class_name"] in MODELS:
        return _input_shape(entries[0])
    if shape is None and isinstance(config["config"], dict):
        shape = config["config"].get("build_input_shape") or config.get("build_config", {}).get("input_shape")
    return None if shape is None else list(shape)[1:]


def _with_res(shape: list[int | None], res: int | None) -> tuple[int | None, ...]:
    """The shape of an image with the sizes that it leaves open filled in; other shapes as they are."""
    return tuple(res if size is None and len(shape) == 3 else size for size in shape)


def _made(entry: Config, source: str, res: int | None) -> Any:
    if entry["class_name"] in MODELS:
        return keras2_model(entry, source, res)
    return layer_of(entry, source)


class _Function(keras.layers.Layer):  # type: ignore[misc]
    """A TensorFlow function with the name that it has in the model."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        super().__init__(name=name)
        self._function = function

    def call(self, x: Any, **arguments: Any) -> Any:
        return self._function(x, **arguments)


class _Functional:
    """Builds one Functional model. `_outputs` has what each call of each layer gave, by the layer's name."""

    def __init__(self, config: Config, source: str, res: int | None) -> None:
        self._config, self._source, self._res = config, source, res
        self._outputs: dict[str, list[Any]] = {}
        self._entries = {_name_of(entry): entry for entry in config["layers"]}
        self._first = {name: self._first_call(name) for name in self._entries}

    def build(self) -> keras.Model:
        for name, entry in self._entries.items():
            if entry["class_name"] == "InputLayer":
                shape = entry["config"].get("batch_input_shape") or entry["config"]["batch_shape"]
                self._outputs[name] = [keras.Input(_with_res(list(shape)[1:], self._res), name=name)]
        made = {
            name: None if entry["class_name"] in _OPS else _made(entry, self._source, self._res)
            for name, entry in self._entries.items()
            if entry["class_name"] != "InputLayer"
        }
        waiting = [(name, node) for name in made for node in self._entries[name]["inbound_nodes"]]
        while waiting:
            later: list[tuple[str, list[Any]]] = []
            for name, node in waiting:
                # Calls of one layer are numbered in their order: none overtakes an earlier one that still waits.
                overtakes = any(name == other for other, _ in later)
                if overtakes or not all(self._is_there(one) for one in references(node)):
                    later.append((name, node))
                else:
                    self._outputs.setdefault(name, []).append(self._call(name, made[name], node))
            if len(later) == len(waiting):
                raise WeightsError(f"{self._source} describes a model whose layer {waiting[0][0]} has no input.")
            waiting = later
        inputs, outputs = (self._ends(self._config[key]) for key in ("input_layers", "output_layers"))
        return keras.Model(inputs, outputs, name=self._config.get("name"))

    def _call(self, name: str, layer: Any, node: list[Any]) -> Any:
        inputs = self._resolved(node)
        if layer is not None:
            inputs = inputs[0] if isinstance(inputs, list) and len(inputs) == 1 else inputs
            return layer(inputs)
        function_name = self._entries[name]["config"]["function"]
        function = op_function(function_name)
        if function is None:
            raise unknown_layer(self._source, name, f"call of tf.{function_name}")
        return _Function(function, layer_name(name))(inputs, **self._arguments(node))

    def _arguments(self, node: list[Any]) -> dict[str, Any]:
        """The named arguments of a TensorFlow function, tensors among them."""
        references = [node] if _is_reference(node) else node
        given: dict[str, Any] = next((part[3] for part in references if len(part) == 4), {})
        return {key: self._resolved(value) for key, value in given.items() if key not in ("name", "training")}

    def _resolved(self, value: Any) -> Any:
        """A part of a description with its references replaced by tensors."""
        if not isinstance(value, list):
            return value
        if value[:1] == ["_CONSTANT_VALUE"]:
            return np.float32(value[2])
        if _is_reference(value) and value[0] in self._entries:
            return self._tensor(value)
        return [self._resolved(part) for part in value]

    def _tensor(self, reference: list[Any]) -> Any:
        name, call, number = reference[:3]
        output = self._outputs[name][max(0, call - self._first[name])]
        return output[number] if isinstance(output, list | tuple) else output

    def _is_there(self, reference: list[Any]) -> bool:
        name, call, _ = reference[:3]
        return name not in self._entries or len(self._outputs.get(name, [])) > max(0, call - self._first[name])

    def _first_call(self, name: str) -> int:
        """The number of the first call of a layer: 1 for a model, whose call when it was made counts as well."""
        if self._entries[name]["class_name"] not in MODELS:
            return 0
        nodes = [node for entry in self._config["layers"] for node in entry["inbound_nodes"]]
        ends = _ends_of(self._config["output_layers"])
        numbers = [one[1] for one in [*(r for node in nodes for r in references(node)), *ends] if one[0] == name]
        return int(max(numbers, default=0) >= len(self._entries[name]["inbound_nodes"]))

    def _ends(self, ends: Any) -> Any:
        tensors = [self._tensor(end) for end in _ends_of(ends)]
        return tensors[0] if len(tensors) == 1 else tensors


def _name_of(entry: Config) -> str:
    return str(entry.get("name") or entry["config"]["name"])


def _ends_of(ends: Any) -> list[list[Any]]:
    if isinstance(ends, dict):
        ends = list(ends.values())
    return [ends] if _is_reference(ends) else ends


def _is_reference(value: Any) -> bool:
    """Whether a part of a description names a tensor: [layer, call, number of the output, named arguments]."""
    return len(value) in (3, 4) and isinstance(value[0], str) and isinstance(value[1], int)


def references(value: Any) -> Iterator[list[Any]]:
    """All references to tensors in a call, those of named arguments included."""
    if isinstance(value, dict):
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        if _is_reference(value) and value[0] != "_CONSTANT_VALUE":
            yield value[:3]
            value = value[3:]
        for part in value:
            yield from references(part)
