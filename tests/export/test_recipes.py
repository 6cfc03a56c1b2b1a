import pytest

from export.recipes import RECIPES, parse_recipes
from mobilenet_tf.errors import InputError
from mobilenet_tf.networks.spec import RECIPE_NAMES


def test_recipes_parse_in_the_order_of_the_table():
    assert [r.name for r in parse_recipes("int8, float32,int8")] == ["float32", "int8"]


@pytest.mark.parametrize("names", ["", "int4", "int8,fp16"])
def test_unknown_recipes_are_refused_and_the_known_named(names):
    with pytest.raises(InputError, match="float32, float16, dynamic_int8, int8, int16x8"):
        parse_recipes(names)


def test_each_recipe_says_what_it_stores():
    assert RECIPES["int8"].describe() == "int8: weights int8 per channel, activations int8 per tensor, every op integer"
    assert (
        RECIPES["int16x8"].describe(per_tensor=True).startswith("int16x8: weights int8 per tensor, activations int16")
    )
    assert RECIPES["float16"].describe(per_tensor=True) == "float16: weights float16, activations float32"


def test_names_of_files_know_every_recipe():
    assert tuple(RECIPES) == RECIPE_NAMES
