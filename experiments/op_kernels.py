"""`make bench-ops`: which ops of MobileNet V2 and V3 XNNPACK takes, in float and in int8, and what an op that it leaves
costs.

Each op stands between two convolutions on 28 x 28 x 96 values: the latency is that of the file less that of the two
convolutions alone, one inference on one thread, all files in turns.
"""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from export.convert import convert
from export.recipes import Recipe, parse_recipes
from mobilenet_tf.benchmark.environment import host_environment
from mobilenet_tf.quantization.hard_swish import split_hard_swish
from mobilenet_tf.quantization.keras_graph import graph_of
from mobilenet_tf.terminal import table
from mobilenet_tf.tflite.interpreter import Session

from .latency import medians_in_turns

RECIPES = parse_recipes("float32,int8")
SIZE, CHANNELS, ROUNDS = 28, 96, 300
IMAGES = np.random.default_rng(0).integers(0, 256, (8, SIZE, SIZE, 3), dtype=np.uint8)
ALONE = "the two convolutions alone"
SWISH, IN_ITS_PLACE = "HARD_SWISH", "ADD, MUL and MUL in its place"


def gate(x: Any) -> Any:
    """One value a channel, (n, 1, 1, channels), as squeeze-and-excite computes it."""
    return keras.layers.GlobalAveragePooling2D(keepdims=True)(x)


OPS: dict[str, Callable[[Any], Any]] = {
    ALONE: lambda x: x,
    SWISH: keras.layers.Activation("hard_swish"),
    IN_ITS_PLACE: keras.layers.Activation("hard_swish"),
    "LOGISTIC": keras.layers.Activation("sigmoid"),
    "LOGISTIC, MUL: swish": lambda x: x * keras.ops.sigmoid(x),
    "MUL of two images": lambda x: x * x,
    "MEAN, MUL by one value a channel": lambda x: x * gate(x),
    "RELU that is fused with nothing": lambda x: x * keras.layers.ReLU()(x),
}


def file_of(name: str, recipe: Recipe) -> bytes:
    """The file with the op of that name."""
    graph = graph_of(model(OPS[name]))
    return convert(split_hard_swish(graph) if name == IN_ITS_PLACE else graph, recipe, IMAGES)


def main() -> None:
    """Print the table."""
    files = {(name, recipe.name): file_of(name, recipe) for name in OPS for recipe in RECIPES}
    medians = medians_in_turns(files, ROUNDS)
    rows = []
    for name in OPS:
        row = [name]
        for recipe in RECIPES:
            left = Session(files[name, recipe.name]).left_by_xnnpack
            base = 0.0 if name == ALONE else medians[ALONE, recipe.name]
            row += [f"{1000 * (medians[name, recipe.name] - base):.0f}", ", ".join(left) or "none"]
        rows.append(row)
    header = ["op", *(f"{recipe.name} {column}" for recipe in RECIPES for column in ("us", "left by XNNPACK"))]
    print(table(header, rows))
    print(f"\nMedians of {ROUNDS} inferences on one thread of {host_environment().cpu}.")


def model(op: Callable[[Any], Any]) -> keras.Model:
    """`op` between two convolutions, whose values it cannot be fused with."""
    image = keras.Input((SIZE, SIZE, 3))
    x = keras.layers.Conv2D(CHANNELS, 1)(image)
    x = keras.layers.Conv2D(8, 1)(op(x))
    return keras.Model(image, keras.layers.GlobalAveragePooling2D()(x))


if __name__ == "__main__":
    main()
