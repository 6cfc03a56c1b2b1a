"""One row of a network's plan. From it the layer is built, its weights are checked, and its cost is counted.

TensorFlow-free.
"""

from dataclasses import dataclass, replace

__all__ = ["Layer", "first_layer"]

Size = tuple[int, int]

WEIGHTED = ("conv", "depthwise", "pointwise")
GLOBAL = ("squeeze", "pool")  # these average over all positions


@dataclass(frozen=True)
class Layer:
    """One layer. Sizes are (height, width).

    type:       conv, depthwise or pointwise; max_pool, average_pool; squeeze, the average of each channel inside a
                network; pool, the same at its end, if layers follow before the classifier; shuffle; or add, multiply
                and concat, which join two inputs.
    inputs:     the names of the layers whose outputs it takes; empty: the layer before it.
    groups:     number of groups of a convolution or a shuffle.
    activation: relu6, relu, hard_swish, hard_sigmoid or none, after batch norm or after joining.
    batch_norm: whether batch norm follows a convolution; else it has a bias.
    """

    name: str
    type: str
    kernel: Size
    strides: Size
    in_size: Size
    in_channels: int
    out_channels: int
    groups: int = 1
    activation: str = "none"
    inputs: tuple[str, ...] = ()
    batch_norm: bool = True

    @property
    def weighted(self) -> bool:
        """Whether it has a kernel, and batch norm or a bias after it."""
        return self.type in WEIGHTED

    @property
    def weight_shapes(self) -> list[tuple[int, ...]]:
        """The shapes of its arrays in the order of Keras: the kernel, then batch norm's four, or the bias."""
        if not self.weighted:
            return []
        return [self.kernel_shape, *[(self.out_channels,)] * (4 if self.batch_norm else 1)]

    @property
    def out_size(self) -> Size:
        """The size of its output, with `same` padding."""
        if self.type in GLOBAL:
            return 1, 1
        (height, width), (down, across) = self.in_size, self.strides
        return -(-height // down), -(-width // across)

    @property
    def kernel_shape(self) -> tuple[int, int, int, int]:
        """In Keras layout: (height, width, in / groups, out), or (height, width, channels, 1) if depthwise."""
        if self.type == "depthwise":
            return *self.kernel, self.in_channels, 1
        return *self.kernel, self.in_channels // self.groups, self.out_channels

    def then(
        self,
        name: str,
        type: str,
        out_channels: int | None = None,
        *,
        kernel: Size = (1, 1),
        strides: Size = (1, 1),
        groups: int = 1,
        activation: str = "none",
        inputs: tuple[str, ...] = (),
    ) -> "Layer":
        """The layer that takes this one's output. out_channels: None for as many as its input has."""
        out = self.out_channels if out_channels is None else out_channels
        return Layer(name, type, kernel, strides, self.out_size, self.out_channels, out, groups, activation, inputs)

    def then_biased(self, name: str, out_channels: int, activation: str) -> "Layer":
        """The pointwise convolution with a bias and without batch norm that takes this one's output."""
        return replace(self.then(name, "pointwise", out_channels, activation=activation), batch_norm=False)


def first_layer(
    name: str, type: str, res: int, out_channels: int, *, kernel: Size, strides: Size = (1, 1), activation: str
) -> Layer:
    """The layer that takes the image, (res, res, 3)."""
    return Layer(name, type, kernel, strides, (res, res), 3, out_channels, activation=activation)
