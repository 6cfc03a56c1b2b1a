"""The classifier in a file of the weights alone of a network of Keras Applications, filled by the names of its weights.

Such a file does not say the resolution, the pooling or the last activation: what is taken for them is said in notes.
TensorFlow is loaded with this module.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.keras_loader import keras

from .application_layers import StoredLayers, layers_outside, stored_layers
from .application_rows import Row, rows_for
from .arrays import Arrays
from .hdf5_file import open_hdf5
from .hdf5_weights import StoredWeight
from .named_weights import matched, plain_name, stored_weights, variables_of

__all__ = ["read_application"]

# MobileNetV3's names of Keras 2 -> of Keras 3: Conv/BatchNorm -> conv_bn.
BATCH_NORM = re.compile("batchnorm", re.IGNORECASE)
RES_IN_NAME = re.compile(r"^mobilenetv2_[\d.]+_(96|128|160|192)$")
# What EfficientNet's Normalization holds in the files for ImageNet, and the deviations that they are rescaled by too.
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
WHOLE = "Open it with the code that wrote it and save the whole model: model.save('model.keras')."


@dataclass(frozen=True)
class _Found:
    """A network that has all the stored weights but those of its head.

    options: of the builder. base: without a classifier. arrays: of the base, in its order. head: what is left over.
    """

    row: Row
    options: dict[str, Any]
    base: keras.Model
    arrays: Arrays
    head: list[StoredWeight]


def read_application(path: Path, res: int | None = None) -> tuple[keras.Model, tuple[str, ...]] | None:
    """(the classifier in a file of weights alone, notes on what the file does not say); None for any other network.

    res: the resolution, in pixels; None for that in the name of the base, or else the default of the network.
    Raises WeightsError for such a network without a classifier, or with layers that the file does not describe.
    """
    with open_hdf5(path) as file:
        stored = [_renamed(weight) for weight in stored_weights(file) if weight.shape]
        found = _found(stored)
        if found is None:
            return None
        if not found.head:
            raise WeightsError(
                f"{path} holds the weights of {found.row.builder} without a classifier: there are no classes to export."
                "\nGive the file of the whole classifier, with its last layer: model.save('model.keras')."
            )
        _refuse_other_head(found, path)
        layers = stored_layers(file)
        outside = layers_outside(layers, found.base, found.head)
        if outside:
            raise WeightsError(
                f"{path} holds the weights of {found.row.builder} alone, and has the layer {outside[0]} too: such a "
                f"file does not say what that computes.\n{WHOLE}"
            )
        held = res or _res_in_names(layers) or found.row.res
        model, about = _classifier(found, held, layers)
        if found.row.builder.startswith("EfficientNetB"):
            _rescale_as_for_imagenet(model, layers, path)
    said = "" if res else f" at {held}x{held} (--res N if it was trained at another resolution)"
    note = f"{path} holds weights alone: by their names they are taken for {found.row.builder}{said}, with {about}."
    return model, (note,)


def _refuse_other_head(found: _Found, path: Path) -> None:
    """Raise WeightsError for a classifier of several layers, or of the features of each pixel: the file does not say
    what stands between them.
    """
    takes = [weight.shape[-2] for weight in found.head if len(weight.shape) > 1]
    if len(takes) == 1 and takes[0] == _features(found):
        return
    if len(takes) == 2 and found.row.builder.startswith("MobileNetV3"):
        return
    sizes = " and ".join(map(str, takes))
    raise WeightsError(
        f"{path} holds the weights of {found.row.builder} alone, with a classifier of layers that take {sizes} "
        f"numbers; one layer that takes {_features(found)} was expected. The file does not say what stands between.\n"
        f"{WHOLE}"
    )


def _found(stored: list[StoredWeight]) -> _Found | None:
    """The network whose weights without a classifier are all stored, with their names and shapes."""
    for row, head in rows_for(len(stored)):
        for options in row.builds():
            base = _build(row, options, row.res, include_top=False)
            fitting = matched(stored, base)
            if fitting is not None and len(fitting[1]) == head:
                return _Found(row, options, base, *fitting)
    return None


def _build(row: Row, options: dict[str, Any], res: int, **head: Any) -> keras.Model:
    build = getattr(keras.applications, row.builder)
    return build(weights=None, input_shape=(res, res, 3), **options, **head)


def _classifier(found: _Found, res: int, layers: StoredLayers) -> tuple[keras.Model, str]:
    """(the model with all weights of the file, what was taken for its head)."""
    options = dict(found.options)
    if layers.rescalings is not None and found.row.builder.startswith(("MobileNetV3", "EfficientNetV2")):
        options["include_preprocessing"] = layers.rescalings > 0
    kernels = sorted((_kernel(w) for w in found.head if len(w.shape) > 1), key=lambda k: k.shape[0] != _features(found))
    biases = [np.asarray(weight.read(), np.float32) for weight in found.head if len(weight.shape) == 1]
    classes = kernels[-1].shape[1]
    activation = "softmax" if classes > 1 else "sigmoid"
    if len(kernels) == 2:  # MobileNetV3's own classifier
        model = _build(found.row, options, res, classes=classes, classifier_activation=activation)
        tops = [model.get_layer("conv_2"), model.get_layer("logits")]
        about = f"its own classifier and a {activation}"
    else:
        base = _build(found.row, options, res, include_top=False)
        scores = keras.layers.Dense(classes, activation=activation, name="predictions")
        pooled = keras.layers.GlobalAveragePooling2D()(base.output)
        model = keras.Model(base.input, scores(pooled), name=base.name)
        tops, about = [scores], f"average pooling and a {activation}"
    variables = [v for layer in model.layers if layer not in tops for v in variables_of(layer)]
    for variable, array in zip(variables, found.arrays, strict=True):
        variable.assign(array)
    for layer, kernel in zip(tops, kernels, strict=True):
        bias = next(bias for bias in biases if len(bias) == kernel.shape[1])
        layer.set_weights([kernel.reshape(layer.kernel.shape), bias])
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()
    return model, about


def _kernel(weight: StoredWeight) -> NDArray[np.float32]:
    """(inputs, outputs), also of a 1x1 convolution."""
    return np.asarray(weight.read(), np.float32).reshape(weight.shape[-2:])


def _features(found: _Found) -> int:
    return int(found.base.output_shape[-1])


def _rescale_as_for_imagenet(model: keras.Model, layers: StoredLayers, path: Path) -> None:
    """Rescale the image as EfficientNet B0 to B7 does if it is built with ImageNet's weights: once more by the root of
    ImageNet's deviations. Without the weights it is built without that layer, so that it goes into the variance.
    """
    normalization = next(layer for layer in model.layers if isinstance(layer, keras.layers.Normalization))
    mean = np.asarray(normalization.adapt_mean).ravel()
    of_imagenet = np.allclose(mean, IMAGENET_MEAN, atol=1e-3)
    # The published files are older than the layer, which they need all the same.
    published = of_imagenet and model.output_shape[-1] == 1000
    if layers.rescalings == 1 and not published:
        return
    if layers.rescalings is None and not of_imagenet:
        if not mean.any():  # it was built without ImageNet's weights, and has not been adapted
            return
        raise WeightsError(f"{path} holds weights alone, which do not say how its EfficientNet rescales.\n{WHOLE}")
    variance = np.asarray(normalization.adapt_variance)
    normalization.adapt_variance.assign(variance * np.asarray(IMAGENET_STD, np.float32).reshape(variance.shape))
    normalization.finalize_state()


def _renamed(weight: StoredWeight) -> StoredWeight:
    """The weight with the name of its layer in Keras 3 too, for MobileNetV3."""
    name = BATCH_NORM.sub("bn", plain_name(weight.layers[0])).lower()
    return weight if name in weight.layers else replace(weight, layers=(name, *weight.layers))


def _res_in_names(layers: StoredLayers) -> int | None:
    """The resolution in the name of MobileNetV2 as a layer, such as mobilenetv2_1.00_160."""
    found = (RES_IN_NAME.match(name) for name in layers.names)
    return next((int(match[1]) for match in found if match), None)
