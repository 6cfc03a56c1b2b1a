"""Bounds of the model that a file describes: a description of a few bytes may ask for any amount of memory.

TensorFlow is loaded when a model is built.
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mobilenet_tf.errors import WeightsError

if TYPE_CHECKING:
    import keras

__all__ = ["check_layer_count", "check_layer_outputs", "weights_as_stored"]

MAX_LAYERS = 3000
MAX_OUTPUT = 2**27  # numbers that a layer gives for one image: VGG's largest at 224 has 3.2 million
# Numbers that a model may have beyond those that are stored, such as the states of random layers.
NOT_STORED = 2**20


@contextmanager
def weights_as_stored(source: str, stored: int) -> Iterator[None]:
    """While the block builds a model, raise WeightsError as soon as it asks for more weights than its file can fill.

    stored: the numbers that the file `source` holds.
    """
    from mobilenet_tf.keras_loader import keras

    add_weight, total = keras.Layer.add_weight, 0

    def add_bounded(layer: Any, shape: Any = None, *args: Any, **settings: Any) -> Any:
        nonlocal total
        total += math.prod(size or 1 for size in shape) if isinstance(shape, list | tuple) else 1
        if total > stored + NOT_STORED:
            raise WeightsError(
                f"{source} describes a model of more weights than it holds: with the layer {layer.name} at least "
                f"{total}, where it holds {stored}.\nThe file is damaged, or was made to exhaust the memory: save the "
                "model again, model.save('model.keras')."
            )
        return add_weight(layer, shape, *args, **settings)

    keras.Layer.add_weight = add_bounded
    try:
        yield
    finally:
        keras.Layer.add_weight = add_weight


def check_layer_count(description: Any, source: str) -> None:
    """Raise WeightsError for a description of more layers than MAX_LAYERS, those of models inside included."""
    count, pending = 0, [description]
    while pending:
        entry = pending.pop()
        config = entry.get("config") if isinstance(entry, dict) else None
        layers = config.get("layers") if isinstance(config, dict) else None
        if isinstance(layers, list):
            count += len(layers)
            pending += layers
        if count > MAX_LAYERS:
            raise WeightsError(
                f"{source} describes a model of more than {MAX_LAYERS} layers; the largest of Keras "
                "Applications has 1000.\nExport it in the program that made it, and give the .tflite."
            )


def check_layer_outputs(model: "keras.Model", source: str) -> None:
    """Raise WeightsError if a layer of a model gives more numbers for one image than MAX_OUTPUT."""
    for layer in model._flatten_layers(include_self=False):
        for tensor in _outputs(layer):
            if (numbers := math.prod(size or 1 for size in tensor.shape)) > MAX_OUTPUT:
                raise WeightsError(
                    f"{source}: layer {layer.name} gives {numbers} numbers for one image, {tuple(tensor.shape[1:])}; "
                    f"expected at most {MAX_OUTPUT}, which take 0.5 GB.\nExport it at a smaller resolution."
                )


def _outputs(layer: Any) -> Iterator[Any]:
    """What a layer gives in each place of the model in which it stands."""
    for node in getattr(layer, "_inbound_nodes", ()):
        yield from node.output_tensors
