"""Classification: each photo has one class. The head, the scores, how they are read, and how files describe them.

TensorFlow is loaded by the functions that need it, not with this module.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.contract.manifest import Head
from mobilenet_tf.errors import ModelError, require
from mobilenet_tf.networks.spec import ModelSpec

if TYPE_CHECKING:
    import keras

__all__ = [
    "OutputDescription",
    "agreement",
    "best_class",
    "best_class_per_photo",
    "best_classes",
    "build_model",
    "class_count",
    "classifier_layer",
    "classifier_shapes",
    "correct_predictions",
    "describe_output",
    "has_classifier",
    "head_of",
    "logits_model",
    "losses",
    "soft_labels",
    "softmax",
    "split_classifier",
    "top1",
    "two_classes",
]

Float32 = NDArray[np.float32]
Label = TypeVar("Label")
Floats = TypeVar("Floats", NDArray[np.float32], NDArray[np.float64])


@dataclass(frozen=True)
class OutputDescription:
    """What a file's metadata says about its output: the tensor, its values, and the file of class names."""

    name: str
    description: str
    smallest: float
    largest: float
    labels: str


def build_model(spec: ModelSpec, head: Head = "softmax") -> "keras.Model":
    """The Keras model of `spec`, randomly initialized, with a classifier at its end, on the average of its features.

    Input (batch, res, res, 3), float32 in [-1, 1]; output (batch, classes): a softmax, a sigmoid for each of so many
    tags, or a vector of length 1 with so many parts.
    """
    require("keras")
    from mobilenet_tf.keras_loader import keras
    from mobilenet_tf.networks.builder import UnitLength, build_trunk

    image, x = build_trunk(spec)
    if len(x.shape) == 4:
        x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    x = keras.layers.Dense(spec.classes, name="classifier")(x)
    last = {
        "softmax": keras.layers.Softmax,
        "sigmoid": partial(keras.layers.Activation, "sigmoid"),
        "embedding": UnitLength,
    }[head]
    return keras.Model(image, last(name=head)(x), name=spec.name.replace(".", "_"))


def head_of(model: "keras.Model") -> Head:
    """What the outputs of a model stand for: tags or an embedding if it ends in the layer that build_model makes."""
    from mobilenet_tf.keras_loader import keras
    from mobilenet_tf.networks.builder import UnitLength

    last = model.layers[-1]
    if isinstance(last, UnitLength):
        return "embedding"
    is_sigmoid = isinstance(last, keras.layers.Activation) and last.activation is keras.activations.sigmoid
    return "sigmoid" if is_sigmoid and last.name == "sigmoid" else "softmax"


def describe_output(classes: int, head: Head = "softmax") -> OutputDescription:
    """The output of a network in words.

    head: softmax over classes, a sigmoid for each of several tags, or an embedding with so many dimensions, which has
    no labels.
    """
    if head == "embedding":
        described = f"an embedding: a vector of length 1 with {classes} dimensions"
        return OutputDescription("embedding", described, smallest=-1.0, largest=1.0, labels="")
    return OutputDescription(
        name="probability",
        description=f"softmax over {classes} classes" if head == "softmax" else f"a sigmoid for each of {classes} tags",
        smallest=0.0,
        largest=1.0,
        labels="one class name a line, in the order of the output",
    )


def best_class(scores: NDArray[Any]) -> int:
    """The index of the highest of `scores` (classes,), as real values or as a file gives them; of equal ones the
    first.
    """
    return int(scores.argmax())


def best_class_per_photo(scores: NDArray[Any]) -> NDArray[np.int64]:
    """The index of the highest of each photo's `scores` (n, classes) -> (n,); of equal ones the first."""
    return scores.argmax(1)


def losses(logits: Any, labels: Any, soft: Any = None, *, temperature: float = 1.0, teacher_weight: float = 0.0) -> Any:
    """The cross entropy of each photo, (n,); with a teacher, the weighted sum of Hinton et al. 2015, section 2.

    logits (n, classes); labels (n,) int64; soft (n, classes): the teacher's softmax at `temperature`, or None.
    """
    from mobilenet_tf.keras_loader import tf

    hard = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    if soft is None:
        return hard
    # Gradients of the soft part shrink with the square of the temperature.
    return (1 - teacher_weight) * hard + teacher_weight * temperature**2 * tf.nn.softmax_cross_entropy_with_logits(
        soft, logits / temperature
    )


def soft_labels(logits: Any, temperature: float) -> Any:
    """The softmax of a teacher's `logits` (n, classes) at this temperature (Hinton et al. 2015, section 2, eq. 1)."""
    from mobilenet_tf.keras_loader import tf

    return tf.nn.softmax(logits / temperature)


def correct_predictions(logits: Any, labels: Any) -> Any:
    """1 for each photo whose best class is its label (n,), else 0: float32 (n,). The score while training."""
    from mobilenet_tf.keras_loader import tf

    return tf.cast(tf.argmax(logits, 1) == labels, tf.float32)


def best_classes(scores: Float32, labels: Sequence[Label], top: int) -> list[tuple[Label, float]]:
    """The `top` labels, or what else stands for classes, with the highest of `scores` (classes,), best first; of equal
    ones the first.
    """
    best = (-scores).argsort(kind="stable")[:top]
    return [(labels[index], float(scores[index])) for index in best]


def softmax(logits: Floats) -> Floats:
    """The softmax of logits (..., classes): the probabilities of each photo, which add up to 1, in the same type."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    probabilities: Floats = powers / powers.sum(-1, keepdims=True)
    return probabilities


def two_classes(second: Floats) -> Floats:
    """The probability of the second of two classes, (..., 1) -> those of both, (..., 2)."""
    both: Floats = np.concatenate([1 - second, second], -1)
    return both


def agreement(scores: Float32, reference: Float32) -> float:
    """The share of photos, (n, classes) each, on which both have the same best class."""
    return float(np.mean(best_class_per_photo(scores) == best_class_per_photo(reference)))


def top1(scores: Float32, ground_truth: Sequence[int | None]) -> float | None:
    """The share of photos whose best class is the true one, among those whose class is known; None if none is known."""
    known = [index for index, label in enumerate(ground_truth) if label is not None]
    if not known:
        return None
    return float(np.mean([best_class(scores[index]) == ground_truth[index] for index in known]))


def logits_model(model: "keras.Model", replace: Callable[[Any], Any] = lambda layer: layer) -> "keras.Model":
    """`model` up to what its last activation takes, for images of any resolution; the weights are shared.

    (n, any, any, 3) -> (n, classes). replace: called with each layer, gives the layer to use in its place.
    Raises ModelError for a model that ends otherwise.
    """
    from mobilenet_tf.keras_loader import keras

    trunk = keras.Model(model.inputs[0], _last_layer(model).input)
    image = keras.Input((None, None, 3))
    return keras.models.clone_model(trunk, input_tensors=image, clone_function=replace)


def classifier_layer(model: "keras.Model") -> "keras.Layer":
    """The layer that makes the logits. Raises ModelError for a model that ends otherwise."""
    return _last_layer(model).input._keras_history.operation


def split_classifier(arrays: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """A model's arrays in the order of Keras -> (those before the classifier, its kernel and bias)."""
    return [*arrays[:-2]], [*arrays[-2:]]


def classifier_shapes(channels: int, classes: int) -> list[tuple[int, ...]]:
    """The shapes of the classifier's kernel and bias, on features of so many channels."""
    return [(channels, classes), (classes,)]


def class_count(arrays: Sequence[NDArray[Any]]) -> int | None:
    """The number of classes of a model's arrays in the order of Keras; None if they do not end in a bias."""
    return arrays[-1].shape[0] if arrays and arrays[-1].ndim == 1 else None


def has_classifier(arrays: Sequence[NDArray[Any]]) -> bool:
    """Whether a model's arrays in the order of Keras end in the kernel and bias of a dense classifier."""
    return len(arrays) >= 2 and arrays[-2].ndim == 2


def _last_layer(model: "keras.Model") -> "keras.Layer":
    from mobilenet_tf.keras_loader import keras

    last = model.layers[-1]
    if not isinstance(last, keras.layers.Softmax) and head_of(model) == "softmax":
        raise ModelError(f"expected a model that ends in a softmax; {model.name} ends in {type(last).__name__}.")
    return last
