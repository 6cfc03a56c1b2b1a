"""How the networks of Keras Applications are fed, known by the names of their layers.

Checked against `preprocess_input` of each in tests/weights/test_applications_input.py.
"""

from collections.abc import Collection
from dataclasses import dataclass

from mobilenet_tf.tflite.given_input import Normalization
from mobilenet_tf.tflite.input_tensor import OUR_NORMALIZATION

__all__ = ["IMAGENET", "AsTrained", "input_by_names"]

# ImageNet's mean and standard deviation of red, green and blue.
IMAGENET = Normalization((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
CAFFE = Normalization((123.68, 116.779, 103.939), (1.0, 1.0, 1.0))


@dataclass(frozen=True)
class AsTrained:
    """How the images were given to a network when it was trained.

    family:        its name, for a note.
    normalization: of red, green and blue.
    takes_bgr:     whether the network takes them in the order of blue, green and red.
    """

    family: str
    normalization: Normalization
    takes_bgr: bool = False


# Names of layers that only this family has -> how it was trained. The first that fits holds: ResNetV2 has layers of
# ResNet's names too. MobileNetV3 and EfficientNetV2 rescale the image themselves unless they were built without it,
# and are then fed from -1 to 1.
FAMILIES: tuple[tuple[frozenset[str], AsTrained], ...] = tuple(
    (frozenset(layers), as_trained)
    for layers, as_trained in (
        (("conv_dw_1", "conv_pw_1"), AsTrained("MobileNet", OUR_NORMALIZATION)),
        (("Conv1", "block_1_expand"), AsTrained("MobileNetV2", OUR_NORMALIZATION)),
        (("conv", "expanded_conv_1_expand"), AsTrained("MobileNetV3", OUR_NORMALIZATION)),
        (("stem_conv", "block1a_project_conv", "block2a_expand_conv"), AsTrained("EfficientNetV2", OUR_NORMALIZATION)),
        (("stem_conv1", "reduction_conv_1_stem_1"), AsTrained("NASNet", OUR_NORMALIZATION)),
        (("mixed0", "mixed10"), AsTrained("InceptionV3", OUR_NORMALIZATION)),
        (("block2_sepconv1", "block14_sepconv2"), AsTrained("Xception", OUR_NORMALIZATION)),
        (("conv2_block1_preact_bn", "conv1_conv"), AsTrained("ResNetV2", OUR_NORMALIZATION)),
        (("conv2_block1_0_bn", "pool2_conv"), AsTrained("DenseNet", IMAGENET)),
        (("conv1_conv", "conv2_block1_1_conv"), AsTrained("ResNet", CAFFE, takes_bgr=True)),
        (("block1_conv1", "block5_conv3"), AsTrained("VGG", CAFFE, takes_bgr=True)),
    )
)


def input_by_names(names: Collection[str]) -> AsTrained | None:
    """How a network with layers of these names was trained; None if it is no network of Keras Applications."""
    held = {*names}
    return next((as_trained for layers, as_trained in FAMILIES if layers <= held), None)
