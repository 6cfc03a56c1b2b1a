"""Networks that are not read here, known by the names that Keras Applications gives their layers: for messages."""

import re
from collections.abc import Iterable

__all__ = ["network_named"]

# The name of a model, such as mobilenetv2_1.00_160.
MODEL_NAME = re.compile(
    r"(mobilenet_?v[2-4]|mobilenetv3|efficientnet|resnet|inception|xception|densenet|vgg|nasnet|convnext|regnet)",
    re.IGNORECASE,
)
# The name of a layer that only one kind of network has -> the network.
BY_LAYER = (
    (re.compile(r"block_\d+_(expand|project)"), "a MobileNetV2"),
    (re.compile(r"expanded_conv_\d+_|expanded_conv.*squeeze_excite"), "a MobileNetV3"),
    (re.compile(r"conv\d+_block\d+_\d_conv"), "a ResNet or DenseNet"),
    (re.compile(r"block\d[a-z]_expand"), "an EfficientNet"),
    (re.compile(r"block\d+_sepconv"), "an Xception"),
    (re.compile(r"block\d_conv\d"), "a VGG"),
)


def network_named(names: Iterable[str]) -> str | None:
    """What network has models, layers or weights of these names; None if they do not tell."""
    names = list(names)
    for name in names:
        if MODEL_NAME.match(name.rpartition("/")[2]):
            return name
    return next((network for layer, network in BY_LAYER if any(layer.search(name) for name in names)), None)
