import pytest

from mobilenet_tf.networks.cost import layer_costs
from mobilenet_tf.networks.effnet import plan
from mobilenet_tf.networks.spec import ModelSpec


def costs(**options):
    return {cost.name: cost.mult_adds for cost in layer_costs(ModelSpec("effnet", **options))}


def test_a_block_is_figure_1c():
    block = list(plan(1.0, res=32))[5:10]
    assert [(layer.type, layer.kernel, layer.strides) for layer in block] == [
        ("pointwise", (1, 1), (1, 1)),
        ("depthwise", (1, 3), (1, 1)),
        ("max_pool", (2, 1), (2, 1)),
        ("depthwise", (3, 1), (1, 1)),
        ("conv", (2, 1), (1, 2)),
    ]
    assert [layer.out_channels for layer in block] == [64, 64, 64, 64, 128]
    assert [layer.out_size for layer in block] == [(16, 16), (16, 16), (8, 16), (8, 16), (8, 8)]


def test_channels_are_the_papers():
    found = [layer.out_channels for layer in plan(1.0, res=32) if layer.type in ("pointwise", "conv")]
    assert found == [32, 64, 64, 128, 128, 256]


def test_the_spatial_pair_costs_half_of_a_3x3_depthwise_convolution():
    found, positions, channels = costs(res=32), 16 * 16, 64
    pair = found["block2_row"] + found["block2_column"]
    # 3 products a position, and 3 more on the half that the pooling leaves; 3x3 has 9.
    assert pair == positions * channels * 9 // 2


def test_the_first_block_saves_a_quarter_of_a_plain_first_layer():
    found = costs(res=32)
    plain = 32 * 32 * 3 * 3 * 3 * 64
    block = sum(cost for name, cost in found.items() if name.startswith("block1"))
    # The paper says 30 %, of a count that it does not give.
    assert 1 - block / plain == pytest.approx(0.27, abs=0.005)
