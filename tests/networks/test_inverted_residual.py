import pytest

from mobilenet_tf.networks.inverted_residual import Block, inverted_residual, rounded
from mobilenet_tf.networks.layers import first_layer

SOURCE = first_layer("stem", "conv", 32, 16, kernel=(3, 3), strides=(2, 2), activation="relu6")


def layers(block):
    return list(inverted_residual(SOURCE, "block1", block))


@pytest.mark.parametrize(
    ("channels", "expected"),
    # 11.2 would become 8, which is less than nine tenths of it; 12 and 20 lie in the middle, and go up.
    [(1, 8), (8, 8), (11.2, 16), (12, 16), (16, 16), (19, 24), (20, 24), (41.6, 40), (1280 * 1.4, 1792)],
)
def test_channels_are_multiples_of_8_and_never_a_tenth_too_few(channels, expected):
    assert rounded(channels) == expected


def test_an_inverted_residual_expands_and_ends_in_a_linear_bottleneck():
    found = layers(Block(96, 16, 1, "relu6"))
    assert [(layer.type, layer.out_channels, layer.activation) for layer in found] == [
        ("pointwise", 96, "relu6"),
        ("depthwise", 96, "relu6"),
        ("pointwise", 16, "none"),
        ("add", 16, "none"),
    ]
    assert found[-1].inputs == ("stem", "block1_project")


@pytest.mark.parametrize("block", [Block(96, 16, 2, "relu6"), Block(96, 24, 1, "relu6")])
def test_its_input_is_added_only_to_an_output_of_the_same_shape(block):
    assert [layer.type for layer in layers(block)] == ["pointwise", "depthwise", "pointwise"]


def test_squeeze_and_excite_scales_each_channel_before_the_bottleneck():
    *_, squeeze, reduce, excite, scale, _, _ = layers(Block(96, 16, 1, "hard_swish", 5, squeezes=True))
    assert squeeze.out_size == reduce.out_size == excite.out_size == (1, 1)
    assert (reduce.out_channels, reduce.activation) == (24, "relu")
    assert (excite.out_channels, excite.activation) == (96, "hard_sigmoid")
    # Each has a bias and no batch norm.
    assert reduce.weight_shapes == [(1, 1, 96, 24), (24,)]
    assert scale.inputs == ("block1_depthwise", "block1_excite")
    assert scale.out_size == (16, 16)
