"""Small .tflite files with the ops that LiteRT Torch writes for a PyTorch network: an image of channels first."""

import numpy as np
from ai_edge_litert import schema_py_generated as schema

from mobilenet_tf.tflite.flatbuffer import pack
from mobilenet_tf.tflite.model_builder import ModelBuilder

RES = 32
MEAN, STD = (np.array(values, np.float32) for values in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
LAST, FIRST = (0, 2, 3, 1), (0, 3, 1, 2)
NONE, RELU6, SAME, VALID = 0, 3, 0, 1  # of the schema


def torch_file(*, normalizes=False, pairs=False):
    """A classifier of 5 classes that gives logits, (1, 3, 32, 32) -> (1, 5).

    normalizes: whether it takes bytes and normalizes them by ImageNet's mean and standard deviation itself.
    pairs:      whether its activations have channels first throughout, and each op of channels last stands between two
                transposes, as older converters left it.
    """
    net = _Net(pairs=pairs)
    image = x = net.input((1, 3, RES, RES))
    if normalizes:
        x = net.elementwise("MUL", x, np.array(1 / 255, np.float32))
        x = net.elementwise("SUB", x, MEAN.reshape(1, 3, 1, 1))
        x = net.elementwise("MUL", x, 1 / STD.reshape(1, 3, 1, 1))
    x = x if pairs else net.transposed(x, LAST)
    x = net.pixels(net.padded, x)
    x = net.pixels(net.convolution, x, 8, size=3, stride=2)
    x = net.pixels(net.depthwise, x)
    x = net.add("HARD_SWISH", [x])
    x = net.pixels(net.padded, x, lowest=True)
    x = net.pixels(net.pooled, x, "MAX_POOL_2D", size=3, stride=2)
    y = net.pixels(net.convolution, x, 8, size=1, stride=1)
    x = net.elementwise("ADD", x, net.elementwise("MUL", y, net.add("LOGISTIC", [y])))
    x = net.pixels(net.pooled, x, "AVERAGE_POOL_2D", size=2, stride=2)
    axes = np.array([2, 3] if pairs else [1, 2], np.int32)
    x = net.add("MEAN", [x, axes], (1, 8), schema.ReducerOptionsT())
    return pack(net.finish(image, net.dense(x, 5)))


class _Net(ModelBuilder):
    """The builder, with the shapes of its tensors and random weights."""

    def __init__(self, *, pairs):
        super().__init__("as of LiteRT Torch")
        self.pairs, self.shapes, self.rng = pairs, {}, np.random.default_rng(0)

    def input(self, shape):
        index = self.tensor("serving_default_args_0:0", "float32", shape)
        self.shapes[index] = shape
        return index

    def add(self, op, inputs, shape=None, options=None, version=1):
        """Append an op; inputs are tensors, or values of constants."""
        places = [self.constant("constant", x) if isinstance(x, np.ndarray) else x for x in inputs]
        shape = self.shapes[places[0]] if shape is None else shape
        output = self.tensor(f"{op}:0", "float32", shape)
        self.op(op, version, places, output, options)
        self.shapes[output] = tuple(shape)
        return output

    def elementwise(self, op, x, y):
        return self.add(op, [x, y], options={"ADD": schema.AddOptionsT, "SUB": schema.SubOptionsT}.get(op, Mul)())

    def transposed(self, x, order):
        shape = [self.shapes[x][axis] for axis in order]
        return self.add("TRANSPOSE", [x, np.array(order, np.int32)], shape, schema.TransposeOptionsT())

    def pixels(self, op, x, *values, **options):
        """An op of channels last, between two transposes if channels come first."""
        if not self.pairs:
            return op(x, *values, **options)
        return self.transposed(op(self.transposed(x, LAST), *values, **options), FIRST)

    def padded(self, x, *, lowest=False):
        n, height, width, channels = self.shapes[x]
        edges = np.array([[0, 0], [1, 1], [1, 1], [0, 0]], np.int32)
        shape = (n, height + 2, width + 2, channels)
        if lowest:
            return self.add("PADV2", [x, edges, np.array(-np.inf, np.float32)], shape, schema.PadV2OptionsT())
        return self.add("PAD", [x, edges], shape, schema.PadOptionsT())

    def convolution(self, x, channels, *, size, stride):
        n, height, width, before = self.shapes[x]
        kernel = self.rng.normal(0, (2 / (size * size * before)) ** 0.5, (channels, size, size, before))
        options = schema.Conv2DOptionsT()
        options.padding, options.strideH, options.strideW = VALID, stride, stride
        options.dilationHFactor = options.dilationWFactor = 1
        options.fusedActivationFunction = RELU6 if size > 1 else NONE
        shape = (n, (height - size) // stride + 1, (width - size) // stride + 1, channels)
        return self.add("CONV_2D", [x, np.float32(kernel), self.bias(channels)], shape, options)

    def depthwise(self, x):
        channels = self.shapes[x][-1]
        options = schema.DepthwiseConv2DOptionsT()
        options.padding, options.strideH, options.strideW, options.depthMultiplier = SAME, 1, 1, 1
        options.dilationHFactor = options.dilationWFactor = 1
        kernel = self.rng.normal(0, 0.5, (1, 3, 3, channels)).astype(np.float32)
        return self.add("DEPTHWISE_CONV_2D", [x, kernel, self.bias(channels)], options=options)

    def pooled(self, x, op, *, size, stride):
        n, height, width, channels = self.shapes[x]
        options = schema.Pool2DOptionsT()
        options.padding, options.strideH, options.strideW = VALID, stride, stride
        options.filterHeight = options.filterWidth = size
        return self.add(op, [x], (n, (height - size) // stride + 1, (width - size) // stride + 1, channels), options)

    def dense(self, x, outputs):
        kernel = self.rng.normal(0, 2, (outputs, self.shapes[x][-1])).astype(np.float32)
        return self.add(
            "FULLY_CONNECTED", [x, kernel, self.bias(outputs)], (1, outputs), schema.FullyConnectedOptionsT()
        )

    def bias(self, channels):
        return self.rng.normal(0, 0.2, channels).astype(np.float32)


Mul = schema.MulOptionsT
