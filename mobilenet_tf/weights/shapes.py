"""Recognize the network that some arrays fill by their number and shapes: any row of the table. TensorFlow-free."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from mobilenet_tf.networks.architectures import ARCHITECTURES
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import classifier_shapes

__all__ = ["batch_norm_after", "expected_shapes", "recognize"]

Shape = tuple[int, ...]

SMALLEST_RES = 32  # shapes of weights are the same at every resolution


def expected_shapes(spec: ModelSpec) -> list[tuple[str, Shape]]:
    """(layer name, shape) of every array of `spec`, in order."""
    shapes: list[tuple[str, Shape]] = []
    channels = 3
    for layer in spec.plan():
        shapes += [(layer.name, shape) for shape in layer.weight_shapes]
        channels = layer.out_channels
    return [*shapes, *(("classifier", shape) for shape in classifier_shapes(channels, spec.classes))]


def recognize(shapes: Sequence[Shape], likely: ModelSpec) -> ModelSpec | None:
    """The network whose arrays have these shapes, in any order; if none fits, the most similar with as many
    arrays; else None.

    likely: the network that the file or the options name; others are tried if it does not fit.
    """
    kernels = [shape for shape in shapes if len(shape) == 4 and shape[2] == 3]  # these take the three colours
    matrices = [shape for shape in shapes if len(shape) == 2]
    if not kernels or not matrices:
        return None
    first, (last, classes) = max(shape[3] for shape in kernels), matrices[-1]
    candidates = [replace(likely, classes=classes)]
    for row in (likely.architecture, *ARCHITECTURES.values()):
        alphas = [alpha for alpha in row.infer_alphas(first, last) if row.has_width(alpha)]
        candidates += [ModelSpec(row.name, alpha, likely.res, classes) for alpha in alphas]
    given, most_similar, most_shared = Counter(shapes), None, -1
    for candidate in candidates:
        expected = [shape for _, shape in expected_shapes(candidate)]
        shared = (given & Counter(expected)).total()
        if len(expected) == len(shapes) and shared == len(shapes):
            return candidate
        if len(expected) == len(shapes) and shared >= most_shared:
            most_similar, most_shared = candidate, shared
    return most_similar


def batch_norm_after(kernels: Sequence[Shape]) -> list[bool]:
    """Whether batch norm, which is folded, follows each convolution of a network: of one that is none of ours, each.

    kernels: the shapes of the convolutions' kernels in the order of the network, and that of the classifier's.
    """
    *convolutions, (last, *_) = kernels
    for row in ARCHITECTURES.values():
        for alpha in row.infer_alphas(kernels[0][-1], last):
            if not row.has_width(alpha):
                continue
            layers = [layer for layer in row.plan(alpha, SMALLEST_RES) if layer.weighted]
            if [layer.kernel_shape for layer in layers] == convolutions:
                return [layer.batch_norm for layer in layers]
    return [True] * len(convolutions)
