"""The networks of Keras Applications whose files of weights alone are read, and what tells them apart."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ROWS", "Row", "rows_for"]


@dataclass(frozen=True)
class Row:
    """A network of Keras Applications.

    builder: the function of keras.applications. arrays: how many weights it has without its classifier, the count that
    a Normalization keeps left out. res: its default resolution. options: of the builder. alphas: its widths.
    """

    builder: str
    arrays: int
    res: int = 224
    options: dict[str, Any] = field(default_factory=dict)
    alphas: tuple[float, ...] = ()

    def builds(self) -> Iterator[dict[str, Any]]:
        """The options of the builder, for each width."""
        for alpha in self.alphas:
            yield {**self.options, "alpha": alpha}
        if not self.alphas:
            yield self.options


V2_ALPHAS = (1.0, 0.35, 0.5, 0.75, 1.3, 1.4)
V3_ALPHAS = (1.0, 0.75)
MINIMAL = {"minimalistic": True}
ROWS = (
    Row("MobileNetV2", 260, alphas=V2_ALPHAS),
    Row("MobileNetV3Small", 206, alphas=V3_ALPHAS),
    Row("MobileNetV3Small", 170, options=MINIMAL, alphas=V3_ALPHAS),
    Row("MobileNetV3Large", 262, alphas=V3_ALPHAS),
    Row("MobileNetV3Large", 230, options=MINIMAL, alphas=V3_ALPHAS),
    Row("EfficientNetB0", 311),
    Row("EfficientNetB1", 439, 240),
    Row("EfficientNetB2", 439, 260),
    Row("EfficientNetB3", 496, 300),
    Row("EfficientNetB4", 610, 380),
    Row("EfficientNetV2B0", 359),
    Row("EfficientNetV2B1", 441, 240),
    Row("EfficientNetV2B2", 460, 260),
    Row("EfficientNetV2B3", 536, 300),
    Row("EfficientNetV2S", 670, 384),
    Row("ResNet50", 318),
    Row("ResNet50V2", 270),
    Row("DenseNet121", 604),
    Row("DenseNet169", 844),
    Row("DenseNet201", 1004),
    Row("Xception", 234, 299),
    Row("NASNetMobile", 1124),
    Row("VGG16", 26),
    Row("VGG19", 32),
)
HEADS = (2, 4, 0)  # weights of a classifier: one dense layer, the two layers of MobileNetV3, none


def rows_for(arrays: int) -> Iterator[tuple[Row, int]]:
    """Each network that a file of so many arrays may hold, with how many of them are its classifier's."""
    for head in HEADS:
        yield from ((row, head) for row in ROWS if row.arrays + head == arrays)
