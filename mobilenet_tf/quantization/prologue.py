"""What stands before a network's first layer: arithmetic on pixels, which becomes the normalization of its input.

The first nodes are not compared with a list of ops: they are run on a random image, and whatever they are, they can go
if they only rescale the channels of every pixel, and reorder them. TensorFlow is loaded with this module.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mobilenet_tf.keras_loader import tf
from mobilenet_tf.tflite.given_input import BYTES, Normalization
from mobilenet_tf.tflite.own_rescaling import usual_input

from .first_layers import border_sums, first_layers, reordered, rescaled
from .graph import IMAGE, Graph, Node
from .new_nodes import pixelwise_node, plain_node
from .ungroup import remove_nodes

__all__ = ["Prologue", "fitted", "for_bytes", "normalization_by_graph", "prologue_of", "without_prologue"]

LONGEST = 24  # nodes that are tried
SMALL_FACTOR = 0.1  # values from 0 to 1 or from -1 to 1 are never multiplied by as little
TOLERANCE = 1e-5  # of sums in float32, as a share of the largest value

Float64 = NDArray[np.float64]


@dataclass(frozen=True)
class Prologue:
    """What the first nodes of a graph make of each pixel: channel i becomes factor[i] * x[i] + offset[i].

    last:   the last of these nodes; IMAGE if there are none.
    factor: (channels,), above 0.
    offset: (channels,).
    order:  the channel of the input that each channel of the result is.
    """

    last: int
    factor: Float64
    offset: Float64
    order: tuple[int, ...]

    @property
    def rescales(self) -> bool:
        """Whether values change."""
        return not (np.allclose(self.factor, 1, atol=TOLERANCE) and np.allclose(self.offset, 0, atol=TOLERANCE))

    @property
    def reorders(self) -> bool:
        """Whether channels change places, as from RGB to BGR."""
        return self.order != tuple(range(len(self.order)))

    def after(self, normalization: Normalization) -> Normalization:
        """What bytes become behind these nodes, if they become `normalization` before them."""
        mean, std = (np.asarray(values, np.float64) for values in (normalization.mean, normalization.std))
        return as_normalization(mean - self.offset * std / self.factor, std / self.factor)


def as_normalization(mean: Float64, std: Float64) -> Normalization:
    """Of values for each channel (channels,), rounded to what sums in float32 can tell apart."""
    values = [[float(f"{value:.6g}") for value in each] for each in np.broadcast_arrays(mean, std)]
    one = all(len({*each}) == 1 for each in values)
    return Normalization(*(tuple(each[:1] if one else each) for each in values))


def is_channels_first(graph: Graph) -> bool:
    """Whether the image is (1, channels, h, w), as PyTorch has it."""
    return graph.input_shape[0] in (1, 3) and graph.input_shape[2] not in (1, 3)


def prologue_of(graph: Graph) -> Prologue:
    """The longest row of first nodes that does no more than rescale and reorder the channels of each pixel.

    Only bytes count, as graph.normalization makes them: a clip to values that they have anyway changes nothing.
    """
    channels = graph.input_shape[0 if is_channels_first(graph) else -1]
    found = Prologue(IMAGE, np.ones(channels), np.zeros(channels), tuple(range(channels)))
    if graph.nodes[0].kernel is not None:
        return found
    image = _random_image(graph, channels)
    x = np.moveaxis(image, -1, 1) if is_channels_first(graph) else image
    for index, y in graph.walk(tf.constant(x)):
        if index == LONGEST or graph.nodes[index].kernel is not None:
            break
        if any(user > index for before in range(IMAGE, index) for user in graph.consumers(before)):
            continue  # a later node takes what stands before this one
        prologue = _as_prologue(index, image[0], np.asarray(y)[0])
        if prologue is not None and _without(graph, prologue) is not None:
            found = prologue
    return found


def normalization_by_graph(graph: Graph) -> Normalization | None:
    """What bytes must become for a graph, if its first ops show it by rescaling them; None if they do not.

    If they make values far smaller, they take bytes.
    """
    found = prologue_of(replace(graph, normalization=BYTES))
    if not found.rescales:
        return None
    return usual_input(found.factor, found.offset) or (BYTES if found.factor.max() <= SMALL_FACTOR else None)


def without_prologue(graph: Graph, *, takes_bgr: bool = False) -> Graph:
    """The graph without its prologue, which graph.normalization has instead, and with the image as (1, h, w, channels).

    Channels that were reordered are reordered in the kernels of the first convolutions.
    takes_bgr: whether `graph` takes blue, green and red; graph.normalization is of red, green and blue all the same.
    """
    graph = _reversed(graph) if takes_bgr else graph
    result = _without(graph, prologue_of(graph))
    assert result is not None
    if not is_channels_first(result):
        return result
    channels, height, width = result.input_shape
    to_first = plain_node(
        "TRANSPOSE", "channels first", IMAGE, (1, *result.input_shape), {1: np.array([0, 3, 1, 2], np.int32)}
    )
    return replace(_beginning_with(to_first, result), input_shape=(height, width, channels))


def _reversed(graph: Graph) -> Graph:
    """The graph for RGB images, if it takes BGR images."""
    steps = np.ones(4, np.int32)
    steps[1 if is_channels_first(graph) else 3] = -1
    zeros = np.zeros(4, np.int32)
    whole = {"beginMask": 15, "endMask": 15}  # of all axes
    shape = (1, *graph.input_shape)
    node = plain_node("STRIDED_SLICE", "RGB to BGR", IMAGE, shape, {1: zeros, 2: zeros, 3: steps}, **whole)
    return _beginning_with(node, graph)


def _beginning_with(node: Node, graph: Graph) -> Graph:
    """The graph whose image goes through a node first."""
    nodes = (replace(each, inputs=tuple(source + 1 for source in each.inputs)) for each in graph.nodes)
    return replace(graph, nodes=(node, *nodes))


def _random_image(graph: Graph, channels: int) -> NDArray[np.float32]:
    """A random image with every byte in it, or with as many as there is room for, as the network takes it."""
    height, width = (length for length in graph.input_shape if length != channels)
    rng = np.random.default_rng(0)
    pixels = rng.integers(256, size=(1, height, width, channels), dtype=np.uint8)
    for channel in range(channels):
        places = rng.permutation(height * width)[:256]
        pixels.reshape(-1, channels)[places, channel] = np.linspace(0, 255, len(places)).astype(np.uint8)
    return graph.normalize(pixels)


def _as_prologue(last: int, image: NDArray[np.float32], y: NDArray[Any]) -> Prologue | None:
    """How `y` follows from an image (h, w, channels), if channel by channel and in proportion."""
    height, width, channels = image.shape
    if y.shape == (channels, height, width) != image.shape:
        y = np.moveaxis(y, 0, -1)
    if y.shape != image.shape:
        return None
    return fitted(image.reshape(-1, channels), y.reshape(-1, channels), last)


def fitted(x: NDArray[Any], y: NDArray[Any], last: int = IMAGE) -> Prologue | None:
    """How pixels `y` follow from pixels `x`, (n, channels) each, if channel by channel and in proportion; else None."""
    channels = x.shape[1]
    order, lines = [], np.zeros((channels, 2))
    for values in y.T:
        fits = [_line(x[:, channel], values) for channel in range(channels)]
        best = next((channel for channel in range(channels) if fits[channel] is not None), None)
        if best is None or best in order:
            return None
        order.append(best)
        lines[best] = fits[best]
    return Prologue(last, lines[:, 0], lines[:, 1], tuple(order))


def _line(x: NDArray[Any], y: NDArray[Any]) -> Float64 | None:
    """(factor, offset) of the line on which all values lie, the factor above 0; None if they do not."""
    x, y = x.astype(np.float64), y.astype(np.float64)
    deviations = x - x.mean()
    factor = deviations @ y / (deviations @ deviations)
    offset = y.mean() - factor * x.mean()
    off = np.abs(factor * x + offset - y).max()
    return np.array([factor, offset]) if factor > 0 and off <= TOLERANCE * np.abs(y).max() else None


def _without(graph: Graph, prologue: Prologue) -> Graph | None:
    """The graph behind a prologue; None if the order of its channels cannot be folded into what follows."""
    if prologue.last == IMAGE:
        return graph
    removed = dict.fromkeys(range(prologue.last + 1), IMAGE)
    _, *shape = graph.nodes[prologue.last].shape
    # The factors of what only moves pixels are 1 but for the rounding of sums.
    normalization = prologue.after(graph.normalization) if prologue.rescales else graph.normalization
    rest = remove_nodes(
        replace(graph, input_shape=(shape[0], shape[1], shape[2]), normalization=normalization), removed
    )
    if not prologue.reorders:
        return rest
    layers = None if is_channels_first(rest) else first_layers(rest)
    return None if layers is None else reordered(rest, layers, prologue.order)


def for_bytes(graph: Graph) -> Graph:
    """The same function with one mean and one standard deviation for all channels, so that bytes go in as they are.

    What differs between channels is folded into the first layers, or into a depthwise convolution of one pixel if the
    image goes to another op first. Where the image is padded with zeros before a layer, a byte other than each
    channel's mean is padded now: the mean is chosen so that these borders change least.
    """
    mean, std = (np.array(values, np.float64) for values in (graph.normalization.mean, graph.normalization.std))
    if len({*mean}) == len({*std}) == 1 and -0.5 < mean[0] <= 255.5:
        return graph
    channels = graph.input_shape[-1]
    mean, std = (np.broadcast_to(values, channels) for values in (mean, std))
    layers = first_layers(graph)
    if layers is None:
        return _with_pixelwise_layer(graph, mean, std)
    sums = border_sums(graph, layers) / std
    # The outputs at the border change by (sums * (m - mean)).sum(1): the m for which the squares of that are least.
    unit, needed = sums.sum(1), (sums * mean).sum(1)
    best = unit @ needed / (unit @ unit) if unit.any() else mean.mean()
    middle, width = float(np.clip(np.rint(best), 0, 255)), float(std.mean())
    changed = rescaled(graph, layers, width / std, (middle - mean) / std)
    return replace(changed, normalization=as_normalization(np.array([middle]), np.array([width])))


def _with_pixelwise_layer(graph: Graph, mean: Float64, std: Float64) -> Graph:
    """The graph for bytes from 0 to 1, with a first layer that normalizes each channel."""
    shape = (1, *graph.input_shape)
    layer = pixelwise_node("normalization", IMAGE, shape, 255 / std, -mean / std)
    return replace(_beginning_with(layer, graph), normalization=Normalization((0.0,), (255.0,)))
