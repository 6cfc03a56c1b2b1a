"""SSD and SSDLite over a network of the table: feature maps, extra layers, heads. TensorFlow-free.

Liu et al. 2016 with the feature maps of Howard et al. 2017 (section 4.6), as TensorFlow's ssd_mobilenet_v1 has them;
with depthwise separable extra layers and heads: Sandler et al. 2018, section 6.2. What these leave open is that of
https://github.com/tensorflow/models/tree/master/research/object_detection.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .anchors import ANCHORS_PER_CELL
from .layers import Layer

__all__ = ["BOX_VALUES", "SsdPlan", "backbone_layers", "plan"]

# Channels of the four feature maps after the backbone, at a width multiplier of 1; never fewer than FEWEST_CHANNELS.
EXTRA_CHANNELS = (512, 256, 256, 128)
FEWEST_CHANNELS = 16
BOX_VALUES = 4  # of each anchor: how the centre and the size of the object differ from it


@dataclass(frozen=True)
class SsdPlan:
    """All layers of a detector in order, and the names of those whose outputs are read, one for each feature map.

    box_heads: their outputs are (height, width, anchors * 4). class_heads: (height, width, anchors * classes).
    """

    layers: Sequence[Layer]
    features: Sequence[Layer]
    box_heads: Sequence[Layer]
    class_heads: Sequence[Layer]

    @property
    def feature_sizes(self) -> list[tuple[int, int]]:
        """(height, width) of each feature map."""
        return [layer.out_size for layer in self.features]


def backbone_layers(layers: Sequence[Layer]) -> tuple[list[Layer], Layer, Layer]:
    """A network's layers -> (those that a detector keeps, its first and its second feature map).

    The first map is what the last layer of stride 2 takes: of MobileNet V1 the output of its 11th block, of V2 and V3
    the expansion inside the block that ends at stride 32. The second is the last layer before the average.
    """
    names = [layer.type for layer in layers]
    kept = [*layers[: names.index("pool")]] if "pool" in names else [*layers]
    last_stride = max(number for number, layer in enumerate(kept) if layer.strides == (2, 2))
    return kept, kept[last_stride - 1], kept[-1]


def plan(backbone: Sequence[Layer], alpha: float, classes: int, lite: bool) -> SsdPlan:
    """The layers of the detector on a network's layers.

    alpha: width multiplier of the extra layers, which is that of the backbone. lite: SSDLite.
    """
    layers, *features = backbone_layers(backbone)
    for number, channels in enumerate(EXTRA_CHANNELS, len(features)):
        added = list(_extra(features[-1], f"extra{number}", max(int(channels * alpha), FEWEST_CHANNELS), lite))
        layers += added
        features.append(added[-1])
    boxes: list[Layer] = []
    scores: list[Layer] = []
    for number, (source, anchors) in enumerate(zip(features, ANCHORS_PER_CELL, strict=True)):
        for heads, name, values in ((boxes, f"boxes{number}", BOX_VALUES), (scores, f"classes{number}", classes)):
            added = list(_head(source, name, anchors * values, lite))
            layers += added
            heads.append(added[-1])
    return SsdPlan(layers, features, boxes, scores)


def _extra(source: Layer, name: str, channels: int, lite: bool) -> Iterator[Layer]:
    """1x1 to half the channels, then 3x3 of stride 2."""
    half = max(channels // 2, FEWEST_CHANNELS)
    yield (x := source.then(f"{name}_reduce", "pointwise", half, activation="relu6"))
    if lite:
        yield (x := x.then(f"{name}_depthwise", "depthwise", kernel=(3, 3), strides=(2, 2), activation="relu6"))
        yield x.then(f"{name}_pointwise", "pointwise", channels, activation="relu6")
    else:
        yield x.then(f"{name}_conv", "conv", channels, kernel=(3, 3), strides=(2, 2), activation="relu6")


def _head(source: Layer, name: str, values: int, lite: bool) -> Iterator[Layer]:
    """A pointwise convolution with a bias; of SSDLite a depthwise 3x3 before it."""
    first = source.then(f"{name}_depthwise", "depthwise", kernel=(3, 3), activation="relu6", inputs=(source.name,))
    if lite:
        yield first
        yield first.then_biased(name, values, "none")
    else:
        yield replace(source.then_biased(name, values, "none"), inputs=(source.name,))
