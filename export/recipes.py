"""The numeric recipes a model can be exported in.

A name says how weights and activations are stored:

    float32       weights and activations float32: the reference
    float16       weights float16, computed in float32: half the size, same answers
    dynamic_int8  weights int8, activations float32, quantized on the fly: a quarter of the size, no calibration
    int8          weights int8 per channel, activations int8 per tensor, every op integer: the one for phones
    int16x8       weights int8 per channel, activations int16, every op integer: if int8 loses too much
"""

from dataclasses import dataclass

from mobilenet_tf.errors import InputError

__all__ = ["CORRECTIONS", "RECIPES", "Recipe", "parse_recipes"]

CORRECTIONS = ("none", "fast", "best")  # what is done to keep quantized files as good as float; see quantize.py


@dataclass(frozen=True)
class Recipe:
    """weights, activations: how each is stored. integer: every op computes on integers, so it must be calibrated."""

    name: str
    weights: str
    activations: str
    integer: bool = False

    @property
    def quantized(self) -> bool:
        """Whether weights are int8: then they can be corrected."""
        return self.weights == "int8"

    @property
    def activations_dtype(self) -> str | None:
        """The type of activations while the graph runs: int8, int16, or None for floats."""
        return self.activations.split()[0] if self.integer else None

    def describe(self, *, per_tensor: bool = False, float_ops: str = "") -> str:
        """The recipe in a sentence.

        per_tensor: whether each kernel has one scale instead of one per channel.
        float_ops:  the ops of an integer file that compute in float, in words.
        """
        scales = (" per tensor" if per_tensor else " per channel") if self.quantized else ""
        suffix = f", every op integer{f' but {float_ops}' if float_ops else ''}" if self.integer else ""
        return f"{self.name}: weights {self.weights}{scales}, activations {self.activations}{suffix}"


RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("float32", "float32", "float32"),
        Recipe("float16", "float16", "float32"),
        Recipe("dynamic_int8", "int8", "float32, quantized on the fly"),
        Recipe("int8", "int8", "int8 per tensor", integer=True),
        Recipe("int16x8", "int8", "int16 per tensor", integer=True),
    )
}


def parse_recipes(names: str) -> tuple[Recipe, ...]:
    """`float32,int8` -> the recipes, in the order of the table, each once. Raises InputError."""
    chosen = {name.strip() for name in names.split(",") if name.strip()}
    unknown = sorted(chosen - RECIPES.keys())
    if unknown or not chosen:
        got = ", ".join(unknown) or "nothing"
        raise InputError(f"expected --quant to be any of {', '.join(RECIPES)}, comma-separated; got {got}.")
    return tuple(recipe for name, recipe in RECIPES.items() if name in chosen)
