"""One layer of a Keras 2 model as the same layer of Keras 3. TensorFlow is loaded with this module."""

import inspect
from typing import Any

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.keras_loader import keras

from .hdf5_weights import layer_name
from .keras2_ops import keras2_hard_sigmoid
from .unknown_code import unknown_layer

__all__ = ["layer_of"]

# Layers that do nothing once a model is trained. RandomCrop crops then too.
_INERT = {
    "Dropout", "SpatialDropout2D", "GaussianNoise", "GaussianDropout", "AlphaDropout", "ActivityRegularization",
    "FixedDropout", "Identity", "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast",
    "RandomBrightness", "RandomHeight", "RandomWidth",
}  # fmt: skip
# Settings of Keras 2 that change nothing once a model is trained, or that say what Keras 3 does anyway.
_DROPPED = {
    "trainable", "dtype", "batch_input_shape", "batch_shape", "input_shape", "input_dim", "fused", "renorm",
    "renorm_clipping", "renorm_momentum", "virtual_batch_size", "implementation", "_adapt_maximum_retracing",
}  # fmt: skip
_TRAINING_ONLY = ("_initializer", "_regularizer", "_constraint")
_NEUTRAL: tuple[Any, ...] = (
    None,
    False,
    1,
    [],
    {},
)  # of a setting that Keras 3 lacks, as `groups` of a depthwise convolution
_OLD_CLASSES = {"BatchNormalizationV1": "BatchNormalization", "BatchNormalizationV2": "BatchNormalization"}
_RENAMED = {"LeakyReLU": {"alpha": "negative_slope"}, "ThresholdedReLU": {}}


def layer_of(layer: dict[str, Any], source: str) -> keras.Layer:
    """The Keras 3 layer for a Keras 2 layer's entry in a model's description.

    Raises WeightsError for a layer that is code, that is not Keras's, or that has a setting of no meaning here.
    """
    name = layer_name(layer["config"].get("name") or layer["name"])
    settings = layer["config"] | {"name": name}
    kind = layer["class_name"].rpartition(">")[2]
    if kind in _INERT:
        return keras.layers.Identity(name=name)
    kind = _OLD_CLASSES.get(kind, kind)
    cls = getattr(keras.layers, kind, None)
    if kind == "Lambda" or not (inspect.isclass(cls) and issubclass(cls, keras.Layer)):
        raise unknown_layer(source, name, kind)
    renamed = _RENAMED.get(kind, {})
    settings = {
        renamed.get(key, key): value
        for key, value in settings.items()
        if key not in _DROPPED and not key.endswith(_TRAINING_ONLY)
    }
    accepted = {"name", *inspect.signature(cls.__init__).parameters}
    for key in settings.keys() - accepted:
        if settings.pop(key) not in _NEUTRAL:
            raise WeightsError(
                f"{source}: its layer {name}, a {kind} of Keras 2, has the setting {key}, which Keras 3 has not.\n"
                "Convert the model with the Keras that wrote it: "
                "tf.lite.TFLiteConverter.from_keras_model(model).convert(), and give the .tflite."
            )
    for key in settings.keys() & {"activation", "recurrent_activation"}:
        settings[key] = _activation(settings[key], source, name)
    axis = settings.get("axis")
    if isinstance(axis, list) and len(axis) == 1:
        settings["axis"] = axis[0]
    made: keras.Layer = cls(**settings)
    made.trainable = layer["config"].get("trainable", True)  # files may hold the weights that are not trained last
    return made


def _activation(activation: Any, source: str, layer: str) -> Any:
    """A Keras 2 activation, a name or a description, as a function of Keras 3."""
    if isinstance(activation, dict):
        activation = activation["config"] if isinstance(activation["config"], str) else activation["class_name"]
    if activation is None or activation == "linear":
        return None
    if activation == "hard_sigmoid":
        return keras2_hard_sigmoid
    name = {"Swish": "swish", "ReLU": "relu", "Softmax": "softmax"}.get(activation, activation)
    try:
        return keras.activations.get(name)
    except (ValueError, TypeError) as error:
        raise unknown_layer(source, layer, f"layer with the activation {name}") from error
