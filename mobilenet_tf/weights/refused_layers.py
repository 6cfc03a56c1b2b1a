"""Look through the description in a file of Keras 3 for layers and functions that are code, before anything is built
of it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .keras3_operations import is_operation
from .model_description import model_description
from .unknown_code import MODELS, unknown_function, unknown_layer

__all__ = ["refuse_unknown_layers"]

FUNCTIONS = ("function", "__lambda__")  # what Keras calls them in a description; the second is code in the file


def refuse_unknown_layers(path: Path) -> None:
    """Raise WeightsError for a whole-model file of Keras 3 with a layer, or a function of one, such as its activation,
    that is code, or that Keras does not have.
    """
    from mobilenet_tf.keras_loader import keras
    from mobilenet_tf.networks import builder  # noqa: F401  (it registers our layers)

    description = model_description(path)
    for layer in _layers_in(description):
        kind, registered = layer["class_name"], layer.get("registered_name")
        if is_operation(layer):
            continue
        if registered and keras.saving.get_registered_object(registered) is not None:
            continue
        # The older format does not say the module of a class.
        module = layer.get("module")
        of_keras = module.partition(".")[0] == "keras" if module else hasattr(keras.layers, kind) or kind in MODELS
        if kind == "Lambda" or not of_keras:
            raise unknown_layer(str(path), _name(layer), kind)
    for layer in _layers_in(description):
        for use, function in _functions_of(layer):
            if not _is_known(function):
                raise unknown_function(str(path), _name(layer), use, function)


def _layers_in(description: Any) -> Iterator[dict[str, Any]]:
    """Every model and layer in a description, from the outside in."""
    if isinstance(description, list):
        for part in description:
            yield from _layers_in(part)
    elif isinstance(description, dict) and isinstance(description.get("config"), dict):
        if "class_name" in description:
            yield description
        for key in ("layers", "layer"):
            yield from _layers_in(description["config"].get(key))


def _functions_of(layer: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What each function of a layer is used for, and its name."""
    for use, value in layer["config"].items():
        if isinstance(value, dict) and value.get("class_name") in FUNCTIONS:
            name = value.get("config")
            yield use, name if isinstance(name, str) and value["class_name"] == "function" else "lambda"


def _is_known(function: str) -> bool:
    from mobilenet_tf.keras_loader import keras

    if keras.saving.get_registered_object(function) is not None:
        return True
    return any(hasattr(of, function) for of in (keras.activations, keras.initializers, keras.regularizers))


def _name(layer: dict[str, Any]) -> str:
    return str(layer["config"].get("name") or layer.get("name") or "without a name")
