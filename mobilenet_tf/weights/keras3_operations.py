"""A whole-model `.h5` of Keras 3 with arithmetic between its layers, as `image / 255`, which Keras 3 cannot read back.

Keras writes such an operation into the older format without its module, and looks for a layer of its name. A
MobileNetV3 of Keras Applications has dozens. TensorFlow is loaded when a file is read.
"""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .hdf5_file import open_hdf5
from .model_description import model_description

if TYPE_CHECKING:
    import keras

__all__ = ["has_operations", "is_operation", "read_with_operations"]

# The modules in which Keras keeps its operations; `.keras` files name them too.
_MODULES = ("numpy", "nn", "core", "math", "image")


def is_operation(entry: dict[str, Any]) -> bool:
    """Whether an entry of a description in the older format is an operation: only layers say if they are trained."""
    no_layer = "module" not in entry and "trainable" not in entry["config"] and "layers" not in entry["config"]
    return no_layer and entry["class_name"] != "InputLayer" and _module_of(entry["class_name"]) is not None


def has_operations(path: Path) -> bool:
    """Whether a whole-model file in the older format has such operations."""
    return any(is_operation(entry) for entry in _entries(model_description(path)))


def read_with_operations(path: Path) -> "keras.Model":
    """The model in a file for which has_operations is true. Raises what Keras raises."""
    from mobilenet_tf.keras_loader import keras

    from .keras2_weights import fill_from_groups

    description = model_description(path)
    assert description is not None
    for entry in _entries(description):
        if is_operation(entry):
            entry |= {"module": _module_of(entry["class_name"]), "registered_name": entry["class_name"]}
    model = keras.Model.from_config(description["config"])
    with open_hdf5(path) as file:
        fill_from_groups(model, file, str(path))
    return model


def _entries(description: Any) -> Iterator[dict[str, Any]]:
    """The entries of all layers of a model and of the models in it."""
    config = description.get("config") if isinstance(description, dict) else None
    for entry in config.get("layers", []) if isinstance(config, dict) else []:
        yield entry
        yield from _entries(entry)


def _module_of(operation: str) -> str | None:
    names = (f"keras.src.ops.{module}" for module in _MODULES)
    return next((name for name in names if hasattr(import_module(name), operation)), None)
