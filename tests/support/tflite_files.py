"""Small .tflite files of other people's kinds, made by TensorFlow's converter."""

import contextlib
import io

import keras
import numpy as np
import tensorflow as tf

from mobilenet_tf.networks.builder import UnitLength


def converted(model, **settings):
    """The bytes of a Keras model's float .tflite; settings of the converter."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    for name, value in settings.items():
        setattr(converter, name, value)
    with contextlib.redirect_stdout(io.StringIO()):
        return converter.convert()


def converted_function(function, *shapes):
    """The bytes of the .tflite of a TensorFlow function of float tensors of these shapes; None is a size left open."""
    signature = [tf.TensorSpec(shape, tf.float32) for shape in shapes]
    concrete = tf.function(function, input_signature=signature).get_concrete_function()
    return tf.lite.TFLiteConverter.from_concrete_functions([concrete]).convert()


def features(image, *, seed=0, size=6):
    """Numbers (batch, size) that vary with a Keras image: a convolution and its mean."""
    kernel = keras.initializers.RandomNormal(stddev=0.5, seed=seed)
    x = keras.layers.Conv2D(size, 3, 2, activation="relu", kernel_initializer=kernel)(image)
    return keras.layers.GlobalAveragePooling2D()(x)


def scores(x, classes, *, activation=None, seed=1, scale=3.0):
    """A dense layer whose answers are several units wide, so that logits look like none of a softmax."""
    kernel = keras.initializers.RandomNormal(stddev=scale, seed=seed)
    return keras.layers.Dense(classes, activation=activation, kernel_initializer=kernel)(x)


def classifier(activation=None, *, classes=4, shape=(32, 32, 3), batch=None):
    """A small Keras classifier whose last layer has this activation."""
    image = keras.Input(shape, batch_size=batch)
    return keras.Model(image, scores(features(image), classes, activation=activation))


def classifier_file(activation=None, **settings):
    """The bytes of the float .tflite of `classifier`."""
    return converted(classifier(activation, **settings))


def extractor_file(*, unit_length=True, size=6):
    """The bytes of a float .tflite that gives `features` of an image of [-1, 1], divided by their length or not."""
    image = keras.Input((32, 32, 3))
    x = features(image, size=size)
    return converted(keras.Model(image, UnitLength()(x) if unit_length else x))


def int8_file(activation=None, **settings):
    """The bytes of an int8 .tflite of `classifier`, whose inputs lie in [-1, 1]."""
    images = np.random.default_rng(0).uniform(-1, 1, (20, 1, 32, 32, 3)).astype(np.float32)
    return converted(
        classifier(activation, **settings),
        optimizations=[tf.lite.Optimize.DEFAULT],
        representative_dataset=lambda: ([image] for image in images),
        target_spec=tf.lite.TargetSpec(supported_ops=[tf.lite.OpsSet.TFLITE_BUILTINS_INT8]),
        inference_input_type=tf.int8,
        inference_output_type=tf.int8,
    )


def flex_file():
    """A classifier with an op that needs TensorFlow's Flex delegate: Tan."""
    ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
    return converted(_ending_in(tf.math.tan), target_spec=tf.lite.TargetSpec(supported_ops=ops))


def custom_op_file():
    """A classifier with an op that no interpreter here has: Erfinv."""
    return converted(_ending_in(tf.math.erfinv), allow_custom_ops=True)


def _ending_in(function):
    image = keras.Input((32, 32, 3))
    return keras.Model(image, keras.layers.Lambda(function)(scores(features(image), 4, activation="sigmoid")))


def photo(seed=0, *, res=32):
    """Pixels (res, res, 3)."""
    return np.random.default_rng(seed).integers(0, 256, (res, res, 3), dtype=np.uint8)
