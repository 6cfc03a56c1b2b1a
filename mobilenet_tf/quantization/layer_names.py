"""The names of layers, found in the names that converters give to tensors."""

import re

__all__ = ["readable_name"]

# The names that Keras and TensorFlow give to the ops of a layer.
_OP_NAME = re.compile(
    r"(add|sub|mul|pow|truediv|rsqrt|batchnorm|convolution|depthwise|separable_conv2d|conv2d|biasadd|matmul|relu6?|"
    r"softmax|sigmoid|readvariableop|resource|fusedbatchnormv3|mean|reshape|const|hard_swish|pad(v2)?|addv2|concat|"
    r"transpose|shape|squeeze|cast|maxpool(2d)?|avgpool(2d)?|max|identity)_?\d*(_\d+)?",
    re.IGNORECASE,
)


def readable_name(tensor: str, op: str) -> str:
    """`model_1/block1_relu_1/Relu6;model_1/block1_1/convolution` -> `block1`: the layer that an op's output is of."""
    paths = [[part for part in path.split("/") if not _OP_NAME.fullmatch(part)] for path in tensor.split(";")]
    # A convolution lends its name to the batch norm and the activation that are folded into it.
    layers = [path[-1].removesuffix("_1") for path in paths if len(path) > 1]
    return min(layers, key=len, default=op.lower())
