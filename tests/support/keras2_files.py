"""Files as Keras 2 wrote them, made of models of Keras 3: its description of a model, and its names of weights."""

import json

import h5py
import keras

VERSION = b"2.15.0"


def save_weights_as_keras2(model, path):
    """The weights of a model in an HDF5 file without a description."""
    with h5py.File(path, "w") as file:
        _write_weights(model, file)


def save_as_keras2(model, description, path):
    """A whole-model file with this description, whose layers are called as those of `model`."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = VERSION
        file.attrs["model_config"] = json.dumps(description)
        _write_weights(model, file.create_group("model_weights"))


def _write_weights(model, group):
    group.attrs["layer_names"] = [layer.name.encode() for layer in model.layers]
    group.attrs["keras_version"] = VERSION
    for layer in model.layers:
        own = group.create_group(layer.name)
        # As Keras 2 does: what is trained first, whichever layer inside it belongs to.
        weights = [*layer.trainable_weights, *layer.non_trainable_weights]
        names = [_name(layer, weight) for weight in weights]
        own.attrs["weight_names"] = [name.encode() for name in names]
        for name, weight in zip(names, weights, strict=True):
            own.create_dataset(name, data=weight.numpy())


def _name(layer, weight):
    """conv1/kernel:0"""
    leaf = next(leaf for leaf in _leaves(layer) if any(weight is one for one in leaf.weights))
    name = "depthwise_kernel" if isinstance(leaf, keras.layers.DepthwiseConv2D) and "kernel" in weight.name else None
    return f"{leaf.name}/{name or weight.name}:0"


def _leaves(layer):
    if isinstance(layer, keras.Model):
        for inner in layer.layers:
            yield from _leaves(inner)
    else:
        yield layer


def layer_entry(layer, source, *, call=0, **settings):
    """The entry of a layer in a Keras 2 description.

    source: the layer before it. call: the number of that one's call, 1 for a model inside.
    """
    return {
        "class_name": type(layer).__name__,
        "config": {"name": layer.name, **settings},
        "name": layer.name,
        "inbound_nodes": [[[source, call, 0, {}]]],
    }


def image_entry(name, res=32):
    settings = {"name": name, "batch_input_shape": [None, res, res, 3], "dtype": "float32", "ragged": False}
    return {"class_name": "InputLayer", "config": settings, "name": name, "inbound_nodes": []}


def op_entry(name, function, source, **arguments):
    """The entry of a TensorFlow function. source: the name of a layer, or a number."""
    first = [source, 0, 0] if isinstance(source, str) else ["_CONSTANT_VALUE", -1, source]
    settings = {"name": name, "trainable": True, "dtype": "float32", "function": function}
    node = [*first, arguments | {"name": None}]
    return {"class_name": "TFOpLambda", "config": settings, "name": name, "inbound_nodes": [node]}


def functional(name, entries, inputs, outputs):
    config = {"name": name, "layers": entries, "input_layers": inputs, "output_layers": outputs}
    return {"class_name": "Functional", "config": config}
